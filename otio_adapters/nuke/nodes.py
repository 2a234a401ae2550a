"""Nodes of a Nuke script as text. A knob is text that stands in the script as it is.

A .nk file is a stack machine in Tcl's syntax: each node takes its inputs from the stack, the last pushed first, and is
pushed itself. A curve is written `{curve L x1001 3.5 x1120 4.25}`: L is straight lines between keys; before the first and
after the last key the value is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...core.errors import FormatError

Keys = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Node:
    """One node: its class, its knobs in order, and how many inputs it takes from the stack."""

    kind: str
    knobs: dict[str, str] = field(default_factory=dict)
    inputs: int = 1

    @property
    def name(self) -> str:
        """What the knob `name` says."""
        return self.knobs.get("name", "")

    def text(self) -> str:
        """As it stands in a script."""
        lines = [f"{self.kind} {{"]
        if self.inputs != 1:
            lines.append(f" inputs {self.inputs}")
        lines += [f" {name} {value}" for name, value in self.knobs.items()]
        return "\n".join([*lines, "}"])


def script_text(nodes: Iterable[Node]) -> str:
    """A whole script; lines end in LF."""
    return "\n".join(node.text() for node in nodes) + "\n"


def number(value: float) -> str:
    """A number, short and without an exponent; a billionth of a pixel is left out."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def curve(keys: Keys) -> str:
    """One component: a number where it never changes, else a curve of straight lines. Keys that lie on a line are left out."""
    kept = _corners(keys)
    if len({value for _, value in kept}) == 1:
        return number(kept[0][1])
    return "{curve L " + " ".join(f"x{frame} {number(value)}" for frame, value in kept) + "}"


def animated(*components: Keys) -> str:
    """A knob of one component or several. A knob that never changes is written plainly."""
    texts = [curve(keys) for keys in components]
    moving = any(text.startswith("{") for text in texts)
    if len(texts) == 1:
        return "{" + texts[0] + "}" if moving else texts[0]
    return "{" + " ".join(texts) + "}"


def _corners(keys: Keys) -> list[tuple[int, float]]:
    """The keys without those that lie, exactly, on the line through their neighbours."""
    kept: list[tuple[int, float]] = []
    for key in keys:
        while len(kept) > 1 and _on_line(kept[-2], kept[-1], key):
            kept.pop()
        kept.append(key)
    return kept


def _on_line(a: tuple[int, float], b: tuple[int, float], c: tuple[int, float]) -> bool:
    return (b[1] - a[1]) * (c[0] - a[0]) == (c[1] - a[1]) * (b[0] - a[0])


def quoted(text: str) -> str:
    """A text in quotes, as Tcl reads it. Raises FormatError where Nuke would run what stands in it, or where it has line breaks."""
    if "[" in text or any(ord(c) < 32 for c in text):
        raise FormatError(f"{text!r}: Nuke takes what stands in [ ] for a program, also in a file's name", "rename the file, or write .otio")
    for c in '\\"$':
        text = text.replace(c, "\\" + c)
    return f'"{text}"'
