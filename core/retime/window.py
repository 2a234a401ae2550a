"""A few input frames at hand, out of a film that is read forwards once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..errors import MediaError
from ..media.plates import Plate, Plates
from .light import Light


class Window:
    """Input frames by number, first … end - 1, in order. What is let go of cannot be had again."""

    def __init__(self, plates: Plates, first: int, end: int, light: Light) -> None:
        self._plates: Iterator[Plate] = plates.at(range(first, end))
        self.first = self.next = first
        """What can be had begins there, and is read up to there."""
        self._light = light
        self._held: dict[int, Plate] = {}
        self._seen: dict[int, np.ndarray] = {}

    def plate(self, number: int) -> Plate:
        """The frame as it was read. Raises MediaError where the file has no such frame any more."""
        while self.next <= number:
            plate = next(self._plates, None)
            if plate is None:
                raise MediaError(f"frame {self.next} was not found", "the file is damaged, or it changed")
            self._held[self.next] = plate
            self.next += 1
        return self._held[number]

    def look(self, number: int) -> np.ndarray:
        """(H, W, 3) or (H, W, 4) float32, as an interpolator wants it; see Light."""
        if number not in self._seen:
            self._seen[number] = self._light.look(self.plate(number))
        return self._seen[number]

    def forget(self, before: int) -> None:
        """Let go of the frames before this one."""
        for held in (self._held, self._seen):
            for number in [n for n in held if n < before]:
                del held[number]  # type: ignore[attr-defined]
        self.first = max(self.first, before)

