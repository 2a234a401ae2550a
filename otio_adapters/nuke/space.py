"""Where the clip's picture lies, as a Transform or a CornerPin2D.

Nuke counts y upwards from the lower left corner of the format, and a point is a place between pixels: the middle of the
lower left pixel is (0.5, 0.5). genlock's matrices count pixel centres, y down. So for a picture h pixels high

    nuke x = x + 0.5        nuke y = h - 0.5 - y

and the matrix between Nuke's points is  N = up(ref) * clip_to_ref * up(clip)^-1. Angles are degrees, counter-clockwise.
Pins 1 to 4 are the lower left, lower right, upper right and upper left corner.

Between keys the nine numbers of clip_to_ref are linear. Transform and CornerPin2D interpolate their own knobs, so where
those are no linear function of the matrix (a rotation, a perspective), every frame gets a key.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...core.alignment import IDENTITY, Alignment, Matrix, Media, Run, matrix_between
from ...core.errors import FormatError
from .nodes import Node, animated, number

Rows = tuple[tuple[float, float, float], ...]
Moving = list[tuple[int, Rows]]
_SAME = 1e-9
"""Relative; what is smaller is rounding."""


def space_node(alignment: Alignment, ref_first: int) -> Node | None:
    """The node, or None where the picture lies as it is. ref_first is the script frame of ref frame 0."""
    clip, ref = alignment.clip, alignment.ref
    keyed = [key.matrix for run in alignment.runs for key in run.transform]
    if not keyed or (all(matrix == IDENTITY for matrix in keyed) and clip.height == ref.height):
        return None
    rows = [in_nuke(matrix, clip, ref) for matrix in keyed]
    straight = all(_straight(m) for m in rows)
    turned = straight or (all(_similar(m) for m in rows) and len({_handed(m) for m in rows}) == 1)
    affine = all(_affine(m) for m in rows)
    every_frame = not (straight if turned else affine)
    moving = [(frame + ref_first, in_nuke(matrix, clip, ref)) for frame, matrix in _keys(alignment, every_frame)]
    return _transform(moving, clip) if turned else _corner_pin(moving, clip)


def in_nuke(matrix: Matrix, clip: Media, ref: Media) -> Rows:
    """clip_to_ref between Nuke's points: 3x3, row by row, the last number 1."""
    to_ref = ((1.0, 0.0, 0.5), (0.0, -1.0, ref.height - 0.5), (0.0, 0.0, 1.0))
    from_clip = ((1.0, 0.0, -0.5), (0.0, -1.0, clip.height - 0.5), (0.0, 0.0, 1.0))
    rows: Rows = (matrix[:3], matrix[3:6], matrix[6:])
    product = _times(_times(to_ref, rows), from_clip)
    last = product[2][2]
    if last == 0:
        raise FormatError("the corner of the picture lies at infinity, which no corner pin says", "write .otio, or make an ST map with genlock stmap")
    return tuple((a / last, b / last, c / last) for a, b, c in product)


def through(m: Rows, x: float, y: float) -> tuple[float, float]:
    """A point through a 3x3. Raises FormatError where it lies behind the picture plane."""
    w = m[2][0] * x + m[2][1] * y + m[2][2]
    if w <= _SAME:
        raise FormatError("the picture is turned so far that a corner lies behind it, which no corner pin says", "write .otio, or make an ST map")
    return (m[0][0] * x + m[0][1] * y + m[0][2]) / w, (m[1][0] * x + m[1][1] * y + m[1][2]) / w


def corners(wh: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Pins 1 to 4 of a whole picture: lower left, lower right, upper right, upper left."""
    w, h = wh
    return (0, 0), (w, 0), (w, h), (0, h)


def _times(a: Rows, b: Rows) -> Rows:
    return tuple(tuple(sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)) for i in range(3))  # type: ignore[misc]


def _affine(m: Rows) -> bool:
    return abs(m[2][0]) < 1e-15 and abs(m[2][1]) < 1e-15


def _straight(m: Rows) -> bool:
    """Only moved and scaled."""
    return _affine(m) and max(abs(m[0][1]), abs(m[1][0])) < _SAME * max(abs(m[0][0]), abs(m[1][1]))


def _similar(m: Rows) -> bool:
    """Moved, turned, scaled alike in both directions, perhaps turned over."""
    (a, b, _), (c, d, _) = m[0], m[1]
    room = _SAME * math.hypot(a, c)
    return _affine(m) and ((abs(a - d) < room and abs(b + c) < room) or (abs(a + d) < room and abs(b - c) < room))


def _handed(m: Rows) -> bool:
    return m[0][0] * m[1][1] - m[0][1] * m[1][0] > 0


def _keys(alignment: Alignment, every_frame: bool) -> Iterator[tuple[int, Matrix]]:
    """(ref frame, matrix) so that straight lines between them play the motion of each run, and jump between runs."""
    for run in alignment.runs:
        if run.transform:
            for frame in _frames(run, every_frame):
                matrix = matrix_between(run.transform, frame)
                assert matrix is not None
                yield frame, matrix


def _frames(run: Run, every_frame: bool) -> list[int]:
    first, last = run.ref_first, run.ref_end - 1
    if len({key.matrix for key in run.transform}) == 1:
        return sorted({first, last})
    if every_frame:
        return list(range(first, last + 1))
    return sorted({first, last, *(key.frame for key in run.transform if first < key.frame < last)})


def _transform(moving: Moving, clip: Media) -> Node:
    """translate, rotate and scale about the middle of the clip."""
    middle = (clip.width / 2, clip.height / 2)
    x, y, turn, wide, high = [], [], [], [], []
    before = 0.0
    for frame, m in moving:
        at = through(m, *middle)
        x.append((frame, at[0] - middle[0]))
        y.append((frame, at[1] - middle[1]))
        angle, sx, sy = _parts(m)
        before += (angle - before + 180) % 360 - 180
        turn.append((frame, before))
        wide.append((frame, sx))
        high.append((frame, sy))
    knobs = {
        "translate": animated(x, y),
        "rotate": animated(turn),
        "scale": animated(wide, high),
        "center": f"{{{number(middle[0])} {number(middle[1])}}}",
        "filter": "Lanczos4",
        "black_outside": "true",
        "name": "genlock_space",
    }
    return Node("Transform", knobs)


def _parts(m: Rows) -> tuple[float, float, float]:
    """Degrees counter-clockwise, and the two scales."""
    (a, b, _), (c, d, _) = m[0], m[1]
    if _straight(m):
        return 0.0, a, d
    size = math.hypot(a, c)
    return math.degrees(math.atan2(c, a)), size, size if a * d - b * c > 0 else -size


def _corner_pin(moving: Moving, clip: Media) -> Node:
    knobs = {}
    for n, (x, y) in enumerate(corners((clip.width, clip.height)), 1):
        placed = [(frame, through(m, x, y)) for frame, m in moving]
        knobs[f"to{n}"] = animated([(frame, at[0]) for frame, at in placed], [(frame, at[1]) for frame, at in placed])
    knobs["invert"] = "false"
    for n, (x, y) in enumerate(corners((clip.width, clip.height)), 1):
        knobs[f"from{n}"] = f"{{{x} {y}}}"
    return Node("CornerPin2D", {**knobs, "filter": "Lanczos4", "black_outside": "true", "name": "genlock_space"})
