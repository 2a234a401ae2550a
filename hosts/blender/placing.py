"""Between a matrix and what Blender's sequencer calls a transform: offset, scale, rotation, mirror. No Blender needed.

How Blender (4.2 to 5.2) draws a strip, with its lower left corner as origin, y up, pixel centres on halves: the picture is moved so that
its corner lies at (canvas - picture) / 2 *cut to a whole number*, scaled and turned (counter-clockwise) about its own middle, and moved
by the offset. Mirroring is done last, on the whole canvas. A negative scale draws nothing.

A matrix here takes a pixel of the picture to a pixel of the canvas: nine numbers, row by row, pixel centres on integers, y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..aligned import Matrix

Size = tuple[int, int]
Point = tuple[float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
CLOSE_PX = 0.25
"""A placement that is off by no more than this, at the worst corner, will do: a person can edit it, and measured shears are no surer."""


@dataclass(frozen=True)
class Placement:
    """As the strip's properties are called in Blender; offsets in canvas pixels, rotation in radians."""

    offset_x: float = 0.0
    offset_y: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    rotation: float = 0.0
    flip_x: bool = False
    flip_y: bool = False


def product(a: Matrix, b: Matrix) -> Matrix:
    """a after b."""
    return tuple(sum(a[3 * r + k] * b[3 * k + c] for k in range(3)) for r in range(3) for c in range(3))


def inverse(m: Matrix) -> Matrix:
    """The way back. Raises ZeroDivisionError where there is none."""
    a, b, c, d, e, f, g, h, i = m
    adjugate = (e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d)
    det = a * adjugate[0] + b * adjugate[3] + c * adjugate[6]
    return tuple(x / det for x in adjugate)


def through(m: Matrix, point: Point) -> Point | None:
    """A point taken through a matrix; None where it lies at or behind the horizon."""
    x, y = point
    w = m[6] * x + m[7] * y + m[8]
    if w <= 1e-9:
        return None
    return (m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w


def outline(wh: Size) -> tuple[Point, Point, Point, Point]:
    """The outer corners of a picture: upper left, upper right, lower right, lower left."""
    w, h = wh
    return (-0.5, -0.5), (w - 0.5, -0.5), (w - 0.5, h - 0.5), (-0.5, h - 0.5)


def matrix_of(placement: Placement, wh: Size, canvas_wh: Size) -> Matrix:
    """Picture pixel to canvas pixel, as Blender draws a strip with this placement.

    wh, canvas_wh  (width, height) of the picture and of the scene's output
    """
    (w, h), ch = wh, canvas_wh[1]
    cos, sin = math.cos(placement.rotation), math.sin(placement.rotation)
    a, b = cos * placement.scale_x, sin * placement.scale_y
    d, e = -sin * placement.scale_x, cos * placement.scale_y
    middle_x, middle_y = _middle(wh, canvas_wh)
    x = middle_x + placement.offset_x - 0.5
    y = ch - (middle_y + placement.offset_y) - 0.5
    cx, cy = (w - 1) / 2, (h - 1) / 2
    drawn: Matrix = (a, b, x - a * cx - b * cy, d, e, y - d * cx - e * cy, 0.0, 0.0, 1.0)
    return product(_mirror(placement.flip_x, placement.flip_y, canvas_wh), drawn)


def place(matrix: Matrix, wh: Size, canvas_wh: Size) -> tuple[Placement, float]:
    """The placement nearest to a matrix, and by how many pixels it misses at the worst corner (inf beyond the horizon)."""
    upright = tuple(x / matrix[8] for x in matrix) if matrix[8] else matrix
    a, b, _, d, e = upright[:5]
    flip = a * e - b * d < 0
    if flip:
        upright = product(_mirror(True, False, canvas_wh), upright)
        a, b, _, d, e = upright[:5]
    first, second = math.atan2(-d, a), math.atan2(b, e)
    turn = first + math.remainder(second - first, math.tau) / 2
    cos, sin = math.cos(turn), math.sin(turn)
    middle = through(upright, ((wh[0] - 1) / 2, (wh[1] - 1) / 2))
    if middle is None:
        return Placement(), math.inf
    base_x, base_y = _middle(wh, canvas_wh)
    placement = Placement(
        offset_x=middle[0] + 0.5 - base_x,
        offset_y=canvas_wh[1] - (middle[1] + 0.5) - base_y,
        scale_x=a * cos - d * sin,
        scale_y=b * sin + e * cos,
        rotation=turn,
        flip_x=flip,
    )
    if placement.scale_x <= 0 or placement.scale_y <= 0:
        return placement, math.inf
    return placement, distance(matrix, matrix_of(placement, wh, canvas_wh), wh)


def distance(a: Matrix, b: Matrix, wh: Size) -> float:
    """In pixels, how far apart two matrices take a picture's corners, at the worst of them; inf beyond the horizon."""
    worst = 0.0
    for corner in outline(wh):
        p, q = through(a, corner), through(b, corner)
        if p is None or q is None:
            return math.inf
        worst = max(worst, math.hypot(p[0] - q[0], p[1] - q[1]))
    return worst


def stretched(wh: Size, canvas_wh: Size) -> Placement:
    """Over the whole canvas, edge on edge: where a picture has to lie before its corners are pinned."""
    (w, h), (cw, ch) = wh, canvas_wh
    middle_x, middle_y = _middle(wh, canvas_wh)
    return Placement(offset_x=cw / 2 - middle_x, offset_y=ch / 2 - middle_y, scale_x=cw / w, scale_y=ch / h)


def fitted(wh: Size, canvas_wh: Size) -> Placement:
    """As large as it goes with all of it seen, in the middle."""
    scale = min(canvas_wh[0] / wh[0], canvas_wh[1] / wh[1])
    middle_x, middle_y = _middle(wh, canvas_wh)
    return Placement(offset_x=canvas_wh[0] / 2 - middle_x, offset_y=canvas_wh[1] / 2 - middle_y, scale_x=scale, scale_y=scale)


def pins(matrix: Matrix, wh: Size, canvas_wh: Size) -> tuple[Point, ...] | None:
    """Where a stretched() picture's corners are pinned: upper left, upper right, lower right, lower left.

    In shares of the canvas, y up, as the compositor's Corner Pin takes them; None where one lies at or behind the horizon.
    """
    found = [through(matrix, corner) for corner in outline(wh)]
    if any(point is None for point in found):
        return None
    cw, ch = canvas_wh
    return tuple(((p[0] + 0.5) / cw, 1 - (p[1] + 0.5) / ch) for p in found if p is not None)


def _middle(wh: Size, canvas_wh: Size) -> Point:
    """Where Blender puts the middle of an unmoved picture; y up, corner of the canvas at 0."""
    return tuple(int((c - s) / 2) + s / 2 for s, c in zip(wh, canvas_wh))  # type: ignore[return-value]


def _mirror(x: bool, y: bool, canvas_wh: Size) -> Matrix:
    cw, ch = canvas_wh
    return (-1.0 if x else 1.0, 0.0, cw - 1.0 if x else 0.0, 0.0, -1.0 if y else 1.0, ch - 1.0 if y else 0.0, 0.0, 0.0, 1.0)
