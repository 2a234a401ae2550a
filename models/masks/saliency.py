"""Masks by any saliency network in ONNX: (1, 3, h, w) in, a map (1, 1, h, w) out, as U2-Net, IS-Net and MODNet are.

Each frame is looked at alone: no key is needed, and nothing is carried; what stands out most is the mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from ...core.inpaint.masks.carrying import Carried, eight_bits
from ...core.progress import Progress
from ..errors import ModelError
from ..onnx_files import opened

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
OPEN_SIDE = 320
"""Taken where the network leaves its size open."""
LEAST_SPREAD = 1e-4
"""Of a map, below which nothing stands out."""


class Saliency:
    """A loaded network."""

    def __init__(self, path: str | Path, device: str = "auto", mean: tuple[float, ...] = MEAN, std: tuple[float, ...] = STD) -> None:
        """Raises WeightsError: no such file, no ONNX, or of other inputs. ModelError: onnxruntime is missing."""
        self.path, self.mean, self.std = Path(path), np.array(mean, np.float32), np.array(std, np.float32)
        self._session, self._name, sides = opened(path, device, "a saliency network such as U2-Net")
        self.hw = tuple(side or OPEN_SIDE for side in sides)

    def masks(self, frames: Callable[[int], np.ndarray], count: int, progress: Progress = Progress()) -> Iterator[Carried]:
        """Every frame's mask, in order, (H, W) uint8 with soft edges. Raises ModelError where the network gives no map."""
        for number in range(count):
            progress.at(number / count, "looking for what stands out")
            yield self._mask(number, frames(number))

    def _mask(self, number: int, frame: np.ndarray) -> Carried:
        height, width = frame.shape[:2]
        small = cv2.resize(eight_bits(frame), (self.hw[1], self.hw[0]), interpolation=cv2.INTER_AREA if height > self.hw[0] else cv2.INTER_LINEAR)
        levels = (small.astype(np.float32) / 255 - self.mean) / self.std
        try:
            got = np.asarray(self._session.run(None, {self._name: np.ascontiguousarray(levels.transpose(2, 0, 1)[None])})[0], np.float32)
        except Exception as error:  # as above
            raise ModelError(f"{self.path.name} fails: {type(error).__name__}", "it is called with one picture (1, 3, h, w)") from error
        if got.ndim != 4 or got.shape[:2] != (1, 1) or not np.isfinite(got).all():
            raise ModelError(f"{self.path.name} gives {got.shape} where a map (1, 1, h, w) is due", "name a saliency network such as U2-Net")
        low, high = float(got.min()), float(got.max())
        if high - low < LEAST_SPREAD:
            return Carried(number, np.zeros((height, width), np.uint8), 0.0)
        wide = cv2.resize((got[0, 0] - low) / (high - low), (width, height), interpolation=cv2.INTER_LINEAR)
        sure = float(np.abs(wide * 2 - 1).mean())
        return Carried(number, np.asarray(np.clip(wide, 0, 1) * 255 + 0.5).astype(np.uint8), sure)
