"""Resampling along the axes: scale, shift and mirror, as products with band matrices.

Ref pixel X shows the clip's point `scale * X + offset`, in x and in y each by its own line. Where the picture shrinks, the
kernel is stretched to the ref's pixels, so nothing of the clip falls between the taps. The places of the taps are exact.
Beyond its border the picture goes on with its outermost pixels.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .kernels import kernel_of
from .stretch import stretched

BAND = 64
"""Ref rows worked on at once: memory is that of a band, not of a picture."""
_BLOCK = {1: 64, 2: 48, 3: 32, 4: 32}
"""Ref columns a product, by the number of channels: dense in the block, so broad ones cost what they do not use."""


@dataclass(frozen=True)
class Line:
    """Clip coordinate of a ref coordinate: scale * X + offset."""

    scale: float
    offset: float


@dataclass(frozen=True)
class Taps:
    """Which clip pixels make each ref pixel of an axis, and by which weights."""

    first: np.ndarray
    """(n,) int: the first clip pixel, which may lie outside."""
    weights: np.ndarray
    """(n, k) float64; each row adds up to 1."""
    near: np.ndarray
    """(n, k) bool: the taps under the kernel's main lobe."""


def taps_of(line: Line, count: int, size: int, kernel: str) -> Taps:
    """The taps of ref pixels 0 to count - 1 over a clip axis of `size` pixels."""
    curve = kernel_of(kernel)
    stretch = float(stretched(np.array(abs(line.scale))))
    reach = curve.radius * stretch
    place = np.clip(line.scale * np.arange(count) + line.offset, -0.5 - stretch, size - 0.5 + stretch)
    first = np.floor(place - reach).astype(int) + 1
    away = (first[:, None] + np.arange(int(np.ceil(2 * reach)) + 1) - place[:, None]) / stretch
    weights = curve.at(away)
    return Taps(first, weights / weights.sum(1, keepdims=True), np.abs(away) < 1)


@dataclass(frozen=True)
class _Product:
    """One block of ref pixels as a dense product: out[to] = matrix @ clip[of]."""

    to: slice
    of: slice
    matrix: np.ndarray


@dataclass(frozen=True)
class _AxisPlan:
    products: tuple[_Product, ...]
    near: np.ndarray
    """(n, k) clip pixels under the main lobe, inside the picture; some named twice."""


@lru_cache(maxsize=32)
def _plan(line: Line, count: int, size: int, kernel: str, block: int, channels: int) -> _AxisPlan:
    """The products of one axis; of interleaved channels the same weights for each, with zeros between."""
    taps = taps_of(line, count, size, kernel)
    index = np.clip(taps.first[:, None] + np.arange(taps.weights.shape[1]), 0, size - 1)
    products = []
    for start in range(0, count, block):
        stop = min(start + block, count)
        part = index[start:stop]
        low, high = int(part.min()), int(part.max()) + 1
        dense = np.zeros((stop - start, high - low))
        np.add.at(dense, (np.arange(stop - start)[:, None], part - low), taps.weights[start:stop])
        spread = np.kron(dense, np.eye(channels)) if channels > 1 else dense
        products.append(
            _Product(slice(start * channels, stop * channels), slice(low * channels, high * channels), spread.astype(np.float32))
        )
    closest = np.take_along_axis(index, np.argmax(taps.near, axis=1)[:, None], axis=1)
    return _AxisPlan(tuple(products), np.where(taps.near, index, closest))


def resample(picture: np.ndarray, lines: tuple[Line, Line], ref_wh: tuple[int, int], kernel: str, clamp: bool, pool: Executor) -> np.ndarray:
    """Resample a picture by one line for x and one for y.

    picture  (h, w, C) of any real dtype, C at most 4
    clamp    each value stays within those of the clip pixels under the main lobe: no ringing
    returns  (H, W, C) float32
    """
    height, width, channels = picture.shape
    block = _BLOCK[channels]
    across = _plan(lines[0], ref_wh[0], width, kernel, block, channels)
    down = _plan(lines[1], ref_wh[1], height, kernel, BAND, 1)
    left, right = (end // channels for end in (min(p.of.start for p in across.products), max(p.of.stop for p in across.products)))
    out = np.empty((ref_wh[1], ref_wh[0] * channels), np.float32)

    def work(product: _Product) -> None:
        rows = np.asarray(picture[product.of, left:right], np.float32)
        rows = np.ascontiguousarray(rows).reshape(rows.shape[0], -1)
        band = product.matrix @ rows
        if clamp:
            _limit_rows(band, rows, down.near[product.to] - product.of.start)
        wide = out[product.to]
        for piece in across.products:
            np.matmul(band[:, piece.of.start - left * channels : piece.of.stop - left * channels], piece.matrix.T, out=wide[:, piece.to])
        if clamp:
            _limit_columns(wide.reshape(len(wide), -1, channels), band.reshape(len(band), -1, channels), across.near - left)

    list(pool.map(work, down.products))
    return out.reshape(ref_wh[1], ref_wh[0], channels)


def _limit_rows(out: np.ndarray, source: np.ndarray, near: np.ndarray) -> None:
    low = source[near[:, 0]]
    high = low.copy()
    for k in range(1, near.shape[1]):
        some = source[near[:, k]]
        np.minimum(low, some, out=low)
        np.maximum(high, some, out=high)
    np.clip(out, low, high, out=out)


def _limit_columns(out: np.ndarray, source: np.ndarray, near: np.ndarray) -> None:
    low = source.take(near[:, 0], axis=1)
    high = low.copy()
    for k in range(1, near.shape[1]):
        some = source.take(near[:, k], axis=1)
        np.minimum(low, some, out=low)
        np.maximum(high, some, out=high)
    np.clip(out, low, high, out=out)
