"""Animation curves written whole: ten thousand keys take no longer than ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

from .versions import curve


def write(owner: Any, thing: Any, name: str, points: Sequence[tuple[int, float]], interpolation: str, index: int = -1) -> None:
    """Animate a property.

    owner          the scene or node tree that holds the animation
    thing          a strip, its transform, or a node's socket
    name           of the property
    points         (timeline frame, value), rising
    interpolation  CONSTANT or LINEAR
    index          of the component, where the property is a vector
    """
    thing.keyframe_insert(name, index=index, frame=points[0][0])
    found = curve(owner, thing.path_from_id(name), max(index, 0))
    found.keyframe_points.add(len(points) - len(found.keyframe_points))
    found.keyframe_points.foreach_set("co", [float(x) for point in points for x in point])
    manner = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items[interpolation].value
    found.keyframe_points.foreach_set("interpolation", [manner] * len(points))
    found.update()
