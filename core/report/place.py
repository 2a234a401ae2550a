"""Where the clip's picture lies in the ref's frame, taken apart into what a person would say.

Convention: a matrix takes clip pixel (x, y, 1) to ref pixel, centres on integers, y down. Corners and places
given here are measured from the outer edge of the top left pixel, as an editor measures: half a pixel more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..alignment import Matrix, Media

Point = tuple[float, float]
SAME_PX = 0.05
"""Two places are one where no corner differs by more."""


@dataclass(frozen=True)
class Place:
    """One matrix in a person's terms. Scales, turn and shear are those at the middle of the picture."""

    corners: tuple[Point, Point, Point, Point]
    """Of the picture's outline in the ref's frame, in ref pixels: top left, top right, bottom right, bottom left."""
    scale_x: float
    scale_y: float
    """Ref pixels a clip pixel, along the picture's own width and height."""
    turn_deg: float
    """Clockwise on the screen, -180 to 180."""
    shear_deg: float
    """How far the angle between width and height is from a right one."""
    mirrored: bool
    perspective_px: float
    """How far the corners lie from where the same picture without perspective had them; ref pixels."""
    left_px: float
    top_px: float
    """Of the box round the corners, from the ref's left and top edge."""
    centre_px: Point
    """The picture's middle against the ref's middle: right and down."""
    covers: float
    """Share of the ref's frame that the picture covers, 0 to 1."""

    @property
    def upright(self) -> bool:
        """Neither turned, nor sheared, nor in perspective, by more than a corner's twentieth of a pixel."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.corners
        return max(abs(ay - by), abs(bx - cx), abs(cy - dy), abs(dx - ax)) <= 2 * SAME_PX


def placed(matrix: Matrix, clip: Media, ref: Media) -> Place | None:
    """Take a matrix apart; None where the picture passes through infinity or has no area, and cannot be drawn."""
    edges = ((-0.5, -0.5), (clip.width - 0.5, -0.5), (clip.width - 0.5, clip.height - 0.5), (-0.5, clip.height - 0.5))
    mid = ((clip.width - 1) / 2, (clip.height - 1) / 2)
    if not all(math.isfinite(value) for value in matrix):
        return None
    depths = [_depth(matrix, point) for point in edges]
    if min(abs(d) for d in depths) < 1e-9 or min(depths) < 0 < max(depths):
        return None
    jx, jy = _slopes(matrix, mid)
    area = jx[0] * jy[1] - jx[1] * jy[0]
    if abs(area) < 1e-12:
        return None
    mirrored = area < 0
    along = (-jx[0], -jx[1]) if mirrored else jx
    scale_x = math.hypot(*along)
    turn = math.atan2(along[1], along[0])
    shear = math.atan2(along[0] * jy[0] + along[1] * jy[1], abs(area))
    corners = tuple(_shifted(mapped(matrix, point), 0.5) for point in edges)
    centre = mapped(matrix, mid)
    flat = [_plus(centre, jx, point[0] - mid[0], jy, point[1] - mid[1]) for point in edges]
    bend = max(math.dist(_shifted(a, 0.5), b) for a, b in zip(flat, corners, strict=True))
    box = [(0.0, 0.0), (float(ref.width), 0.0), (float(ref.width), float(ref.height)), (0.0, float(ref.height))]
    return Place(
        corners=corners,  # type: ignore[arg-type]
        scale_x=scale_x,
        scale_y=abs(area) / scale_x,
        turn_deg=math.degrees(turn),
        shear_deg=math.degrees(shear),
        mirrored=mirrored,
        perspective_px=bend,
        left_px=min(x for x, _ in corners),
        top_px=min(y for _, y in corners),
        centre_px=(centre[0] + 0.5 - ref.width / 2, centre[1] + 0.5 - ref.height / 2),
        covers=min(1.0, abs(_area(_inside(list(corners), box))) / (ref.width * ref.height)),
    )


def mapped(matrix: Matrix, point: Point) -> Point:
    """A clip pixel's place among the ref's pixels."""
    x, y = point
    w = _depth(matrix, point)
    return (matrix[0] * x + matrix[1] * y + matrix[2]) / w, (matrix[3] * x + matrix[4] * y + matrix[5]) / w


def apart_px(a: Matrix, b: Matrix, clip: Media) -> float:
    """The most that a corner of the clip's picture moves between two matrices, in ref pixels."""
    points = ((0.0, 0.0), (clip.width - 1.0, 0.0), (clip.width - 1.0, clip.height - 1.0), (0.0, clip.height - 1.0))
    try:
        return max(math.dist(mapped(a, point), mapped(b, point)) for point in points)
    except ZeroDivisionError:
        return math.inf


def _depth(matrix: Matrix, point: Point) -> float:
    return matrix[6] * point[0] + matrix[7] * point[1] + matrix[8]


def _slopes(matrix: Matrix, point: Point) -> tuple[Point, Point]:
    """How the ref pixel moves with the clip's x, and with its y, at one point."""
    x, y = mapped(matrix, point)
    w = _depth(matrix, point)
    along_x = ((matrix[0] - x * matrix[6]) / w, (matrix[3] - y * matrix[6]) / w)
    along_y = ((matrix[1] - x * matrix[7]) / w, (matrix[4] - y * matrix[7]) / w)
    return along_x, along_y


def _shifted(point: Point, by: float) -> Point:
    return point[0] + by, point[1] + by


def _plus(start: Point, a: Point, na: float, b: Point, nb: float) -> Point:
    return start[0] + a[0] * na + b[0] * nb, start[1] + a[1] * na + b[1] * nb


def _inside(polygon: list[Point], box: list[Point]) -> list[Point]:
    """The part of a convex polygon inside another, which runs clockwise on the screen (Sutherland and Hodgman 1974)."""
    for (ax, ay), (bx, by) in zip(box, box[1:] + box[:1], strict=True):
        sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in polygon]
        kept: list[Point] = []
        for n, (point, side) in enumerate(zip(polygon, sides, strict=True)):
            before, before_side = polygon[n - 1], sides[n - 1]
            if (side < 0) != (before_side < 0):
                u = before_side / (before_side - side)
                kept.append((before[0] + u * (point[0] - before[0]), before[1] + u * (point[1] - before[1])))
            if side >= 0:
                kept.append(point)
        polygon = kept
    return polygon


def _area(polygon: list[Point]) -> float:
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs) / 2
