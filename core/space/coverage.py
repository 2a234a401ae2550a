"""How much of each ref pixel the clip's picture covers: areas, so that an edge that runs between pixels is smooth and exact.

Conventions: pixel centres on integers, x right, y down; a pixel is the square of side 1 around its centre, and a picture of
(w, h) pixels ends at -0.5 and w - 0.5. An outline is (left, top, right, bottom) in the clip's pixels.
"""

from __future__ import annotations

import numpy as np

Outline = tuple[float, float, float, float]
_DUST = 1e-5
"""Areas this near to nothing or all are that: what rounding leaves behind."""
_FRONT = 1e-6
"""Share of the largest w below which a point counts as lying on the horizon."""


def outline_of(wh: tuple[int, int]) -> Outline:
    """The outer edges of a picture's corner pixels."""
    return (-0.5, -0.5, wh[0] - 0.5, wh[1] - 0.5)


def polygon_coverage(polygon_xy: np.ndarray, wh: tuple[int, int]) -> np.ndarray:
    """Area of each pixel that lies inside a polygon: (H, W) float32, 0..1, exact for polygons that do not cross themselves.

    polygon_xy  (n, 2), either way round; it may reach far outside the picture

    The signed area to the right of each edge, gathered cell by cell and summed along the rows (the way of scan converters
    that count "area and cover", as in LibArt and FreeType).
    """
    width, height = wh
    cells = np.zeros((height, width + 1))
    points = np.asarray(polygon_xy, float) + 0.5
    for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
        _add_edge(cells, a, b)
    area = np.abs(np.cumsum(cells[:, :width], axis=1))
    return _dusted(area)


def coverage_of_matrix(clip_to_ref: np.ndarray, clip_wh: tuple[int, int], ref_wh: tuple[int, int], outline: Outline | None = None) -> np.ndarray:
    """(H, W) float32, 0..1: how much of each ref pixel shows the clip, exactly. What lies behind the horizon does not count."""
    polygon = outline_in_ref(clip_to_ref, outline or outline_of(clip_wh))
    return polygon_coverage(polygon, ref_wh) if len(polygon) > 2 else np.zeros(ref_wh[::-1], np.float32)


def outline_in_ref(clip_to_ref: np.ndarray, outline: Outline) -> np.ndarray:
    """The clip's outline as the ref sees it: (n, 2); four corners, fewer or more where the horizon cuts it."""
    left, top, right, bottom = outline
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1.0]]) @ np.asarray(clip_to_ref, float).T
    middle = np.asarray(clip_to_ref, float) @ np.array([(left + right) / 2, (top + bottom) / 2, 1.0])
    corners *= 1 if middle[2] >= 0 else -1
    least = _FRONT * np.abs(corners[:, 2]).max()
    kept: list[np.ndarray] = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if a[2] > least:
            kept.append(a)
        if (a[2] > least) != (b[2] > least):
            kept.append(a + (b - a) * ((least - a[2]) / (b[2] - a[2])))
    seen = np.array(kept).reshape(-1, 3)
    return np.asarray(seen[:, :2] / seen[:, 2:])


def coverage_of_map(ref_to_clip: np.ndarray, clip_wh: tuple[int, int], outline: Outline | None = None) -> np.ndarray:
    """(H, W) float32, 0..1, of a map of any kind: it is taken as straight within each pixel.

    ref_to_clip  (H, W, 2), absolute clip points; where it is not finite, nothing is covered
    Exact along straight edges; in the few pixels where two of them meet at a slant, off by up to 0.15.
    """
    left, top, right, bottom = outline or outline_of(clip_wh)
    covered = np.ones(ref_to_clip.shape[:2], np.float32)
    with np.errstate(invalid="ignore"):
        for axis, near, far in ((0, left, right), (1, top, bottom)):
            value = np.asarray(ref_to_clip[..., axis], np.float32)
            edge = np.abs(_slopes(value)).sum(0) + 1e-6
            inside = np.minimum(value - near, far - value)
            cut = ~(inside >= edge)
            if not cut.any():
                continue
            down, across = (slope[cut] for slope in _slopes(value))
            part = _half_plane(value[cut] - near, across, down) + _half_plane(far - value[cut], across, down) - 1
            covered[cut] *= np.nan_to_num(np.clip(part, 0, 1), nan=0.0)
    return _dusted(covered)


def _dusted(area: np.ndarray) -> np.ndarray:
    return np.where(area < _DUST, 0, np.where(area > 1 - _DUST, 1, area)).astype(np.float32)


def _slopes(value: np.ndarray) -> np.ndarray:
    """(2, H, W): change a pixel down and across; 0 along a side that is one pixel long."""
    return np.stack([np.gradient(value, axis=axis) if value.shape[axis] > 1 else np.zeros_like(value) for axis in (0, 1)])


def _half_plane(level: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Area of the unit square where level + across * u + down * v > 0, with u and v from -1/2 to 1/2: a trapezium's integral."""
    wide = np.maximum(np.abs(across), np.abs(down)).astype(float)
    thin = np.minimum(np.abs(across), np.abs(down)).astype(float)
    wide = np.maximum(wide, 1e-12)
    ramp = level / wide + 0.5
    thin = np.maximum(thin / wide, 1e-6)

    def whole(t: np.ndarray) -> np.ndarray:  # the integral of clip(t, 0, 1)
        held = np.clip(t, 0, 1)
        return np.asarray(held * held / 2 + np.maximum(t - 1, 0))

    return np.asarray((whole(ramp + thin / 2) - whole(ramp - thin / 2)) / thin)


def _add_edge(cells: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Add what one edge contributes, a and b in coordinates whose pixels begin at whole numbers."""
    height, width = cells.shape[0], cells.shape[1] - 1
    if a[1] == b[1]:
        return
    along = [np.array([0.0, 1.0])]
    for axis, size in ((0, width), (1, height)):
        low, high = sorted((a[axis], b[axis]))
        lines = np.arange(max(0, np.ceil(low)), min(size, np.floor(high)) + 1)
        if high > low and len(lines):
            along.append((lines - a[axis]) / (b[axis] - a[axis]))
    t = np.clip(np.unique(np.concatenate(along)), 0, 1)
    x, y = a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
    middle_x, middle_y, dy = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, np.diff(y)
    held = (middle_y >= 0) & (middle_y < height) & (middle_x < width)
    middle_x, row, dy = np.maximum(middle_x[held], 0.0), middle_y[held].astype(int), dy[held]
    column = middle_x.astype(int)
    right = middle_x - column
    np.add.at(cells, (row, column), dy * (1 - right))
    np.add.at(cells, (row, column + 1), dy * right)
