"""A video file as footage: whole passes, and chosen frames by seeking to key frames."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from itertools import chain

import av
import numpy as np

from ..errors import MediaError
from .clock import mean_rate
from .container import Container, Damage
from .frame import Frame, View
from .guard import local_file
from .info import FrameIndex, ReadOptions
from .probe import header_s, probe_container
from .walked import Strayed, Walked

_WORTH_A_SEEK = 12
"""Frames that a seek has to spare to be worth restarting the decoder's threads."""


class Video:
    """Reads a video file. Each pass opens the file anew, so several may be under way at once."""

    def __init__(self, path: str, options: ReadOptions) -> None:
        self.path = path
        self.damage = Damage()
        self._full_path = local_file(path)
        self._open: weakref.WeakSet[Container] = weakref.WeakSet()
        with Container(path, self._full_path, threads=False) as container:
            self.info, self.turn, self.bottom_first = probe_container(container, options)
        self._step = max(1, round(1 / (self.info.rate * self.info.time_base)))
        self.built: FrameIndex | None = None
        self.walked = Walked()
        """What the pass under way has seen."""

    def container(self) -> Container:
        """The file, opened anew; close() closes it where the caller did not."""
        container = Container(self.path, self._full_path)
        self._open.add(container)
        return container

    def close(self) -> None:
        """Close what passes left half way hold open."""
        for container in list(self._open):
            container.close()

    def frames(self, view: View, before: Walked | None = None) -> Iterator[Frame]:
        """All frames, numbered from 0; at the end `built` is the index, and damage.lost counts what is not there too.

        before  of a pass that was cut off: frames come from before.start() on. Raises Strayed where they are not those of that pass.
        """
        start = before.start() if before is not None else 0
        walked = self.walked = before.upto(start) if before is not None else Walked()
        self.damage.lost = 0
        with self.container() as container:
            pictures = self._onward(container, before, start) if before is not None and start else container.frames(self.damage)
            for number, picture in enumerate(pictures, start):
                stamp = picture.pts if picture.pts is not None else (walked.pts[-1] + self._step if walked.pts else 0)
                frame = Frame(number, picture, stamp, view)
                if before is not None and not before.same(number, stamp, frame.key):
                    raise self._strayed()
                walked.add(stamp, frame.key, self.damage.lost)
                yield frame
            if before is not None and len(walked) < len(before):
                raise self._strayed()
            self.damage.lost = max(self.damage.lost, self._missing(container, walked.pts))
        if not walked.pts:
            raise MediaError(f"{self.path} has no frame that can be decoded", "check that it plays, or export it again")
        self.built = FrameIndex(tuple(walked.pts), tuple(walked.keys))

    def _onward(self, container: Container, before: Walked, start: int) -> Iterator[av.VideoFrame]:
        """The frame of this number and all after it; damage is counted on from there."""
        stamp, slot = before.pts[start], before.keys.index(start)
        for earlier in (slot, slot - 1, slot - 3):
            if earlier < 0 or not container.seek(before.pts[before.keys[earlier]]):
                continue
            decoded = container.frames(self.damage)
            for picture in decoded:
                if picture.pts is None or picture.pts > stamp:
                    break
                if picture.pts == stamp and picture.key_frame:
                    self.damage.lost = before.lost[start]
                    yield picture
                    yield from decoded
                    return
        raise self._strayed()

    def _strayed(self) -> Strayed:
        return Strayed(f"{self.path} does not go on where it was left", "read it from its beginning")

    def at(self, numbers: Iterable[int], index: FrameIndex | None, view: View) -> Iterator[Frame]:
        """These frames, ascending: by seeking where time stamps tell frames apart, else by counting from the start.

        numbers  taken one by one, each when the one before it was given out
        """
        stamps = np.asarray(index.pts if index else (), np.int64)
        if index is None or not self.info.stamped or not index.keys or np.any(np.diff(stamps) <= 0):
            yield from self._counted(numbers, view)
            return
        walk = _Walk(index, stamps)
        wanted = iter(numbers)
        lost: int | None = None
        with self.container() as container:
            for number in wanted:
                picture = walk.to(number, container)
                if picture is None:
                    lost = number
                    break
                yield Frame(number, picture, index.pts[number], view)
        if lost is not None:
            yield from self._counted(chain([lost], wanted), view)

    def _counted(self, numbers: Iterable[int], view: View) -> Iterator[Frame]:
        wanted = iter(numbers)
        number = next(wanted, None)
        with self.container() as container:
            for at, picture in enumerate(container.frames(Damage())):
                if at == number:
                    yield Frame(at, picture, picture.pts if picture.pts is not None else at * self._step, view)
                    number = next(wanted, None)
                if number is None:
                    return
        raise MediaError(f"frame {number} of {self.path} was not found again", "the file changed while it was read; start again")

    def _missing(self, container: Container, pts: list[int]) -> int:
        """Frames that time stamps and header speak of, beside those that came; 0 where nothing says so.

        Decoders drop frames that lean on a damaged one without a word: where there was damage and the rate is constant,
        holes in the time stamps tell how many. What the header promises behind the last frame is missing too.
        """
        if not pts or not self.info.stamped:
            return 0
        step_s = 1 / self.info.rate
        holes = 0
        if self.damage.lost and mean_rate(tuple(pts), self.info.time_base, self.info.rate) == self.info.rate:
            holes = round((pts[-1] - pts[0]) * self.info.time_base / step_s) + 1 - len(pts)
        promised = header_s(container)
        end_s = (pts[-1] - pts[0]) * self.info.time_base + step_s
        behind = round((promised - end_s) / step_s) if promised is not None else 0
        return max(0, holes) + (behind if behind >= 2 else 0)


