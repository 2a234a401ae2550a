"""Footage and plates as if their fields had never been woven: each frame rebuilt from the fields that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from ..media.frame import Frame
from ..media.plates import Plate, Plates
from ..media.plates.samples import Samples, frame_of, samples_of
from .fields import CYCLE, MATCHES, Fields, match, rebuilt

_LEAST, _LEAST_TO_ALONE = 0.05, 0.25
"""For the film to be taken apart, so many frames have to be matched with another one: of those that say they are interlaced, and over those
that fit nowhere, which are footage that was shot as fields."""


class Reweaver:
    """Rebuilds the frames of one pass; memory does not grow but for a letter a frame."""

    def __init__(self, way: str) -> None:
        """way  auto looks at frames that are flagged as interlaced, match at all of them"""
        self._way = way
        self._letters: list[str] = []
        self._flagged = 0

    @property
    def matches(self) -> str:
        """A letter for each frame, see fields.match; "" where this is no woven film: then frames stay as they are."""
        told = "".join(self._letters)
        woven = told.count("p") + told.count("n")
        film = woven >= max(1, _LEAST * self._flagged, _LEAST_TO_ALONE * told.count("x"))
        return told if film or (woven and self._way == "match") else ""

    def frames(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames, rebuilt."""
        before: _Held | None = None
        now: _Held | None = None
        for after in chain(map(_Held, frames), (None,)):
            if now is not None:
                yield self._rebuilt(before, now, after)
            before, now = now, after

    def _rebuilt(self, before: _Held | None, now: _Held, after: _Held | None) -> Frame:
        if self._way == "auto" and not now.frame.decoded.interlaced_frame:
            self._letters.append("c")
            return now.frame
        self._flagged += 1
        usual = self._letters[-CYCLE] if len(self._letters) >= CYCLE else "c"
        around = [held.fields if held is not None and held.size_wh == now.size_wh else None for held in (before, after)]
        letter = match(around[0], now.fields, around[1], usual)
        self._letters.append(letter)
        partner = {"p": before, "n": after}.get(letter) or now
        return now.frame.instead(_framed(rebuilt(letter, now.samples, partner.samples), now.frame.decoded))


def pictures(plates: Plates, matches: str, numbers: Sequence[int]) -> Iterator[Samples]:
    """The rebuilt picture of each frame that is asked for; numbers do not fall. Raises MediaError."""
    pairs = [(number, number + MATCHES.get(matches[number], 0)) for number in numbers]
    wanted = sorted({number for pair in pairs for number in pair})
    read = plates.at(wanted)
    held: dict[int, Plate] = {}
    for number, partner in pairs:
        while not {number, partner} <= held.keys():
            plate = next(read)
            held[plate.number] = plate
        for old in [old for old in held if old < number - 1]:
            del held[old]
        yield rebuilt(matches[number], held[number].samples(), held[partner].samples())


class _Held:
    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.size_wh = frame.decoded.width, frame.decoded.height

    @cached_property
    def samples(self) -> Samples:
        return samples_of(self.frame.decoded)

    @cached_property
    def fields(self) -> Fields:
        return Fields.of(self.samples)


def _framed(samples: Samples, like: Any) -> Any:
    """A progressive frame of these samples, with the tags of another."""
    frame = frame_of(samples, like.format.name)
    frame.pts, frame.time_base = like.pts, like.time_base
    frame.colorspace, frame.color_range = like.colorspace, like.color_range
    return frame
