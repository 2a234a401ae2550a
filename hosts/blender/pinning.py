"""Pinned corners: what no transform of a strip can say (perspective, shear), by the compositor modifier of Blender 5.0 on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

from . import building, keys, versions
from .easing import key_places
from .placing import Point, Size, stretched

NAME = "genlock corners"
SOCKETS = ("Upper Left", "Upper Right", "Lower Right", "Lower Left")
SMOOTH_PX = 0.02


def pin(scene: Any, strip: Any, pins: Sequence[Sequence[Point]], wh: Size, canvas_wh: Size, start: int) -> None:
    """Stretch a strip over the canvas, and pin its corners: once, or frame by frame.

    The modifier works on the canvas, after the strip's transform.
    """
    versions.show_scene(scene)
    building.put(strip, stretched(wh, canvas_wh))
    tree = bpy.data.node_groups.new(f"{NAME} of {strip.name}", "CompositorNodeTree")
    node = _corner_pin(tree)
    for n, name in enumerate(SOCKETS):
        node.inputs[name].default_value = pins[0][n]
    strip.modifiers.new(NAME, "COMPOSITOR").node_group = tree
    if len(pins) > 1:
        _animate(tree, node, pins, canvas_wh, start)


def unpin(strip: Any) -> None:
    """Take away the node group that pin() made, where nothing else uses it."""
    for modifier in getattr(strip, "modifiers", ()):
        tree = getattr(modifier, "node_group", None) if modifier.name == NAME else None
        if tree is not None:
            modifier.node_group = None
            if tree.users == 0:
                bpy.data.node_groups.remove(tree)


def _corner_pin(tree: Any) -> Any:
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Image", in_out=way, socket_type="NodeSocketColor")
    begin, node, end = (tree.nodes.new(kind) for kind in ("NodeGroupInput", "CompositorNodeCornerPin", "NodeGroupOutput"))
    for n, each in enumerate((begin, node, end)):
        each.location = (250.0 * n, 0.0)
    tree.links.new(begin.outputs[0], node.inputs["Image"])
    tree.links.new(node.outputs["Image"], end.inputs[0])
    return node


def _animate(tree: Any, node: Any, pins: Sequence[Sequence[Point]], canvas_wh: Size, start: int) -> None:
    rows = [[x for point in each for x in point] for each in pins]
    tolerances = [SMOOTH_PX / size for _ in SOCKETS for size in canvas_wh]
    places = key_places(rows, tolerances)
    for n, name in enumerate(SOCKETS):
        for axis in (0, 1):
            points = [(start + place, rows[place][2 * n + axis]) for place in places]
            keys.write(tree, node.inputs[name], "default_value", points, "LINEAR", axis)
