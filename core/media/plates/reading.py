"""Plates: pictures in display order at full depth, with the numbers and the time stamps that analysis sees; streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ...errors import MediaError, UsageError
from ..footage import Footage, open_footage
from ..frame import Frame, View
from ..info import FrameIndex
from ..pictures import Pictures
from ..upright import AS_STORED
from ..video import Video
from .header import header_of, picture_facts
from .info import PictureInfo, PlateOptions
from .plate import Decoded, Plate, PlateView
from .stills import Still, reads

AS_FILED = PlateOptions()


def open_plates(path: str | Path, options: PlateOptions = AS_FILED, index: FrameIndex | None = None) -> Plates:
    """Open a film, a still or an image sequence to read its pictures at full depth.

    index  of an earlier pass (Footage.index): at() then seeks
    Raises MediaError where it cannot be read as footage, UsageError where an option makes no sense.
    """
    if options.fields not in ("keep", "first"):
        raise UsageError(f"fields is {options.fields!r}", "choose keep or first")
    return Plates(str(path), options, index)


class Plates:
    """Open footage. Several passes may be under way at once; one Plates belongs to one thread at a time."""

    def __init__(self, path: str, options: PlateOptions, index: FrameIndex | None) -> None:
        self.path = path
        self._footage: Footage = open_footage(path, options.read, index)
        reader = self._footage.reader
        assert isinstance(reader, (Pictures, Video)), "a path leads to files"
        self._reader: Pictures | Video = reader
        try:
            self.info: PictureInfo = self._described(options)
        except BaseException:
            self._footage.close()
            raise
        self._view = PlateView(
            (self.info.width, self.info.height),
            self.info.encoding,
            self._reader.turn if options.upright else AS_STORED,
            self.info.bottom_first,
            options.fields == "first",
        )

    def __enter__(self) -> Plates:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def index(self) -> FrameIndex | None:
        """Time stamps and key frames of all frames; None until frames() has reached the end."""
        return self._footage.index

    @property
    def lost(self) -> int:
        """Damaged packets and missing pictures of the last whole pass, as far as it got."""
        return self._footage.lost

    def close(self) -> None:
        """Let go of files and threads."""
        self._footage.close()

    def frames(self) -> Iterator[Plate]:
        """All pictures, numbered from 0 as Footage numbers them. Damage is counted and passed by; a missing file shows the one before it."""
        for frame in self._footage.frames():
            yield self._plate(frame)

    def at(self, numbers: Iterable[int]) -> Iterator[Plate]:
        """One plate for each number, in the order given: repeats and steps back are allowed, numbers are taken one by one.

        With an index it seeks; without one it decodes from the start, and from there again where a number lies before the last one.
        Raises IndexError for a frame that the index does not have, MediaError where the file has no such frame.
        """
        run = _Run(self._checked(numbers))
        while (wanted := run.peek()) is not None:
            last: Plate | None = None
            for frame in self._reader.at(run.ascending(), self.index, _ANY):
                last = self._plate(frame)
                yield last
                while run.repeats(frame.number):
                    yield last
            if last is None or run.broken(last.number):
                raise MediaError(f"frame {wanted} of {self.path}, or one after it, was not found", "the file is damaged, or it changed")

    def _checked(self, numbers: Iterable[int]) -> Iterator[int]:
        for number in numbers:
            if number < 0 or (self.index is not None and number >= len(self.index.pts)):
                raise IndexError(f"{self.path} has no frame {number}")
            yield number

    def _plate(self, frame: Frame) -> Plate:
        picture: Any = Decoded(frame.decoded, self._reader.info.codec)
        if isinstance(self._reader, Pictures):
            picture = self._still(self._reader, frame.decoded) or picture
        length = int(getattr(frame.decoded, "duration", 0) or 0) if isinstance(self._reader, Video) else 1
        return Plate(frame.number, frame.pts, length or None, picture, self._view)

    def _still(self, reader: Pictures, decoded: Any) -> Still | None:
        """The file that analysis saw: FFmpeg's picture carries the number of the file that it was decoded from."""
        path = reader.sequence.files.get(reader.sequence.first + int(decoded.pts or 0), "")
        return Still(path, reader.sequence.codec) if reads(path, reader.sequence.codec) else None

    def _described(self, options: PlateOptions) -> PictureInfo:
        reader = self._reader
        if isinstance(reader, Video):
            with reader.container() as container:
                return header_of(container, reader.info, reader.turn, reader.bottom_first, options)
        first = reader.first_picture()
        info = PictureInfo(**picture_facts(first, reader.info, reader.turn, options))
        still = self._still(reader, first)
        if still is None:
            return info
        form = still.samples().form
        timecode = info.timecode or still.timecode
        return replace(info, form=form, pix_fmt=still.pix_fmt, associated=still.associated and form.alpha, timecode=timecode)


_ANY = View((0, 0))
"""Plates look at the decoder's picture themselves."""


class _Run:
    """Cuts a row of numbers into stretches that only rise; repeats are counted."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._rest = iter(numbers)
        self._peeked = False
        self._next: int | None = None
        self._top = -1
        self._again: dict[int, int] = {}

    def peek(self) -> int | None:
        """The number that comes next; None at the end."""
        if not self._peeked:
            self._next, self._peeked = next(self._rest, None), True
        return self._next

    def ascending(self) -> Iterator[int]:
        """Numbers of the next stretch, taken as they are wanted (a decoder may want some ahead)."""
        self._top = -1
        while (number := self.peek()) is not None and number >= self._top:
            self._peeked = False
            if number == self._top:
                self._again[number] = self._again.get(number, 0) + 1
            else:
                self._top = number
                yield number

    def repeats(self, number: int) -> bool:
        """Whether this number, given out just now, is wanted once more."""
        if self._again.get(number):
            self._again[number] -= 1
            return True
        if number == self._top and self.peek() == number:
            self._peeked = False
            return True
        self._again.pop(number, None)
        return False

    def broken(self, number: int) -> bool:
        """Whether the stretch ended before its last number was given out."""
        return number != self._top
