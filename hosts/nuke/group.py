"""The Genlock node: a Group with two inputs, which shows its clip as it is until it is filled."""

from __future__ import annotations

from typing import cast

import nuke

from .knobs import add_knobs

PART = "genlock_part"
"""A knob on each node that genlock made inside, with the name of its part: what a new answer may replace. Nodes without it are a person's."""
CLIP, REF, SHOWN = "clip", "ref", "shown"


def create() -> nuke.Node:
    """A new node below what is selected: the first of two selected nodes is the clip, the second the ref. One step to undo."""
    undo = nuke.Undo()
    undo.begin("Genlock node")
    try:
        chosen = list(reversed(nuke.selectedNodes()))[:2]
        node = nuke.nodes.Group()
        node.setName("Genlock")
        add_knobs(node)
        _furnish(cast(nuke.Group, node))
        for index, above in enumerate(chosen):
            node.setInput(index, above)
        if chosen:
            node.setXYpos(chosen[0].xpos(), chosen[0].ypos() + 120)
    finally:
        undo.end()
    node.showControlPanel()
    return node


def _furnish(group: nuke.Group) -> None:
    """Inputs, the switch that the knob `show` turns, output."""
    with group:
        inputs = []
        for number, name in enumerate((CLIP, REF)):
            node = nuke.nodes.Input()
            node.setName(name)
            node["number"].setValue(number)
            inputs.append(mark(node, name))
        shown = mark(nuke.nodes.Switch(), SHOWN)
        shown.setName("genlock_shown")
        for index, node in enumerate(inputs):
            shown.setInput(index, node)
        shown["which"].setExpression("parent.show")
        nuke.nodes.Output().setInput(0, shown)


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
