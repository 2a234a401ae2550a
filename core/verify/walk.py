"""Reads wanted frames of one file in the order they are asked for, on one pass wherever that order runs forward."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from ..media.footage import Footage, Frame

KEPT = 16
"""Frames kept decoded: the neighbours of one sample and of the next."""


class Walk:
    """Frames by number; a step back starts a new pass from there."""

    def __init__(self, footage: Footage, wanted: Iterable[int]) -> None:
        self._footage = footage
        self._wanted = sorted(set(wanted))
        self._kept: OrderedDict[int, Frame] = OrderedDict()
        self._pass: Iterator[Frame] | None = None
        self._last = -1

    def frame(self, number: int) -> Frame:
        """One frame. Those that were not announced as wanted are read too, by a pass of their own."""
        if number not in self._kept:
            self._read_to(number)
        self._kept.move_to_end(number)
        return self._kept[number]

    def _read_to(self, number: int) -> None:
        if self._pass is None or number <= self._last:
            self._begin(number)
        while self._pass is not None:
            frame = next(self._pass, None)
            if frame is None or frame.number > number:
                self._begin(number)
                continue
            self._last = frame.number
            self._kept[frame.number] = frame
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            if frame.number == number:
                return

    def _begin(self, number: int) -> None:
        self._pass = self._footage.at([number, *(n for n in self._wanted if n > number)])
        self._last = number - 1
