"""Where the clip's picture lies, as the numbers of Resolve's inspector: Zoom, Pan, Tilt, Rotation, Flip. Plain arithmetic.

Resolve draws a picture in a timeline of W x H pixels like this (Scaling = fit, which is set on every clip that is placed):

    1. the middle of the picture lies on the middle of the frame, y upwards
    2. it is scaled until it just fits: s = min(W / w, H / h), with w its width times its pixel aspect
    3. it is flipped, then scaled by ZoomX and ZoomY, about its middle
    4. it is turned by RotationAngle degrees, counter-clockwise, about its middle
    5. it is moved by Pan and Tilt, in timeline pixels, right and up

So with L the linear part of clip_to_ref and t where the clip's middle lands, both from the middles and y up,

    (s_ref / s_clip) * L = turn(angle) * diag(ZoomX, ZoomY) * flips        (Pan, Tilt) = s_ref * t

which has an answer wherever L turns and scales along the clip's own axes: shifts, scales, similarities and mirrors. A shear or
a perspective has none, unless it is so slight that no corner is off by more than CLOSE_PX: fusion_comp.py draws those. Steps 1 to
5 are from public notes; nobody has checked them here against the program.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Matrix = Sequence[float]
"""Nine numbers, row by row: clip pixel to ref pixel, pixel centres on integers, x right, y down."""
Size = tuple[int, int]

FIT = 2
"""Of the property Scaling: 0 as the project says, 1 crop, 2 fit, 3 fill, 4 stretch."""
_MOST_PAN = 4.0
"""Pan and Tilt reach that many timeline widths and heights."""
_MOST_ZOOM = 100.0
_SAME = 1e-7
"""Relative; what is smaller is rounding."""
CLOSE_PX = 0.05
"""A picture that is turned and scaled lies as it should where no corner is farther off than that, in ref pixels."""
Parts = tuple[float, float, float, bool, bool]


class Affine:
    """clip_to_ref between the middles of the two pictures, in square ref pixels, y up: a point u goes to L u + t."""

    def __init__(self, matrix: Matrix, clip_wh: Size, ref_wh: Size, clip_aspect: float = 1.0, ref_aspect: float = 1.0) -> None:
        a, b, c, d, e, f = (x / matrix[8] for x in matrix[:6])
        half_w, half_h = (clip_wh[0] - 1) / 2, (clip_wh[1] - 1) / 2
        x = a * half_w + b * half_h + c - (ref_wh[0] - 1) / 2
        y = d * half_w + e * half_h + f - (ref_wh[1] - 1) / 2
        self.linear = ((a * ref_aspect / clip_aspect, -b * ref_aspect), (-d / clip_aspect, e))
        self.middle = (x * ref_aspect, -y)


def fit(wh: Size, aspect: float, timeline_wh: Size) -> float:
    """Timeline pixels a (square) picture pixel, scaled to fit."""
    return min(timeline_wh[0] / (wh[0] * aspect), timeline_wh[1] / wh[1])


def properties(
    matrix: Matrix, clip_wh: Size, ref_wh: Size, timeline_wh: Size, clip_aspect: float = 1.0, ref_aspect: float = 1.0
) -> dict[str, Any] | None:
    """Values for TimelineItem.SetProperty; None where the inspector cannot say it within CLOSE_PX.

    matrix        clip_to_ref
    clip_wh       in stored pixels, upright; clip_aspect is the width of one of them over its height
    timeline_wh   in pixels, square
    """
    if matrix[8] == 0:
        return None
    placed = Affine(matrix, clip_wh, ref_wh, clip_aspect, ref_aspect)
    parts = _turned(placed.linear)
    if parts is None or _astray_px(parts, placed, matrix, (clip_wh, clip_aspect), (ref_wh, ref_aspect)) > CLOSE_PX:
        return None
    angle, wide, high, flip_x, flip_y = parts
    scale_ref = fit(ref_wh, ref_aspect, timeline_wh)
    ratio = scale_ref / fit(clip_wh, clip_aspect, timeline_wh)
    pan, tilt = scale_ref * placed.middle[0] + 0.0, scale_ref * placed.middle[1] + 0.0
    zoom_x, zoom_y = ratio * wide, ratio * high
    if abs(pan) > _MOST_PAN * timeline_wh[0] or abs(tilt) > _MOST_PAN * timeline_wh[1] or max(zoom_x, zoom_y) > _MOST_ZOOM:
        return None
    return {
        "Scaling": FIT, "ZoomGang": abs(zoom_x - zoom_y) < _SAME * zoom_x, "ZoomX": zoom_x, "ZoomY": zoom_y,
        "Pan": pan, "Tilt": tilt, "RotationAngle": angle, "FlipX": flip_x, "FlipY": flip_y,
    }  # fmt: skip


def _turned(linear: tuple[tuple[float, float], tuple[float, float]]) -> Parts | None:
    """What comes nearest of degrees counter-clockwise, width, height, flipped left to right, upside down; None for a flat picture."""
    (a, b), (c, d) = linear
    wide, high = math.hypot(a, c), math.hypot(b, d)
    if min(wide, high) == 0:
        return None
    if max(abs(b), abs(c)) < _SAME * max(wide, high):
        return 0.0, wide, high, a < 0, d < 0
    flipped = a * d - b * c < 0
    along = math.atan2(-c, -a) if flipped else math.atan2(c, a)
    across = math.atan2(-b, d)
    angle = along + math.remainder(across - along, 2 * math.pi) / 2
    return math.degrees(math.remainder(angle, 2 * math.pi)), wide, high, flipped, False


def _astray_px(parts: Parts, placed: Affine, matrix: Matrix, clip: tuple[Size, float], ref: tuple[Size, float]) -> float:
    """How far a corner of the clip, drawn by the parts, lies from where the matrix has it, in ref pixels."""
    (clip_wh, clip_aspect), (ref_wh, ref_aspect) = clip, ref
    angle, wide, high, flip_x, flip_y = parts
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    worst = 0.0
    for x in (0, clip_wh[0] - 1):
        for y in (0, clip_wh[1] - 1):
            u = (x - (clip_wh[0] - 1) / 2) * clip_aspect * (-wide if flip_x else wide)
            v = ((clip_wh[1] - 1) / 2 - y) * (-high if flip_y else high)
            drawn = (cos * u - sin * v + placed.middle[0], sin * u + cos * v + placed.middle[1])
            w = matrix[6] * x + matrix[7] * y + matrix[8]
            if w * matrix[8] <= 0:
                return math.inf
            wanted_x = (matrix[0] * x + matrix[1] * y + matrix[2]) / w - (ref_wh[0] - 1) / 2
            wanted_y = (ref_wh[1] - 1) / 2 - (matrix[3] * x + matrix[4] * y + matrix[5]) / w
            worst = max(worst, math.hypot(drawn[0] / ref_aspect - wanted_x, drawn[1] - wanted_y))
    return worst
