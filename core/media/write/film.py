"""A film: pictures through one encoder, sound beside them, one container."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av

from ...errors import GenlockError, OutputError, UsageError
from ..plates.info import PictureInfo
from ..plates.plate import Layer, Plate, Shown
from .beside import Sink
from .boxes import add_hdr_boxes
from .choice import Chosen, choose
from .clock import Clock
from .codecs import CODECS
from .encoder import add_encoder
from .frames import FrameMaker
from .settings import WriteSettings
from .sound import SoundFeed, SoundSource, check_sources, open_feeds

_STANDARD_NAMES = frozenset("title artist album comment genre copyright description date track show network synopsis composer".split())


class FilmWriter:
    """Writes one film. Made by open_writer; see Writer for the contract."""

    def __init__(self, path: str, info: PictureInfo, settings: WriteSettings, sounds: Sequence[SoundSource]) -> None:
        self.path = path
        self.info = info
        self.settings = settings
        self.chosen: Chosen = choose(path, info, settings)
        self.notes: list[str] = list(self.chosen.notes)
        self._frames = FrameMaker(info, self.chosen, settings.odd, self.notes)
        self._clock = Clock(info)
        self._stream: Any = None
        self._lengths: dict[int, int] = {}
        self._closed = False
        self._sink = Sink(path)
        self._sounds = sounds
        self._feeds: list[SoundFeed] = []
        try:
            self._container: Any = av.open(self._sink, "w", format=self.chosen.muxer, options=self._muxer_options())
            check_sources(sounds)
        except BaseException as error:
            self.abandon()
            raise self._explained(error) from error

    @property
    def encoder(self) -> str:
        """FFmpeg's name of the encoder."""
        return self.chosen.encoder

    @property
    def pix_fmt(self) -> str:
        """How the written samples are stored."""
        return self.chosen.pix_fmt

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def write(self, picture: Shown, pts: int | Fraction | None = None, extra: Sequence[Layer] = (), duration: int | None = None) -> None:
        """One picture; see Writer."""
        if self._closed:
            raise UsageError(f"{self.path} is finished already", "open another writer")
        try:
            frame = self._frames.made(picture)
            if not self._clock.begun:
                self._clock.begin(pts)
            tick = self._clock.tick(pts)
            length = duration if duration is not None else picture.duration if isinstance(picture, Plate) and isinstance(pts, int) else None
            self._lengths[tick] = round(length * self.info.time_base / self._clock.time_base) if length else self._clock.frame_ticks
            frame.pts, frame.time_base = tick, self._clock.time_base
            self._take(frame)
        except BaseException as error:
            self.abandon()
            raise self._explained(error) from error

    def close(self) -> tuple[Path, ...]:
        """Finish, check, rename. Raises OutputError; nothing is left behind then."""
        if self._closed:
            return ()
        try:
            if not self._clock.count:
                raise OutputError(f"{self.path} would hold no picture", "write at least one")
            self._flush()
            end_s = self._clock.now_s + self._clock.frame_ticks * self._clock.time_base
            for feed in self._feeds:
                feed.finish(end_s)
            self._container.close()
            if refused := self._sink.refused():
                raise refused
            if self.chosen.muxer in ("mov", "mp4") and (self.info.mastering or self.info.light):
                add_hdr_boxes(self._sink.file, self.info.mastering, self.info.light)
            self._sink.settle()
            self._check()
            self._closed = True
            return (Path(self._sink.rename()),)
        except BaseException as error:
            self._closed = False
            self.abandon()
            raise self._explained(error) from error

    def abandon(self) -> None:
        """Take away what was begun."""
        if self._closed:
            return
        self._closed = True
        for feed in self._feeds:
            feed.close()
        self._sink.abandon()
        self._container = self._stream = None

    def _take(self, frame: av.VideoFrame) -> None:
        """One picture with its time; its length stands in _lengths."""
        if self._stream is None:
            self._begin()
        self._mux(self._stream.encode(frame))
        self._hear(self._clock.now_s)

    def _flush(self) -> None:
        """No more pictures come."""
        self._mux(self._stream.encode(None))

    def _begin(self) -> None:
        """Add the picture stream, and say everything that the header has to carry."""
        stream = self._encoder_in(self._container, self.notes)
        self._headers(stream)
        self._feeds = open_feeds(self._container, self._sounds, self.settings, self.notes, self.chosen.muxer)
        self._stream = stream

    def _encoder_in(self, container: Any, notes: list[str]) -> Any:
        return add_encoder(container, self.info, self.chosen, self._frames, self._clock.time_base, self.settings, notes)

    def _hear(self, now_s: Fraction) -> None:
        """Sound, up to a little after this time."""
        for feed in self._feeds:
            feed.advance(now_s)

    def _headers(self, stream: Any) -> None:
        info, container = self.info, self._container
        container.metadata.update(info.metadata)
        if info.timecode:
            stream.metadata["timecode"] = info.timecode
        if info.chapters:
            base = Fraction(1, 1_000_000)
            container.set_chapters([
                {"id": k + 1, "start": round(c.start_s / base), "end": round(c.end_s / base), "time_base": base, "metadata": {"title": c.title}}
                for k, c in enumerate(info.chapters)
            ])  # fmt: skip
        if info.sample_aspect != 1 and self.chosen.muxer in ("matroska", "webm") and self.chosen.encoder not in ("libx264", "libx265"):
            title = CODECS[self.chosen.codec].title
            self.notes.append(f"{title} in {self.chosen.muxer} loses the pixels' shape ({info.sample_aspect}); .mov and .mp4 keep it")
        hdr_stays = self.chosen.muxer in ("mov", "mp4") or self.chosen.encoder in ("libx265", "libx264", "libsvtav1")
        if (info.mastering or info.light) and not hdr_stays:
            title = CODECS[self.chosen.codec].title
            self.notes.append(f"{title} in {self.chosen.muxer} loses the mastering display and the light level; .mov and .mp4 keep them")

    def _muxer_options(self) -> dict[str, str]:
        if self.chosen.muxer not in ("mov", "mp4"):
            return {"fflags": "+bitexact"}  # no random number for each file: equal pictures make equal files
        own_names = any(name.lower() not in _STANDARD_NAMES for name in self.info.metadata)
        return {"movflags": "+write_colr" + ("+use_metadata_tags" if own_names else "")}

    def _mux(self, packets: Sequence[Any]) -> None:
        for packet in packets:
            length = self._lengths.pop(int(packet.pts), None) if packet.pts is not None else None
            if length:
                packet.duration = length
            self._container.mux(packet)

    def _check(self) -> None:
        """Look at the finished file once more before it gets its name."""
        try:
            with av.open(self._sink.beside) as again:
                video = again.streams.video[0]
                size, frames = (video.width, video.height), video.frames
        except (av.FFmpegError, OSError, IndexError, ValueError) as error:
            raise OutputError(f"{self.path} was not written whole", "free some space, or name another folder") from error
        if size != self._frames.size_wh or (frames and frames != self._clock.count):
            raise OutputError(f"{self.path} holds {frames} pictures of {size[0]} x {size[1]} and should hold {self._clock.count}", "write it again")

    def _explained(self, error: BaseException) -> BaseException:
        """What a person is told: the system's refusal where there was one, else what FFmpeg says."""
        if isinstance(error, GenlockError) or not isinstance(error, Exception):
            return error
        if refused := self._sink.refused():
            return refused
        if isinstance(error, (av.FFmpegError, ValueError, OSError)):
            why = getattr(error, "strerror", None) or error
            return OutputError(f"{self.path} cannot be written by {self.encoder}: {why}", "choose another codec or size")
        return error
