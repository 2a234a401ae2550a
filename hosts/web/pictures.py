"""Pictures as a browser shows them: 8 bits, PNG where a person judges, JPEG where they run or are small; encoded ones are kept up to a limit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import cv2
import numpy as np

from ...core.errors import GenlockError
from ...core.inpaint.look import shown

CACHE_BYTES = 192 << 20

_WHOLE_COLOUR = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


@dataclass(frozen=True)
class Size:
    """How large a picture is asked for, and in which form."""

    longest_px: int
    """Of the longer side; 0 leaves the picture as it is. Nothing is made larger."""
    suffix: str
    quality: int = 0
    """Of JPEG."""

    @property
    def mime(self) -> str:
        return "image/png" if self.suffix == ".png" else "image/jpeg"


SIZES = {"full": Size(0, ".png"), "loop": Size(1280, ".jpg", 94), "thumb": Size(320, ".jpg", 85)}
"""By the name that the page uses."""


def eight_bit(picture: np.ndarray) -> np.ndarray:
    """A frame of a project as a screen shows it: (h, w) or (h, w, 3) uint8. Float is taken as scene-linear."""
    if picture.dtype.kind == "f":
        picture = shown(picture)
    return picture if picture.dtype == np.uint8 else ((picture.astype(np.uint32) + 128) // 257).astype(np.uint8)


def encoded(picture: np.ndarray, size: Size) -> bytes:
    """The contents of a picture file. (h, w) or (h, w, 3) uint8, RGB."""
    if size.longest_px and max(picture.shape[:2]) > size.longest_px:
        scale = size.longest_px / max(picture.shape[:2])
        wh = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
        picture = np.asarray(cv2.resize(picture, wh, interpolation=cv2.INTER_AREA))
    turned = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    how = [cv2.IMWRITE_JPEG_QUALITY, size.quality, *_WHOLE_COLOUR] if size.quality else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    good, data = cv2.imencode(size.suffix, turned, how)
    if not good:
        raise GenlockError("a picture cannot be encoded for the page", "this is a fault; please report it")
    return data.tobytes()


class Cache:
    """Encoded pictures by what they show; the ones that nobody asked for longest go first."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._held: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The picture of a key, made where it is not held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            if key not in self._held and len(made) <= self.most_bytes:
                self._held[key] = made
                self.bytes += len(made)
            while self.bytes > self.most_bytes:
                _, gone = self._held.popitem(last=False)
                self.bytes -= len(gone)
        return made
