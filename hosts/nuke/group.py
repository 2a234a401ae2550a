"""The Genlock node: a Group with two inputs, which shows its clip as it is until it is filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import nuke

from .knobs import add_knobs

PART = "genlock_part"
"""A knob on each node that genlock made inside, with the name of its part: what a new answer may replace. Nodes without it are a person's."""
CLIP, REF, SHOWN = "clip", "ref", "shown"
Furnish = Callable[[list[nuke.Node], nuke.Node], None]


def create() -> nuke.Node:
    """A new node below what is selected: the first of two selected nodes is the clip, the second the ref. One step to undo."""
    return created("Genlock", (CLIP, REF), add_knobs, _furnish)


def created(name: str, inputs: tuple[str, ...], knobs: Callable[[nuke.Node], None], more: Furnish | None = None) -> nuke.Node:
    """A group below what is selected, connected in the order of selection, that shows its first input. One step to undo.

    more  what else goes inside: given the nodes of the inputs, and the switch before the output
    """
    undo = nuke.Undo()
    undo.begin(f"{name} node")
    try:
        chosen = list(reversed(nuke.selectedNodes()))[: len(inputs)]
        node = nuke.nodes.Group()
        node.setName(name)
        knobs(node)
        with cast(nuke.Group, node):
            above = [_input(number, title) for number, title in enumerate(inputs)]
            shown = mark(nuke.nodes.Switch(), SHOWN)
            shown.setInput(0, above[0])
            if more is not None:
                more(above, shown)
            nuke.nodes.Output().setInput(0, shown)
        for index, one in enumerate(chosen):
            node.setInput(index, one)
        if chosen:
            node.setXYpos(chosen[0].xpos(), chosen[0].ypos() + 120)
    finally:
        undo.end()
    node.showControlPanel()
    return node


def _input(number: int, title: str) -> nuke.Node:
    node = mark(nuke.nodes.Input(), title)
    node.setName(title)
    node["number"].setValue(number)
    return node


def _furnish(inputs: list[nuke.Node], shown: nuke.Node) -> None:
    """The switch is turned by the knob `show`."""
    shown.setName("genlock_shown")
    for index, node in enumerate(inputs):
        shown.setInput(index, node)
    shown["which"].setExpression("parent.show")


def mark(node: nuke.Node, part: str) -> nuke.Node:
    """Note on a node that genlock made it, and as which part."""
    knob = nuke.String_Knob(PART, PART)
    knob.setFlag(nuke.INVISIBLE)
    node.addKnob(knob)
    knob.setValue(part)
    return node


def made(group: nuke.Group) -> dict[str, nuke.Node]:
    """The nodes inside that genlock made, by part."""
    return {str(node[PART].value()): node for node in group.nodes() if node.knob(PART) is not None}


def is_genlock(node: nuke.Node) -> bool:
    """Whether it is a Genlock node."""
    return node.Class() == "Group" and node.knob("genlock_job") is not None


def all_nodes() -> list[nuke.Node]:
    """Every Genlock node of the script, also within groups."""
    return [node for node in nuke.allNodes("Group", recurseGroups=True) if is_genlock(node)]


def of_job(folder: str) -> nuke.Node | None:
    """The node that waits for a job; None where it has been deleted."""
    return next((node for node in all_nodes() if node["genlock_job"].value() == folder), None)
