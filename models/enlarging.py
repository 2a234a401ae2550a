"""Models that enlarge pictures, in ONNX: (1, 3, h, w) in, 0 to 1, and the same so many times as large out, as ESRGAN and its kin are exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import ModelError, WeightsError
from .onnx_files import opened

TILE_PX = 256
AROUND_PX = 16
"""Around a tile, cut off again: what a network sees of its surroundings, at most places."""


class Enlarger:
    """A loaded network: a core.inpaint.upscaling.Upscaler. How many times it enlarges is found by asking it."""

    def __init__(self, path: str | Path, device: str = "auto", tile_px: int = TILE_PX) -> None:
        """Raises WeightsError: no such file, no ONNX, or of other inputs. ModelError: onnxruntime is missing, or it makes nothing larger."""
        self.path, self.tile_px = Path(path), tile_px
        self.name = self.path.name
        self._session, self._input, sides = opened(path, device, "a model that enlarges")
        if sides != (None, None):
            raise WeightsError(f"{path}: it takes pictures of one size alone", "export it with open sides")
        self.times = self._found_times()

    def enlarged(self, picture: np.ndarray) -> np.ndarray:
        """(h, w, 3) float32, 0 to 1, to (times h, times w, 3); worked on in tiles, so that memory does not grow with the picture."""
        height, width = picture.shape[:2]
        out = np.empty((height * self.times, width * self.times, 3), np.float32)
        for top in range(0, height, self.tile_px):
            for left in range(0, width, self.tile_px):
                bottom, right = min(height, top + self.tile_px), min(width, left + self.tile_px)
                above, before = max(0, top - AROUND_PX), max(0, left - AROUND_PX)
                made = self._asked(picture[above : bottom + AROUND_PX, before : right + AROUND_PX])
                y, x = (top - above) * self.times, (left - before) * self.times
                part = made[y : y + (bottom - top) * self.times, x : x + (right - left) * self.times]
                out[top * self.times : bottom * self.times, left * self.times : right * self.times] = part
        return out

    def _asked(self, picture: np.ndarray) -> np.ndarray:
        planes = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)
        try:
            made = np.asarray(self._session.run(None, {self._input: planes})[0], np.float32)
        except Exception as error:  # as above
            raise ModelError(f"{self.name} fails: {type(error).__name__}", "it is called with one picture (1, 3, h, w)") from error
        sides = [made.shape[axis] / planes.shape[axis] for axis in (2, 3)] if made.ndim == 4 and made.shape[:2] == (1, 3) else [0.0]
        if len(set(sides)) != 1 or sides[0] < 1 or sides[0] % 1 or not np.isfinite(made).all():
            raise ModelError(f"{self.name} makes {made.shape} of {planes.shape}, which is no larger picture", "name a model that enlarges")
        return np.ascontiguousarray(made[0].transpose(1, 2, 0))

    def _found_times(self) -> int:
        return self._asked(np.zeros((AROUND_PX * 2, AROUND_PX * 2, 3), np.float32)).shape[0] // (AROUND_PX * 2)