class _Walk:
    """Going forward through one open file, frame by frame or by seeking, to frames known by their time stamps."""

    def __init__(self, index: FrameIndex, stamps: np.ndarray) -> None:
        self.index = index
        self.stamps = stamps
        self.keys = np.asarray(index.keys)
        self.number = -1
        self.decoded: Iterator[av.VideoFrame] | None = None

    def to(self, wanted: int, container: Container) -> av.VideoFrame | None:
        """The frame of this number, which lies ahead; None where no seek leads to it."""
        slot = max(0, int(np.searchsorted(self.keys, wanted, side="right")) - 1)
        if self.decoded is not None and self.keys[slot] <= self.number + _WORTH_A_SEEK:
            picture = self._forward(wanted)
            if picture is not None:
                return picture
        back = 1
        while True:
            picture = self._from_key(int(self.keys[slot]), wanted, container)
            if picture is not None or slot == 0:
                return picture
            slot = max(0, slot - back)
            back *= 2

    def _from_key(self, key: int, wanted: int, container: Container) -> av.VideoFrame | None:
        """Seek to a key frame, and decode on; None where the container lands behind the frame.

        Frames that come out before the first key frame are passed by: they lean on pictures from before it.
        """
        if not container.seek(self.index.pts[key]):
            return None
        self.decoded = container.frames(Damage())
        for picture in self.decoded:
            number = self._number_of(picture)
            if number is not None and number > wanted:
                return None
            if number is not None and picture.key_frame:
                self.number = number
                return picture if number == wanted else self._forward(wanted)
        return None

    def _forward(self, wanted: int) -> av.VideoFrame | None:
        """Decode on to the frame; None where it does not come."""
        for picture in self.decoded or ():
            number = self._number_of(picture)
            if number is None:
                continue
            self.number = number
            if number >= wanted:
                return picture if number == wanted else None
        return None

    def _number_of(self, picture: av.VideoFrame) -> int | None:
        if picture.pts is None:
            return None
        number = int(np.searchsorted(self.stamps, picture.pts))
        return number if number < len(self.stamps) and self.stamps[number] == picture.pts else None
