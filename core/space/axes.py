"""Maps along the axes: told from a matrix, and carried out bit for bit where they move whole pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .separable import Line

SAME_PX = 1e-4
"""Maps that differ by less than this anywhere in the ref are one map: the finest detail changes by less than a step of ten bits."""


@dataclass(frozen=True)
class Along:
    """A map along the axes: clip column by ref column, clip row by ref row; of a picture that may be turned by 90° first."""

    turned: bool
    """The clip's columns lie along the ref's rows: transpose the clip, and columns and rows of it are meant."""
    across: Line
    down: Line

    @property
    def whole(self) -> bool:
        """Whole pixels go to whole pixels: nothing is to be resampled."""
        return all(abs(line.scale) == 1 and line.offset == int(line.offset) for line in (self.across, self.down))

    def matrix(self) -> np.ndarray:
        """The clip_to_ref that this is."""
        a, d = self.across, self.down
        straight = np.array([[a.scale, 0, a.offset], [0, d.scale, d.offset], [0, 0, 1.0]])
        return np.asarray(np.linalg.inv(straight[[1, 0, 2]] if self.turned else straight))


def along_axes(ref_to_clip: np.ndarray, ref_wh: tuple[int, int]) -> Along | None:
    """The map along the axes that a 3x3 ref_to_clip is, within SAME_PX over the whole ref; None where it is none."""
    m = np.asarray(ref_to_clip, float)
    width, height = ref_wh
    corners = np.array([[x, y, 1.0] for x in (0, width - 1) for y in (0, height - 1)])
    shown = corners @ m.T
    if not (shown[:, 2] > 0).all():
        return None
    shown = shown[:, :2] / shown[:, 2:]
    middle = m @ np.array([(width - 1) / 2, (height - 1) / 2, 1])
    point = middle[:2] / middle[2]
    slopes = (m[:2, :2] - np.outer(point, m[2, :2])) / middle[2]
    turned = abs(slopes[0, 0] * slopes[1, 1]) < abs(slopes[0, 1] * slopes[1, 0])
    across, down = (slopes[1, 0], slopes[0, 1]) if turned else (slopes[0, 0], slopes[1, 1])
    along = Along(
        bool(turned),
        Line(float(across), float(point[1 if turned else 0] - across * (width - 1) / 2)),
        Line(float(down), float(point[0 if turned else 1] - down * (height - 1) / 2)),
    )
    for exact in (_rounded(along, ref_wh), along):
        guess = np.stack([exact.across.scale * corners[:, 0] + exact.across.offset, exact.down.scale * corners[:, 1] + exact.down.offset], 1)
        if np.abs((guess[:, ::-1] if turned else guess) - shown).max() < SAME_PX:
            return exact
    return None


def _rounded(along: Along, ref_wh: tuple[int, int]) -> Along:
    """The nearest map that moves whole pixels."""

    def nearest(line: Line, count: int) -> Line:
        way = 1.0 if line.scale > 0 else -1.0
        middle = (count - 1) / 2
        return Line(way, float(round(line.offset + (line.scale - way) * middle)))

    return Along(along.turned, nearest(along.across, ref_wh[0]), nearest(along.down, ref_wh[1]))


def copy_whole(picture: np.ndarray, along: Along, ref_wh: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The ref's view of a picture by a whole-pixel map, bits copied: ((H, W[, C]) of the picture's dtype, (H, W) bool where it is seen).

    What the clip does not show is 0.
    """
    source = picture.swapaxes(0, 1) if along.turned else picture
    out = np.zeros((ref_wh[1], ref_wh[0], *picture.shape[2:]), picture.dtype)
    seen = np.zeros(ref_wh[::-1], bool)
    to_y, of_y = _spans(along.down, ref_wh[1], source.shape[0])
    to_x, of_x = _spans(along.across, ref_wh[0], source.shape[1])
    out[to_y, to_x] = source[of_y, of_x]
    seen[to_y, to_x] = True
    return out, seen


def _spans(line: Line, count: int, size: int) -> tuple[slice, slice]:
    """Which ref pixels of an axis show which clip pixels, as two slices of one length."""
    offset = int(line.offset)
    if line.scale > 0:
        first, stop = max(0, -offset), min(count, size - offset)
        return (slice(first, stop), slice(first + offset, stop + offset)) if first < stop else (slice(0), slice(0))
    first, stop = max(0, offset - size + 1), min(count, offset + 1)
    if first >= stop:
        return slice(0), slice(0)
    low = offset - stop
    return slice(first, stop), slice(offset - first, low if low >= 0 else None, -1)
