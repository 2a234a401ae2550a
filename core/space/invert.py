"""A map turned round: from "what does the clip show at this ref pixel" to "where does this clip pixel go in the ref".

Each clip pixel begins at the ref pixel that shows what is nearest to it, and goes on by Newton's steps on the map, which is read
linearly between its pixels and straight on beyond its border.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from .maps import jacobian

FOUND_PX = 0.02
"""A clip pixel is found where the map takes its place in the ref back to it, within this."""
_ROUNDS = 12
_ROWS = 64
_STEP_PX = 32.0
"""Longest step of one round, in ref pixels: a place where the map is nearly flat must not throw a point away."""


def invert_map(ref_to_clip: np.ndarray, clip_wh: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The clip_to_ref map of a ref_to_clip map.

    ref_to_clip  (H, W, 2), absolute, finite at least somewhere
    returns      (h, w, 2) float32: for each clip pixel the ref point (x, y) that shows it; and (h, w) bool, whether the ref
                 shows it. What it does not show goes on smoothly, outside the ref or across holes, and is a guess.
    Where the map folds, a clip pixel is shown more than once: one of the places is named.
    """
    field = np.ascontiguousarray(ref_to_clip, np.float32)
    field = np.where(np.isfinite(field).all(-1, keepdims=True), field, np.float32(np.nan))
    if np.isnan(field).all():
        return np.zeros((clip_wh[1], clip_wh[0], 2), np.float32), np.zeros(clip_wh[::-1], bool)
    field = _mended(field)
    guess = _first_guess(field, clip_wh)
    solver = _Solver(field)
    found = np.zeros(clip_wh[::-1], bool)

    def work(top: int) -> None:
        rows = slice(top, min(top + _ROWS, clip_wh[1]))
        y, x = np.mgrid[rows, : clip_wh[0]]
        want = np.stack([x.ravel(), y.ravel()]).astype(np.float32)
        at, ok = solver.solve(want, guess[rows].reshape(-1, 2).T)
        guess[rows] = at.T.reshape(guess[rows].shape)
        found[rows] = ok.reshape(found[rows].shape)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(0, clip_wh[1], _ROWS)))
    return guess, found


class _Solver:
    def __init__(self, field: np.ndarray) -> None:
        self.height, self.width = field.shape[:2]
        self._field = field.reshape(-1).view(np.complex64)
        self._enough = max(1e-4, 2e-7 * float(np.abs(field).max()))
        self._slopes = jacobian(field).reshape(-1, 4)

    def solve(self, want: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ref points (2, n) that show the clip points `want` (2, n), and which of them are right."""
        best = start.astype(np.float32)
        least = np.hypot(*(self._value(best) - want))
        live = np.arange(best.shape[1])
        stride = np.ones(best.shape[1], np.float32)
        for _ in range(_ROUNDS):
            live = live[least[live] > self._enough]
            if len(live) == 0:
                break
            at = best[:, live]
            step = self._step(at, self._value(at) - want[:, live]) * stride[live]
            new = at - step
            error = np.hypot(*(self._value(new) - want[:, live]))
            better = error < least[live]
            best[:, live[better]] = new[:, better]
            least[live[better]] = error[better]
            stride[live] = np.where(better, 1, stride[live] / 2)
        inside = (best >= -0.5).all(0) & (best[0] <= self.width - 0.5) & (best[1] <= self.height - 0.5)
        return best, (least < FOUND_PX) & inside

    def _value(self, at: np.ndarray) -> np.ndarray:
        """The map at ref points (2, n): (2, n)."""
        x0 = np.clip(np.floor(at[0]), 0, max(self.width - 2, 0)).astype(np.intp)
        y0 = np.clip(np.floor(at[1]), 0, max(self.height - 2, 0)).astype(np.intp)
        u, v = at[0] - x0, at[1] - y0
        index = y0 * self.width + x0
        right = 1 if self.width > 1 else 0
        below = self.width if self.height > 1 else 0
        field = self._field
        top, foot = field.take(index), field.take(index + below)
        top += (field.take(index + right) - top) * u.astype(np.float32)
        foot += (field.take(index + below + right) - foot) * u.astype(np.float32)
        top += (foot - top) * v.astype(np.float32)
        return np.stack([top.real, top.imag])

    def _step(self, at: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Newton's step (2, n) in the ref for an error in the clip."""
        x = np.clip(np.rint(at[0]), 0, self.width - 1).astype(np.intp)
        y = np.clip(np.rint(at[1]), 0, self.height - 1).astype(np.intp)
        a, b, c, d = self._slopes[y * self.width + x].T
        area = a * d - b * c
        area = np.where(np.abs(area) < 1e-6, np.where(area < 0, -1e-6, 1e-6), area)
        step = np.stack([d * error[0] - b * error[1], a * error[1] - c * error[0]]) / area
        length = np.hypot(*step)
        return np.asarray(step * (np.minimum(length, _STEP_PX) / np.maximum(length, 1e-12)))


def _mended(field: np.ndarray) -> np.ndarray:
    """The map with what is not a number filled from around."""
    known = np.isfinite(field[..., 0])
    return field if known.all() else _filled(np.where(known[..., None], field, 0), known)


def _first_guess(field: np.ndarray, clip_wh: tuple[int, int]) -> np.ndarray:
    """(h, w, 2): the ref pixel that shows what is nearest, for those clip pixels that have one; the others are filled from around."""
    width, height = clip_wh
    y, x = np.mgrid[: field.shape[0], : field.shape[1]]
    column, row = np.rint(field[..., 0]), np.rint(field[..., 1])
    held = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    spot = (row[held] * width + column[held]).astype(np.intp)
    guess = np.zeros((height * width, 2), np.float32)
    known = np.zeros(height * width, bool)
    guess[spot, 0], guess[spot, 1] = x[held], y[held]
    known[spot] = True
    if not known.any():
        guess[:] = (field.shape[1] - 1) / 2, (field.shape[0] - 1) / 2
        return guess.reshape(height, width, 2)
    return _filled(guess.reshape(height, width, 2), known.reshape(height, width))


def _filled(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Unknown values replaced by averages of known ones around, as near as there are any (a pyramid pulled up and pushed down)."""
    if known.all() or (min(known.shape) == 1 and max(known.shape) == 1):
        return values
    weight = known.astype(np.float32)
    half_wh = (-(-known.shape[1] // 2), -(-known.shape[0] // 2))
    even = [(0, half_wh[1] * 2 - known.shape[0]), (0, half_wh[0] * 2 - known.shape[1])]
    total = np.pad(values * weight[..., None], [*even, (0, 0)]).reshape(half_wh[1], 2, half_wh[0], 2, 2).sum((1, 3))
    count = np.pad(weight, even).reshape(half_wh[1], 2, half_wh[0], 2).sum((1, 3))
    coarse = _filled((total / np.maximum(count, 1)[..., None]).astype(np.float32), count > 0)
    fine = cv2.resize(coarse, (half_wh[0] * 2, half_wh[1] * 2), interpolation=cv2.INTER_LINEAR)[: known.shape[0], : known.shape[1]]
    return np.where(known[..., None], values, fine).astype(np.float32)
