"""The nodes in a .nk that genlock's worker wrote, moved to the frames of a person's script. Knows only what that writer writes.

Script frames of such a .nk are the files' own: the numbers of a sequence; a movie counts from 1. In a person's script a Read may show
the same file at other frames. With `later` by how much, a curve's keys move with the ref, and the frames that it names with the clip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_NODE = re.compile(r"^(\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"x(-?\d+) (-?[\d.]+)")
PREFIX = "genlock_"
CLIP, REF = "clip", "ref"
"""The names of the two inputs, in place of the .nk's own Reads."""


class NotOurs(Exception):
    """The text is no script as genlock writes it."""


@dataclass(frozen=True)
class Part:
    """A node: what it does, its class, its knobs as they stand in a script, and where its inputs come from, the first one first."""

    name: str
    """time, space, format, nothing, seen, check, map, cover; clip and ref are the inputs."""
    kind: str
    knobs: dict[str, str]
    inputs: tuple[str, ...]

    def text(self) -> str:
        """The knobs, one a line, as nuke.Node.readKnobs takes them."""
        return "\n".join(f"{name} {value}" for name, value in self.knobs.items())


def parts(text: str) -> list[Part]:
    """The nodes between the two Reads and the end, in the script's order. Raises NotOurs."""
    try:
        return _parts(text)
    except (ValueError, KeyError) as error:
        raise NotOurs(f"a node of the script is not as genlock writes it ({type(error).__name__})") from error


def _parts(text: str) -> list[Part]:
    stack: list[str] = []
    found: list[Part] = []
    for kind, body in _NODE.findall(text):
        knobs = dict(line.strip().split(" ", 1) for line in body.splitlines())
        if kind == "Root":
            continue
        count = int(knobs.pop("inputs", "1"))
        name = knobs.pop("name", "")
        if not name.startswith(PREFIX) or count > len(stack):
            raise NotOurs(f"{kind} {name} is no node of genlock's")
        taken = tuple(stack.pop() for _ in range(count))
        name = name[len(PREFIX) :]
        stack.append(name)
        if name not in (CLIP, REF):
            found.append(Part(name, kind, knobs, taken))
    if len(stack) != 1 or not found or found[-1].name != "check":
        raise NotOurs("the script does not end in one comparison")
    return found


def moved(nodes: list[Part], clip_later: int, ref_later: int) -> list[Part]:
    """The nodes for a script that shows the clip and the ref that many frames later than their own numbers. Raises NotOurs."""
    try:
        return _all_moved(nodes, clip_later, ref_later)
    except (ValueError, KeyError) as error:
        raise NotOurs(f"a knob of the script is not as genlock writes it ({type(error).__name__})") from error


def _all_moved(nodes: list[Part], clip_later: int, ref_later: int) -> list[Part]:
    out = [_moved(node, clip_later, ref_later) for node in nodes]
    if clip_later != ref_later and not any(node.name == "time" for node in nodes):
        offset = Part("time", "TimeOffset", {"time_offset": str(ref_later - clip_later)}, (CLIP,))
        out = [offset, *(replace(node, inputs=tuple("time" if name == CLIP else name for name in node.inputs)) for node in out)]
    return out


def by_map(nodes: list[Part], file: str, first: int, last: int, begins: int, size_wh: tuple[int, int]) -> list[Part]:
    """The nodes with ST maps in place of Transform or CornerPin2D; what a map's alpha says is not covered becomes black.

    file          of the maps, with its %04d; first, last  their numbers
    begins        the script frame of the first one
    size_wh       of the maps, which is the ref's
    """
    w, h = size_wh
    knobs = {
        "file": quoted(file.replace("\\", "/")), "format": f'"{w} {h} 0 0 {w} {h} 1 "', "first": str(first), "last": str(last),
        "origfirst": str(first), "origlast": str(last), "origset": "true", "frame_mode": '"start at"', "frame": str(begins), "raw": "true",
    }  # fmt: skip
    before = next((node.name for node in nodes if node.name == "time"), CLIP)
    laying = [
        Part("map", "Read", knobs, ()),
        Part("space", "STMap", {"channels": "rgba", "uv": "rgb", "filter": "Lanczos4"}, (before, "map")),
        Part("cover", "Merge2", {"operation": "mask", "bbox": "B"}, ("space", "map")),
    ]
    rest = [node for node in nodes if node.name not in ("time", "space", "format")]
    rest = [replace(node, inputs=tuple("cover" if name in ("space", "format", "time", CLIP) else name for name in node.inputs)) for node in rest]
    return [*(node for node in nodes if node.name == "time"), *laying, *rest]


def quoted(text: str) -> str:
    """A text in quotes, as Tcl reads it. Raises ValueError where Nuke would run what stands in it."""
    if "[" in text:
        raise ValueError(f"Nuke takes what stands in [ ] for a program, also in a file's name: {text}")
    for c in '"$':
        text = text.replace(c, "\\" + c)
    return f'"{text}"'


def _moved(node: Part, clip_later: int, ref_later: int) -> Part:
    knobs = {name: _curve(value, ref_later, clip_later if name == "lookup" else 0) for name, value in node.knobs.items()}
    if node.kind == "TimeOffset":
        knobs["time_offset"] = str(int(knobs["time_offset"]) + ref_later - clip_later)
    elif node.kind == "FrameHold":
        knobs["firstFrame"] = str(int(knobs["firstFrame"]) + clip_later)
    return replace(node, knobs=knobs)


def _curve(value: str, later: int, more: int) -> str:
    """A knob's text with its keys `later`, and their values `more`."""
    if "curve" not in value:
        return value
    return _KEY.sub(lambda key: f"x{int(key[1]) + later} {_sum(key[2], more)}", value)


def _sum(number: str, more: int) -> str:
    """A decimal number and a whole one, digits after the point kept as they are."""
    if not more:
        return number
    text = f"{float(number) + more:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
