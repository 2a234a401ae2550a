"""Fills a Genlock node with an answer. What a person did inside stays; the nodes that genlock made are set anew, in place.

The nodes are built one by one, from the .nk that the worker wrote, and not pasted: pasting joins nodes to whatever is selected, brings
Reads of its own, counts frames as the files do, and can only add. Each knob is read as the script has it, by Nuke's own reader of scripts.
"""

from __future__ import annotations

from collections.abc import Iterator

import nuke

from .group import CLIP, REF, SHOWN, made, mark
from .script import PREFIX, Part

_OLDER = {"firstFrame": "first_frame"}
"""Names of knobs in an older Nuke."""


def fill(group: nuke.Group, parts: list[Part]) -> None:
    """Build the parts inside the group, in order; what genlock made before and is not among them any more is taken out.

    A new node is put right behind its first input: whatever took that input takes the new node instead. Not so the comparison, which
    stands beside. Call it within one nuke.Undo.
    """
    with group:
        ours = made(group)
        for name in set(ours) - {part.name for part in parts} - {CLIP, REF, SHOWN}:
            _take_out(group, ours.pop(name))
        for part in parts:
            ours[part.name] = _built(group, ours, part)
        ours[SHOWN].setInput(1, ours["check"])


def _built(group: nuke.Group, ours: dict[str, nuke.Node], part: Part) -> nuke.Node:
    old = ours.get(part.name)
    if old is not None and old.Class() == part.kind:
        old.readKnobs(_text(old, part))
        return old
    node = mark(getattr(nuke.nodes, part.kind)(), part.name)
    node.readKnobs(_text(node, part))
    if old is not None:
        _replace(group, old, node)
    else:
        _join(group, node, [ours[name] for name in part.inputs], beside=part.name == "check")
    for index, name in enumerate(part.inputs):
        if node.input(index) is None:
            node.setInput(index, ours[name])
    node.setName(PREFIX + part.name)
    return node


def _join(group: nuke.Group, node: nuke.Node, inputs: list[nuke.Node], beside: bool) -> None:
    takers = [] if beside or not inputs else [(taker, index) for taker, index in _takers(group, inputs[0])]
    for index, above in enumerate(inputs):
        node.setInput(index, above)
    for taker, index in takers:
        taker.setInput(index, node)


def _replace(group: nuke.Group, old: nuke.Node, new: nuke.Node) -> None:
    """Put a node of another class in a node's place."""
    for index in range(min(old.inputs(), new.maxInputs())):
        new.setInput(index, old.input(index))
    for taker, index in list(_takers(group, old)):
        taker.setInput(index, new)
    nuke.delete(old)


def _take_out(group: nuke.Group, node: nuke.Node) -> None:
    """Delete a node; what took it takes its first input."""
    above = node.input(0) if node.inputs() else None
    for taker, index in list(_takers(group, node)):
        taker.setInput(index, above)
    nuke.delete(node)


def _takers(group: nuke.Group, node: nuke.Node) -> Iterator[tuple[nuke.Node, int]]:
    """The nodes inside that take a node, and by which input."""
    for taker in group.nodes():
        for index in range(taker.inputs()):
            if taker.input(index) == node:
                yield taker, index


def _text(node: nuke.Node, part: Part) -> str:
    knobs = {(_OLDER.get(name, name) if node.knob(name) is None else name): value for name, value in part.knobs.items()}
    return Part(part.name, part.kind, knobs, part.inputs).text()
