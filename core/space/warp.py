"""The clip's picture as the ref sees it, in one resampling.

Three ways, chosen by the map: whole pixels are copied bit for bit; scale, shift and mirror go through exact products
(separable.py); everything else gathers (gather.py). All take the same kernels, widen them where the picture shrinks, keep
values below 0 and above 1, and say beside the picture how much of each ref pixel it covers.

Pixel centres on integers, x right, y down. A picture is (h, w) or (h, w, C) of any real dtype; values keep their scale.
Not a number counts as 0, infinity as the largest half float: either would otherwise spread as far as the kernel reaches.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np

from ..threads import hands
from .axes import Along, along_axes, copy_whole
from .coverage import Outline, coverage_of_map, coverage_of_matrix, outline_of
from .gather import Source
from .kernels import KERNELS, kernel_of
from .maps import inverse_in_front, map_of_matrix, points_of_matrix
from .separable import Line, resample
from .stretch import Stretch, matrix_jacobian, measured_jacobian, stretch_of

__all__ = ["KERNELS", "copied", "map_of_matrix", "warp", "warp_by_matrix", "warp_stored"]

Warped = tuple[np.ndarray, np.ndarray]
_Resampler = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From a picture (h, w, C), C at most 4, and the coverage (H, W) to (H, W, C) float32."""
_PIXELS = 1 << 14
"""Ref pixels gathered together: what a core's own cache holds."""
_LANES = 4
_LARGEST_HALF = 65504.0


def warp(
    picture: np.ndarray,
    ref_to_clip: np.ndarray,
    kernel: str = "lanczos",
    *,
    clamp: bool = False,
    straight_alpha: bool = False,
    outline: Outline | None = None,
) -> Warped:
    """Resample a picture by a map of any kind.

    ref_to_clip     (H, W, 2), absolute: the clip point (x, y) that each ref pixel shows; not a number: shows nothing
    kernel          lanczos (3 lobes), bicubic (Catmull-Rom) or linear; widened where the map shrinks by more than about 1.2
    clamp           keep each value within those of the clip pixels next to its point: no ringing, and a little less sharp
    straight_alpha  the last channel is alpha, and the colours are not multiplied by it. Associated alpha needs nothing.
    outline         (left, top, right, bottom) of the clip's picture, where it is not that of its pixels (planes.py)

    returns  (H, W[, C]) float32, and (H, W) float32, 0..1, how much of each ref pixel the clip covers. The picture is not
             multiplied by it: at the border the outermost pixels go on. It is 0 where nothing is covered.
    Raises UsageError for an unknown kernel, ValueError for arrays of other shapes.
    """
    _check(picture, kernel)
    field = np.asarray(ref_to_clip)
    if field.ndim != 3 or field.shape[2] != 2:
        raise ValueError(f"a map is (H, W, 2); this one is {field.shape}")
    shift = _whole_shift(field)
    if shift is not None:
        copy, covered = _copied(picture, shift, field.shape[1::-1], outline)
        return _single(copy), covered
    covered = coverage_of_map(field, _wh(picture), outline)

    def resampled(part: np.ndarray, covered: np.ndarray) -> np.ndarray:
        def stretch(rows: range, some: np.ndarray) -> Stretch | None:
            return stretch_of(measured_jacobian(field, rows)[some])

        def points(rows: range) -> tuple[np.ndarray, np.ndarray]:
            band = field[rows.start : rows.stop].astype(float)
            return band[..., 0], band[..., 1]

        return _gathered(Source(part, kernel), covered, points, stretch, clamp)

    return _by_channels(picture, resampled, covered, straight_alpha), covered


def warp_by_matrix(
    picture: np.ndarray,
    clip_to_ref: np.ndarray,
    ref_wh: tuple[int, int],
    kernel: str = "lanczos",
    *,
    clamp: bool = False,
    straight_alpha: bool = False,
    outline: Outline | None = None,
) -> Warped:
    """Resample a picture by a matrix, at coordinates of double precision; else as warp().

    clip_to_ref  3x3, clip pixel -> ref pixel
    ref_wh       (width, height) of what comes out
    Raises UsageError for an unknown kernel, ValueError for a matrix without an inverse.
    """
    _check(picture, kernel)
    inverse = inverse_in_front(clip_to_ref, _wh(picture))
    along = along_axes(inverse, ref_wh)
    if along is not None and along.whole:
        copy, covered = _copied(picture, along, ref_wh, outline)
        return _single(copy), covered
    matrix = clip_to_ref if along is None else along.matrix()
    covered = coverage_of_matrix(matrix, _wh(picture), ref_wh, outline)
    if along is not None:
        return _by_channels(picture, _along_axes(along, ref_wh, kernel, clamp), covered, straight_alpha), covered
    return _by_channels(picture, _by_points(inverse, ref_wh, kernel, clamp), covered, straight_alpha), covered


def warp_stored(
    picture: np.ndarray,
    where: np.ndarray,
    ref_wh: tuple[int, int],
    kernel: str = "lanczos",
    *,
    clamp: bool = True,
    peak: int | None = None,
    outline: Outline | None = None,
) -> Warped:
    """The same in the picture's own dtype: whole numbers are rounded and held within 0 to `peak`, whole-pixel maps copy bits.

    where  a 3x3 clip_to_ref, or a map (H, W, 2)
    peak   the largest code value, for instance 1023 of ten bits; None is that of the dtype
    """
    if np.shape(where) == (3, 3):
        exact = copied(picture, where, ref_wh, outline)
        if exact is not None:
            return exact
        warped, covered = warp_by_matrix(picture, where, ref_wh, kernel, clamp=clamp, outline=outline)
    else:
        warped, covered = warp(picture, where, kernel, clamp=clamp, outline=outline)
    if np.issubdtype(picture.dtype, np.integer):
        top = int(np.iinfo(picture.dtype).max) if peak is None else peak
        np.clip(np.rint(warped, out=warped), 0, top, out=warped)
    return warped.astype(picture.dtype), covered


