"""A larger picture: Lanczos, and models laid over it one after the other, each by its opacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from ..errors import UsageError


class Upscaler(Protocol):
    """A model that enlarges. Pictures are (h, w, 3) float32, display-referred, 0 to 1."""

    @property
    def name(self) -> str: ...
    def enlarged(self, picture: np.ndarray) -> np.ndarray:
        """The picture as many times larger as the model makes it."""
        ...


def named_layers(said: Sequence[str]) -> list[tuple[str, float]]:
    """(file, opacity) of each FILE or FILE:OPACITY. Raises UsageError for an opacity that is none."""
    out = []
    for text in said:
        path, colon, rest = text.rpartition(":")
        if not colon or "/" in rest or "\\" in rest:
            out.append((text, 1.0))
            continue
        try:
            opacity = float(rest)
        except ValueError:
            out.append((text, 1.0))
            continue
        if not 0 <= opacity <= 1:
            raise UsageError(f"the opacity of {path} is {rest}", "write 0 to 1 after the colon")
        out.append((path, opacity))
    return out


def enlarged(picture: np.ndarray, times: int, layers: Sequence[tuple[Upscaler, float]] = ()) -> np.ndarray:
    """(h, w, 3) float32, so many times as wide and as high; a model that enlarges otherwise is brought to that size."""
    height, width = picture.shape[0] * times, picture.shape[1] * times
    out = _sized(picture, width, height)
    for model, opacity in layers:
        layer = _sized(model.enlarged(np.ascontiguousarray(picture, np.float32)), width, height)
        out = out + (layer - out) * np.float32(opacity)
    return out


def _sized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    if picture.shape[:2] == (height, width):
        return np.asarray(picture, np.float32)
    how = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(np.ascontiguousarray(picture, np.float32), (width, height), interpolation=how), np.float32)
