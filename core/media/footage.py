"""Footage: frames in display order, numbered from 0, streamed; memory does not grow with length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import numpy as np

from ..alignment import Media
from ..errors import MediaError
from .clock import mean_rate, rising, steady_rate
from .frame import Frame, View
from .given import Given
from .info import Colour, FootageInfo, FrameIndex, ReadOptions
from .pictures import Pictures
from .sequence import find_sequence
from .sound import mono
from .video import Video
from .walked import Walked

__all__ = ["Colour", "Footage", "FootageInfo", "Frame", "FrameIndex", "Given", "ReadOptions", "given_footage", "open_footage", "probe"]

AS_TAGGED = ReadOptions()


def open_footage(path: str | Path, options: ReadOptions = AS_TAGGED, index: FrameIndex | None = None) -> Footage:
    """Open a file, a still, or an image sequence (shot.%04d.exr, shot.####.png) for reading.

    index  of an earlier pass over the same content: at() and media() then need no pass of their own
    Raises MediaError where it cannot be read as footage, UsageError where an option makes no sense.
    """
    return Footage(str(path), options, index)


def given_footage(frames: Given) -> Footage:
    """Footage of frames that are handed in, instead of read from a file. It has no files, no sound, and no digest."""
    return Footage(frames.name, AS_TAGGED, None, frames)


def probe(path: str | Path, options: ReadOptions = AS_TAGGED) -> FootageInfo:
    """What the header and the first frame say; reads no more than that. Raises as open_footage does."""
    with open_footage(path, options) as footage:
        return footage.info


class Footage:
    """An open piece of footage.

    Several passes may be under way at once, and two Footages may be read in two threads; one Footage belongs to
    one thread at a time. A pass that is left half way ends when its iterator or the Footage is closed.
    """

    def __init__(self, path: str, options: ReadOptions, index: FrameIndex | None, given: Given | None = None) -> None:
        self.path = path
        self._options = options
        self._closed = False
        sequence = find_sequence(path) if given is None else None
        self._reader: Pictures | Video | Given = given or (Video(path, options) if sequence is None else Pictures(sequence, options))
        self.info: FootageInfo = self._reader.info
        self._view = self._seen()
        self.index = index
        """Time stamps and key frames of all frames; None until frames() has reached the end."""

    def __enter__(self) -> Footage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def reader(self) -> Pictures | Video | Given:
        """What decodes it, for whoever wants the decoder's own pictures."""
        return self._reader

    @property
    def walked(self) -> Walked | None:
        """What the pass under way has seen so far, for another one to go on from; None of footage that tells its frames by nothing."""
        return self._reader.walked if not isinstance(self._reader, Given) and self.info.stamped else None

    @property
    def lost(self) -> int:
        """Damaged packets and missing pictures, of the last whole pass as far as it got."""
        return self._reader.damage.lost

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that this footage is made of: one, or the pictures of a sequence; none where its frames are handed in."""
        if isinstance(self._reader, Given):
            return ()
        if isinstance(self._reader, Pictures):
            return tuple(Path(path) for path in self._reader.sequence.files.values())
        return (Path(self.path),)

    def close(self) -> None:
        """Let go of files and threads. Passes under way end with MediaError at their next frame."""
        self._closed = True
        self._reader.close()

    def frames(self, before: Walked | None = None) -> Iterator[Frame]:
        """All frames, in display order, numbered from 0; at the end, `index` is known. Damage is counted and passed by.

        before  what a pass that was cut off had seen of the same content: frames come from before.start() on, and those that it had
                seen have to be the same again. Raises Strayed where they are not, or where the file does not seek: begin anew.
        """
        frames = self._reader.frames(self._view) if before is None or isinstance(self._reader, Given) else self._reader.frames(self._view, before)
        yield from self._until_closed(frames)
        self.index = self._reader.built if isinstance(self._reader, Video) else self._reader.whole_index()

    def at(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """These frames, each once, in ascending order: seeks to key frames and decodes on. Needs the index.

        Raises IndexError for a frame that does not exist, MediaError where the file lost it since.
        """
        index = self._known_index()
        wanted = sorted(set(numbers))
        if wanted and not 0 <= wanted[0] <= wanted[-1] < len(index.pts):
            raise IndexError(f"frames 0 to {len(index.pts) - 1} exist; asked for {wanted[0]} to {wanted[-1]}")
        yield from self._until_closed(self._reader.at(wanted, index, self._view)) if wanted else ()

    def media(self) -> Media:
        """What an alignment remembers of this footage. Needs the index.

        pts is there only where the rate varies; a rate that was asked for in the options holds whatever the time stamps say.
        """
        index, info = self._known_index(), self.info
        step = max(1, round(1 / (info.rate * info.time_base)))
        pts = rising(index.pts, step)
        rate = info.rate if self._options.rate else steady_rate(pts, info.time_base, info.rate)
        varies = rate is None
        return Media(
            path=self.path,
            frames=len(pts),
            rate=rate or mean_rate(pts, info.time_base, info.rate),
            width=info.width,
            height=info.height,
            pts=pts if varies else None,
            time_base=info.time_base,
            start_frame=info.start_frame,
            timecode=info.timecode,
            sample_aspect=info.sample_aspect,
            sound=info.sound,
            lost=self.lost,
            length_s=self._length_s(pts) if varies else None,
        )

    def sound(self, rate: int = 8000) -> Iterator[np.ndarray]:
        """The first sound track, mono: blocks of float32, `rate` samples a second.

        Sample 0 is heard when the first frame appears: earlier sound is cut, a late start or a gap is filled with zeros.
        Nothing where there is no sound.
        """
        if not self.info.sound or not isinstance(self._reader, Video):
            return
        first = self.index.pts[0] if self.index else self.info.first_pts
        with self._reader.container() as container:
            for block in mono(container, first * self.info.time_base if self.info.stamped else Fraction(0), rate):
                yield block
                self._check_open()

    def _seen(self) -> View:
        to_display = None
        if self._options.space:
            from .ocio import to_display as named

            to_display = named(self._options.space)
        info = self.info
        return View(
            full_wh=(info.width, info.height),
            turn=self._reader.turn,
            transfer=info.colour.transfer,
            full_range=info.colour.full_range,
            bottom_first=self._reader.bottom_first,
            to_display=to_display,
        )

    def _length_s(self, pts: tuple[int, ...]) -> Fraction | None:
        """From the first frame's start to the last one's end, where the header's figure fits the time stamps."""
        last_s = (pts[-1] - pts[0]) * self.info.time_base
        longest = max((b - a for a, b in pairwise(pts)), default=0) * self.info.time_base
        told = self.info.duration_s
        return told if last_s < told <= last_s + 2 * longest else None

    def _known_index(self) -> FrameIndex:
        if self.index is None:
            raise MediaError(f"the frames of {self.path} are not counted yet", "read frames() to its end first")
        return self.index

    def _until_closed(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        self._check_open()
        for frame in frames:
            yield frame
            self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise MediaError(f"{self.path} was closed", "open it again")
