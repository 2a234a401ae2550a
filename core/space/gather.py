"""Resampling at any points: each ref pixel gathers the clip pixels around the point that it shows.

numpy's `take` moves whole pixels (16 bytes: four channels) and multiplies whole rows of them; on two cores that was faster than
torch's take, index_select and embedding_bag and than OpenCV's remap tap by tap, and needs the memory of a band only.
Beyond its border the picture goes on with its outermost pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .kernels import PHASES, STEPS, distance_table, kernel_of, phase_table
from .stretch import Stretch

BORDER = 8
"""Pixels that are put around the picture, so that no tap of an unstretched kernel needs a check."""
_OUT = 4.0
"""A point further out than this is moved here: nothing but the border is there, and no ref pixel that shows it is covered."""
_SOME = 4096
"""Stretched pixels worked on together, at most; those of like size stand together."""
_LARGEST = 96.0
"""Furthest tap, in clip pixels; next to a horizon a ref pixel may show more of the clip than that."""
_ALONG = 0.03
"""A stretch that is less askew than this is taken to lie along the axes: its outermost tap is off by less than a tenth."""
_WIDTHS = {1: 1, 2: 2, 3: 4, 4: 4}
_ITEMS: dict[int, Any] = {1: np.float32, 2: np.complex64, 4: np.complex128}
"""Types of the size of one, two and four float32: how a whole pixel is moved at once."""


class Source:
    """A picture made ready for gathering: float32, with a border, its channels filled up to one, two or four."""

    def __init__(self, picture: np.ndarray, kernel: str) -> None:
        """picture  (h, w, C), C at most 4, of any real dtype."""
        self.height, self.width, self.channels = picture.shape
        self.kernel = kernel_of(kernel)
        self._lanes = _WIDTHS[self.channels]
        padded = np.zeros((self.height + 2 * BORDER, self.width + 2 * BORDER, self._lanes), np.float32)
        inner = slice(BORDER, BORDER + self.width)
        padded[BORDER : BORDER + self.height, inner, : self.channels] = picture
        padded[:, :BORDER] = padded[:, BORDER : BORDER + 1]
        padded[:, inner.stop :] = padded[:, inner.stop - 1 : inner.stop]
        padded[:BORDER] = padded[BORDER]
        padded[BORDER + self.height :] = padded[BORDER + self.height - 1]
        self._pitch = padded.shape[1]
        self._pixels: np.ndarray = padded.reshape(-1).view(_ITEMS[self._lanes])
        self._phases = self._spread(phase_table(kernel))
        self._distances = distance_table(kernel)

    def at(self, x: np.ndarray, y: np.ndarray, stretch: Stretch | None, clamp: bool) -> np.ndarray:
        """The picture at clip points x, y (n,) float64, finite: (n, C) float32.

        stretch  how far the ref's pixels reach there; None where none reaches further than a clip pixel
        """
        x = np.clip(x, -_OUT, self.width - 1 + _OUT)
        y = np.clip(y, -_OUT, self.height - 1 + _OUT)
        if stretch is None:
            return self._sharp(x, y, clamp)
        out = np.empty((len(x), self.channels), np.float32)
        plain = np.flatnonzero(stretch.reach <= 1)
        if len(plain):
            out[plain] = self._sharp(x[plain], y[plain], clamp)
        askew = np.abs(stretch.xy) > _ALONG
        for way, chosen in ((self._stretched_along, ~askew), (self._stretched, askew)):
            wide = np.flatnonzero((stretch.reach > 1) & chosen)
            wide = wide[np.argsort(stretch.reach[wide], kind="stable")]
            for start in range(0, len(wide), _SOME):
                some = wide[start : start + _SOME]
                out[some] = way(x[some], y[some], stretch.of(some), clamp)
        return out

    def _spread(self, weights: np.ndarray) -> np.ndarray:
        """Each weight as often as there are channels, as one item: so weights and pixels are multiplied in one plain row."""
        return np.ascontiguousarray(np.repeat(weights[..., None], self._lanes, axis=-1)).view(_ITEMS[self._lanes])[..., 0]

    def _sharp(self, x: np.ndarray, y: np.ndarray, clamp: bool) -> np.ndarray:
        """With the kernel as it is: (n, C)."""
        column, row = np.floor(x), np.floor(y)
        phase_x, phase_y = (((p - q) * PHASES + 0.5).astype(np.intp) for p, q in ((x, column), (y, row)))
        reach = self.kernel.radius - 1
        base = ((row + (BORDER - reach)) * self._pitch + (column + (BORDER - reach))).astype(np.intp)
        count = 2 * self.kernel.radius

        def move(down: int, k: int, item: np.ndarray) -> None:
            self._pixels[down * self._pitch + k :].take(base, out=item, mode="clip")

        across = [self._phases[k].take(phase_x, mode="clip").view(np.float32) for k in range(count)]
        near = range(reach, reach + 2)
        limits = _Limits(len(x) * self._lanes) if clamp else None
        total = self._product(len(x), across, count, lambda k, item: self._phases[k].take(phase_y, out=item, mode="clip"), move, near, near, limits)
        return self._done(limits.hold(total) if limits else total)

    def _product(
        self,
        n: int,
        across: list[np.ndarray],
        rows: int,
        weigh_row: Callable[[int, np.ndarray], object],
        move: Callable[[int, int, np.ndarray], None],
        near_rows: range,
        near_columns: range,
        limits: _Limits | None,
    ) -> np.ndarray:
        """Sum of weighted rows of weighted pixels, flat: n pixels of all lanes."""
        item = np.empty(n, self._pixels.dtype)
        flat = item.view(np.float32)
        total, line = np.zeros(len(flat), np.float32), np.empty(len(flat), np.float32)
        for down in range(rows):
            line[:] = 0
            for k, weights in enumerate(across):
                move(down, k, item)
                if limits and down in near_rows and k in near_columns:
                    limits.see(flat)
                flat *= weights
                line += flat
            weigh_row(down, item)
            line *= flat
            total += line
        return total

    def _stretched(self, x: np.ndarray, y: np.ndarray, stretch: Stretch, clamp: bool) -> np.ndarray:
        """With the kernel stretched to the ref's pixels, each by its own: (n, C)."""
        rows, columns = _reached(y, self.kernel.radius * stretch.reach_y), _reached(x, self.kernel.radius * stretch.reach_x)
        total, weight = np.zeros((len(x), self._lanes), np.float32), np.zeros(len(x), np.float32)
        limits = _Limits(total.shape) if clamp else None
        for row in rows:
            dy = row - y
            line = self._line(row)
            for column in columns:
                dx = column - x
                u, v = np.abs(stretch.xx * dx + stretch.xy * dy), np.abs(stretch.xy * dx + stretch.yy * dy)
                share = self._weights(u)
                share *= self._weights(v)
                pixels = self._pixels.take(line + self._column(column), mode="clip").view(np.float32).reshape(total.shape)
                total += pixels * share[:, None]
                weight += share
                if limits:
                    limits.see(pixels, ((u < 1) & (v < 1))[:, None])
        total /= weight[:, None]
        return self._done(limits.hold(total) if limits else total)

    def _stretched_along(self, x: np.ndarray, y: np.ndarray, stretch: Stretch, clamp: bool) -> np.ndarray:
        """The same where the stretch lies along the clip's axes, as that of any turn and zoom does: weights by column and by row."""
        rows, columns = _reached(y, self.kernel.radius * stretch.reach_y), _reached(x, self.kernel.radius * stretch.reach_x)
        across = self._shares([np.abs(stretch.xx * (column - x)) for column in columns])
        down = self._shares([np.abs(stretch.yy * (row - y)) for row in rows])
        places, lines = [self._column(column) for column in columns], [self._line(row) for row in rows]

        def move(row: int, k: int, item: np.ndarray) -> None:
            self._pixels.take(lines[row] + places[k], out=item, mode="clip")

        def weigh(row: int, item: np.ndarray) -> None:
            item.view(np.float32)[:] = down[row]

        limits = None
        if clamp:
            limits = _Limits(len(x) * self._lanes)
            for row, line in zip(rows, lines, strict=True):
                for column, place in zip(columns, places, strict=True):
                    near = (np.abs(stretch.xx * (column - x)) < 1) & (np.abs(stretch.yy * (row - y)) < 1)
                    if near.any():
                        pixels = self._pixels.take(line + place, mode="clip").view(np.float32)
                        limits.see(pixels, np.repeat(near, self._lanes))
        total = self._product(len(x), across, len(rows), weigh, move, range(0), range(0), None)
        return self._done(limits.hold(total) if limits else total)

    def _shares(self, away: list[np.ndarray]) -> list[np.ndarray]:
        """Weights of the taps of one axis, adding up to 1, once for each lane."""
        weights = np.stack([self._weights(distance) for distance in away])
        weights /= weights.sum(0)
        return list(np.repeat(weights, self._lanes, axis=1))

    def _weights(self, away: np.ndarray) -> np.ndarray:
        return np.asarray(self._distances.take((away * STEPS + 0.5).astype(np.intp), mode="clip"))

    def _line(self, row: np.ndarray) -> np.ndarray:
        return (np.clip(row, -BORDER, self.height - 1 + BORDER).astype(np.intp) + BORDER) * self._pitch

    def _column(self, column: np.ndarray) -> np.ndarray:
        return np.clip(column, -BORDER, self.width - 1 + BORDER).astype(np.intp) + BORDER

    def _done(self, total: np.ndarray) -> np.ndarray:
        return total.reshape(-1, self._lanes)[:, : self.channels]


def _reached(place: np.ndarray, far: np.ndarray) -> list[np.ndarray]:
    """The whole numbers within reach of each place, as often as the one that reaches furthest needs."""
    far = np.minimum(far, _LARGEST)
    first = np.floor(place - far) + 1
    return [first + k for k in range(int(np.ceil(2 * far.max())) + 1)]


class _Limits:
    """The least and the most that was seen under the main lobe."""

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        self._low = np.full(shape, np.inf, np.float32)
        self._high = np.full(shape, -np.inf, np.float32)

    def see(self, pixels: np.ndarray, where: np.ndarray | None = None) -> None:
        """Take these into account, or those of them where a mask is true."""
        np.minimum(self._low, pixels if where is None else np.where(where, pixels, np.inf), out=self._low)
        np.maximum(self._high, pixels if where is None else np.where(where, pixels, -np.inf), out=self._high)

    def hold(self, values: np.ndarray) -> np.ndarray:
        """The values, brought within the limits."""
        return np.clip(values, self._low, self._high)
