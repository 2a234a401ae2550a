"""How the pictures of a job are cut into units: by its request alone, never by how many work at it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .pieces import PIECES


@dataclass(frozen=True)
class Cut:
    """The pictures of one job."""

    outputs: tuple[str, ...]
    """Films and picture sequences, in the request's order."""
    frames: int
    length: int
    """Pictures a unit."""
    key: str
    """Of key_of()."""

    @property
    def units(self) -> int:
        return max(1, -(-self.frames // self.length))

    def pictures(self, first: int, end: int) -> range:
        """Of the units first … end - 1."""
        return range(min(first * self.length, self.frames), min(end * self.length, self.frames))

    def missing(self, work: str, checked: bool = True) -> list[int]:
        """The units that do not stand whole in a job's folder for pieces, rising. checked: all of them is read; else it is a quick look."""
        from ...core.media.write.pieces import standing

        whole = np.ones(self.frames, bool)
        for n in range(len(self.outputs)):
            stands = np.zeros(self.frames, bool)
            for pictures in standing(os.path.join(work, PIECES, str(n)), self.key, checked):
                stands[pictures.start : pictures.stop] = True
            whole &= stands
        return self.holding(np.flatnonzero(~whole).tolist())

    def forget(self, work: str, first: int, end: int) -> None:
        """Take away what stands of the units first … end - 1."""
        from ...core.media.write.pieces import discard

        for n in range(len(self.outputs)):
            discard(os.path.join(work, PIECES, str(n)), self.key, self.pictures(first, end))

    def holding(self, pictures: Iterable[int]) -> list[int]:
        """The units of some pictures, rising."""
        return sorted({number // self.length for number in pictures})


def unit_length(outputs: Sequence[str], carried: bool = False) -> int:
    """Pictures a unit: the longest piece that a film has; a tenth where every output is a picture sequence.

    carried  the making of one picture leans on those before it within a block of that length, so shorter units would cost more than they share
    """
    from ...core.media.write.choice import suffix_of
    from ...core.media.write.codecs import STILLS
    from ...core.media.write.pieces import film

    return film.LENGTH_ALONE if not carried and all(suffix_of(path) in STILLS for path in outputs) else film.LENGTH


def told(units: Sequence[int], most: int = 6) -> str:
    """Some units in words, counted from 1: "2, 5 to 9"."""
    runs = [f"{first + 1}" if end == first + 1 else f"{first + 1} to {end}" for first, end in runs_of(units)]
    return ", ".join(runs[:most]) + (f" and {len(runs) - most} more stretches" if len(runs) > most else "")


def runs_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(first, end) of each stretch of numbers that follow one another; they rise."""
    first = end = None
    for number in numbers:
        if first is not None and number == end:
            end = number + 1
            continue
        if first is not None and end is not None:
            yield first, end
        first, end = number, number + 1
    if first is not None and end is not None:
        yield first, end
