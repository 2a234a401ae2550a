"""Footage: frames in display order, numbered from 0, streamed; memory does not grow with length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np

from ..alignment import Media
from ..errors import MediaError
from ..timing import FrameRate, frames_of, usual
from .frame import Frame
from .info import Colour, FootageInfo, FrameIndex, ReadOptions

__all__ = ["Footage", "FootageInfo", "Frame", "FrameIndex", "ReadOptions", "open_footage"]

AS_TAGGED = ReadOptions()
_OPEN = {"protocol_whitelist": "file"}


def open_footage(path: str | Path, options: ReadOptions = AS_TAGGED, index: FrameIndex | None = None) -> Footage:
    """Open a file or an image sequence for reading. Raises MediaError where it cannot be read as footage.

    index  of an earlier pass over the same content: at() and media() then need no pass of their own
    """
    return Footage(str(path), options, index)


class Footage:
    """An open piece of footage. Two of them may be read in two threads; one is for one thread at a time.

    frames() and at() each open the file anew, so several passes may be under way at once.
    """

    def __init__(self, path: str, options: ReadOptions, index: FrameIndex | None) -> None:
        self.path = path
        self.index = index
        self.lost = 0
        """Damaged frames or packets that could not be decoded, of the last whole pass."""
        self._options = options
        with self._open() as container:
            self.info = _read_info(path, container, options)

    def __enter__(self) -> Footage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything. Passes that were left half way close themselves."""

    def frames(self) -> Iterator[Frame]:
        """All frames, in display order, numbered from 0; at the end, `index` is known."""
        pts: list[int] = []
        keys: list[int] = []
        self.lost = 0
        step = max(1, round(1 / (self.info.rate * self.info.time_base)))
        with self._open() as container:
            for number, picture in enumerate(self._decoded(container)):
                frame = Frame(number, picture, self.info.rotation)
                if picture.pts is None:
                    frame.pts = pts[-1] + step if pts else 0
                pts.append(frame.pts)
                if frame.key:
                    keys.append(number)
                yield frame
        if not pts:
            raise MediaError(f"{self.path} has no frame that can be decoded", "check that it plays, or export it again")
        self.index = FrameIndex(tuple(pts), tuple(keys))

    def at(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """These frames, in ascending order, each once: seeks to key frames and decodes on. Needs the index."""
        index = self._known_index()
        wanted = sorted(set(numbers))
        if wanted and not 0 <= wanted[0] <= wanted[-1] < len(index.pts):
            raise IndexError(f"frames 0 to {len(index.pts) - 1} exist; asked for {wanted[0]} to {wanted[-1]}")
        number_of = {pts: number for number, pts in enumerate(index.pts)}
        with self._open() as container:
            yield from self._seek_and_decode(container, wanted, index, number_of)

    def media(self) -> Media:
        """What an alignment remembers of this footage. Needs the index."""
        index, info = self._known_index(), self.info
        return Media(
            path=self.path,
            frames=len(index.pts),
            rate=info.rate,
            width=info.width,
            height=info.height,
            time_base=info.time_base,
            start_frame=info.start_frame,
            timecode=info.timecode,
            sample_aspect=info.sample_aspect,
            sound=info.sound,
            lost=self.lost,
        )

    def sound(self, rate: int = 8000) -> Iterator[np.ndarray]:
        """The first sound track, mono: blocks of float32, `rate` samples a second, sample 0 at the first frame's start."""
        if not self.info.sound:
            return
        with self._open() as container:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
            for block in container.decode(container.streams.audio[0]):
                for out in resampler.resample(block):
                    yield out.to_ndarray()[0]

    def _known_index(self) -> FrameIndex:
        if self.index is None:
            raise MediaError(f"the frames of {self.path} are not counted yet", "read frames() to its end first")
        return self.index

    def _open(self) -> Any:
        try:
            container = av.open(self.path, container_options=_OPEN, metadata_errors="replace")
        except (av.FFmpegError, OSError, ValueError) as error:
            raise MediaError(f"{self.path} cannot be read as footage: {error}", "check that it plays") from error
        if not container.streams.video:
            container.close()
            raise MediaError(f"{self.path} has no picture", "give a file with video")
        container.streams.video[0].thread_type = "AUTO"
        return container

    def _decoded(self, container: Any) -> Iterator[av.VideoFrame]:
        """Frames as the decoder gives them; damage is counted and passed by."""
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            try:
                pictures = packet.decode()
            except av.InvalidDataError:
                self.lost += 1
                continue
            yield from pictures

    def _seek_and_decode(
        self, container: Any, wanted: list[int], index: FrameIndex, number_of: dict[int, int]
    ) -> Iterator[Frame]:
        """Walk the wanted frames; a seek is made where a key frame lies between here and the next one."""
        keys = np.array(index.keys or (0,))
        at, last = 0, -1
        decoded: Iterator[av.VideoFrame] | None = None
        while at < len(wanted):
            back = 0
            slot = int(np.searchsorted(keys, wanted[at], side="right")) - 1
            if decoded is None or (slot >= 0 and keys[slot] > last + 1):
                while True:
                    first = int(keys[max(0, slot - back)])
                    container.seek(index.pts[first], stream=container.streams.video[0], backward=True)
                    decoded = self._decoded(container)
                    picture = next(decoded, None)
                    if picture is not None and number_of.get(picture.pts or 0, len(index.pts)) <= wanted[at]:
                        break
                    if slot - back <= 0:
                        raise MediaError(f"frame {wanted[at]} of {self.path} was not found again", "copy the file to a local disk and try again")
                    back += 1
            else:
                picture = next(decoded, None)
            while picture is not None:
                last = number_of.get(picture.pts or 0, last)
                if last >= wanted[at]:
                    break
                picture = next(decoded, None)
            if picture is None or last != wanted[at]:
                raise MediaError(f"frame {wanted[at]} of {self.path} was not found again", "copy the file to a local disk and try again")
            yield Frame(last, picture, self.info.rotation)
            at += 1


def _read_info(path: str, container: Any, options: ReadOptions) -> FootageInfo:
    stream = container.streams.video[0]
    context = stream.codec_context
    rate = FrameRate.parse(options.rate).fps if options.rate else usual(Fraction(stream.average_rate or stream.guessed_rate or 24))
    time_base = Fraction(stream.time_base)
    duration = Fraction(0)
    if stream.duration:
        duration = stream.duration * time_base
    elif container.duration:
        duration = Fraction(container.duration, av.time_base)
    first = next(iter(container.decode(stream)), None)
    rotation = -int(first.rotation) % 360 if first is not None else 0
    size = (context.width, context.height)
    code = stream.metadata.get("timecode") or container.metadata.get("timecode")
    sounds = container.streams.audio
    return FootageInfo(
        width=size[rotation % 180 != 0],
        height=size[rotation % 180 == 0],
        rate=rate,
        time_base=time_base,
        frames=stream.frames or round(duration * rate),
        duration_s=duration,
        codec=context.name,
        pix_fmt=context.pix_fmt or "",
        colour=Colour(int(context.color_primaries), int(context.color_trc), int(context.colorspace), int(context.color_range) == 2),
        sample_aspect=Fraction(stream.sample_aspect_ratio or 1),
        rotation=rotation,
        timecode=code,
        start_frame=frames_of(code, FrameRate(rate)) if code else 0,
        sound=bool(sounds),
        sound_rate=sounds[0].rate if sounds else 0,
        sound_channels=sounds[0].channels if sounds else 0,
    )