def copied(picture: np.ndarray, clip_to_ref: np.ndarray, ref_wh: tuple[int, int], outline: Outline | None = None) -> Warped | None:
    """Where a matrix only moves, mirrors or turns whole pixels: the picture with its bits copied, and the coverage.

    None where resampling is due: the map is further than 1e-4 px from a whole-pixel one somewhere in the ref.
    """
    along = along_axes(inverse_in_front(clip_to_ref, _wh(picture)), ref_wh)
    return _copied(picture, along, ref_wh, outline) if along is not None and along.whole else None


def _copied(picture: np.ndarray, along: Along, ref_wh: tuple[int, int], outline: Outline | None) -> Warped:
    copy, seen = copy_whole(picture, along, ref_wh)
    if outline is None or outline == outline_of(_wh(picture)):
        return copy, seen.astype(np.float32)
    return copy, coverage_of_matrix(along.matrix(), _wh(picture), ref_wh, outline)


def _whole_shift(field: np.ndarray) -> Along | None:
    """The shift by whole pixels that a map is, to the bit; None for any other map."""
    x, y = (float(value) for value in field[0, 0])
    if not (x.is_integer() and y.is_integer()):
        return None
    height, width = field.shape[:2]
    columns, rows = np.arange(width) + x, np.arange(height) + y
    if (field[0, :, 0] == columns).all() and (field[..., 0] == columns).all() and (field[..., 1] == rows[:, None]).all():
        return Along(False, Line(1.0, x), Line(1.0, y))
    return None


def _along_axes(along: Along, ref_wh: tuple[int, int], kernel: str, clamp: bool) -> _Resampler:
    def resampled(part: np.ndarray, covered: np.ndarray) -> np.ndarray:
        source = part.swapaxes(0, 1) if along.turned else part
        with _workers() as pool:
            out = resample(source, (along.across, along.down), ref_wh, kernel, clamp, pool)
        if covered.min() == 0:
            out[covered == 0] = 0
        return out

    return resampled


def _by_points(inverse: np.ndarray, ref_wh: tuple[int, int], kernel: str, clamp: bool) -> _Resampler:
    affine = inverse[2, 0] == 0 and inverse[2, 1] == 0
    same = stretch_of(matrix_jacobian(inverse, np.zeros(1), np.zeros(1))) if affine else None

    def points(rows: range) -> tuple[np.ndarray, np.ndarray]:
        return points_of_matrix(inverse, ref_wh[0], rows)

    def stretch(rows: range, some: np.ndarray) -> Stretch | None:
        if affine:
            return same.of(np.zeros(len(some), int)) if same else None
        row, column = np.divmod(some, ref_wh[0])
        return stretch_of(matrix_jacobian(inverse, column.astype(float), row + float(rows.start)))

    return lambda part, covered: _gathered(Source(part, kernel), covered, points, stretch, clamp)


def _gathered(
    source: Source,
    covered: np.ndarray,
    points: Callable[[range], tuple[np.ndarray, np.ndarray]],
    stretch: Callable[[range, np.ndarray], Stretch | None],
    clamp: bool,
) -> np.ndarray:
    """Band by band: ask for the points of those pixels that are covered, gather there."""
    height, width = covered.shape
    out = np.zeros((height * width, source.channels), np.float32)

    def work(top: int) -> None:
        rows = range(top, min(height, top + step))
        some = np.flatnonzero(covered[rows.start : rows.stop])
        if len(some) == 0:
            return
        x, y = points(rows)
        whole = len(some) == x.size
        band = out[rows.start * width : rows.stop * width]
        band[slice(None) if whole else some] = source.at(x.ravel()[some], y.ravel()[some], stretch(rows, some), clamp)

    step = max(1, _PIXELS // width)
    with _workers() as pool:
        list(pool.map(work, range(0, height, step)))
    return out.reshape(height, width, -1)


def _by_channels(picture: np.ndarray, resampled: _Resampler, covered: np.ndarray, straight_alpha: bool) -> np.ndarray:
    """Four channels at a time; colours beside a straight alpha are multiplied by it on the way."""
    stack = _finite(picture if picture.ndim == 3 else picture[..., None])
    if straight_alpha:
        alpha = stack[..., -1:].astype(np.float32)
        stack = np.concatenate([stack[..., :-1] * alpha, alpha], axis=-1)
    parts = [resampled(stack[..., k : k + _LANES], covered) for k in range(0, stack.shape[2], _LANES)]
    out = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
    if straight_alpha:
        np.divide(out[..., :-1], out[..., -1:], out=out[..., :-1], where=out[..., -1:] > 0)
    return out if picture.ndim == 3 else out[..., 0]


def _finite(picture: np.ndarray) -> np.ndarray:
    """The picture, or where it is not finite everywhere a copy that is."""
    if np.issubdtype(picture.dtype, np.integer):
        return picture
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(picture.sum(dtype=np.float32)) or np.isfinite(picture).all():
            return picture
    return np.nan_to_num(picture.astype(np.float32), nan=0.0, posinf=_LARGEST_HALF, neginf=-_LARGEST_HALF)


def _single(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float32, copy=False)


def _check(picture: np.ndarray, kernel: str) -> None:
    kernel_of(kernel)
    if picture.ndim not in (2, 3) or picture.size == 0:
        raise ValueError(f"a picture is (h, w) or (h, w, C) and not empty; this one is {picture.shape}")


def _wh(picture: np.ndarray) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]


def _workers() -> Executor:
    return hands(8)
