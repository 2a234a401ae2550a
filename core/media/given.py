"""Footage whose frames somebody else has: handed in picture by picture, by a function, instead of read from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import av
import numpy as np

from ..errors import UsageError
from .container import Damage
from .frame import Frame, View
from .info import FootageInfo, FrameIndex
from .upright import AS_STORED

KIND = "given"


class Given:
    """Frames by number, for Footage.

    name      what messages call it
    luma_at   number -> (h, w) uint8 luma of that frame, display-referred; asked for from one thread at a time, in rising order
              within a pass, several times over, and never for a number outside 0 to frames - 1
    """

    turn = AS_STORED
    bottom_first = False

    def __init__(self, name: str, size_wh: tuple[int, int], frames: int, rate: Fraction, luma_at: Callable[[int], np.ndarray]) -> None:
        if min(*size_wh, frames) < 1 or rate <= 0:
            raise UsageError(f"{name} has {frames} frames of {size_wh[0]}x{size_wh[1]} at {rate} a second", "give footage that shows something")
        self.name = name
        self.damage = Damage()
        self._luma_at = luma_at
        self._size_wh = size_wh
        self.info = FootageInfo(
            width=size_wh[0], height=size_wh[1], rate=rate, time_base=1 / rate, frames=frames, duration_s=frames / rate, kind=KIND, pix_fmt="gray"
        )  # fmt: skip

    def close(self) -> None:
        """Whoever gave the frames lets go of them."""

    def frames(self, view: View) -> Iterator[Frame]:
        """All of them, in order."""
        yield from self.at(range(self.info.frames), None, view)

    def at(self, numbers: Iterable[int], index: FrameIndex | None, view: View) -> Iterator[Frame]:
        """These, in the order asked for. Raises ValueError where a picture is not what was promised."""
        for number in numbers:
            picture = self._luma_at(number)
            if picture.dtype != np.uint8 or picture.shape != self._size_wh[::-1]:
                raise ValueError(f"frame {number} of {self.name} is {picture.dtype} {picture.shape}, and not uint8 {self._size_wh[::-1]}")
            yield Frame(number, av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="gray"), number, view)

    def whole_index(self) -> FrameIndex:
        """Every frame can be asked for by itself."""
        numbers = tuple(range(self.info.frames))
        return FrameIndex(numbers, numbers)
