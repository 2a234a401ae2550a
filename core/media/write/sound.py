"""Sound tracks on their way into a film: packets copied as they are, or samples edited and encoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import av
import numpy as np

from ...errors import MediaError
from ..container import Damage
from ..info import ReadOptions
from ..plates.header import sound_track
from ..plates.info import SoundTrack
from ..sequence import find_sequence
from ..video import Video
from .edit import SoundEdit, rendered
from .settings import WriteSettings
from .track import Track

_SETTLING_S = Fraction(1, 10)
"""QuickTime and MP4 hold sound from so long before the first picture without playing it: a decoder settles on it. Elsewhere it is left out."""
_LEAD_S = Fraction(1, 2)
"""Sound is written so far ahead of the pictures."""

_BIBLIOGRAPHIC = {
    "deu": "ger", "fra": "fre", "zho": "chi", "ces": "cze", "nld": "dut", "ell": "gre", "fas": "per", "isl": "ice", "mkd": "mac", "mya": "bur",
    "ron": "rum", "slk": "slo", "sqi": "alb", "eus": "baq", "hye": "arm", "kat": "geo", "msa": "may", "cym": "wel", "bod": "tib",
}  # fmt: skip
"""ISO 639-2 has two codes for some languages, and QuickTime knows the bibliographic one alone."""


@dataclass(frozen=True)
class SoundSource:
    """Sound of a file, for the pictures that are written. Sound after the last picture's end is kept."""

    path: str
    edit: SoundEdit | None = None
    """None: all of it, in step with the file's own first picture; copied packet by packet where the container holds it."""
    tracks: tuple[int, ...] | None = None
    """Numbers of its sound tracks; None is all."""
    subtitles: bool = False
    """Copy its subtitles too, where the container holds them as they are."""


class SoundFeed(Protocol):
    """A track being written."""

    def advance(self, now_s: Fraction) -> None:
        """Write what is heard up to a little after this time."""

    def finish(self, end_s: Fraction) -> None:
        """Write the rest; the pictures end here."""

    def close(self) -> None:
        """Let go of the source."""


def open_feeds(container: Any, sources: Sequence[SoundSource], settings: WriteSettings, notes: list[str], muxer: str) -> list[SoundFeed]:
    """Add a stream for each track. Raises MediaError for a source that cannot be read."""
    feeds: list[SoundFeed] = []
    for source in sources:
        if find_sequence(source.path) is not None:
            continue
        video = Video(source.path, ReadOptions())
        tracks, titles = _tracks(video, source)
        for number in range(len(tracks)) if source.tracks is None else source.tracks:
            feed = None if source.edit or settings.sound_codec else _copied(container, video, number, muxer)
            feeds.append(feed or _Encoded(container, video, tracks[number], source.edit, settings, notes, muxer))
        for number in range(titles if source.subtitles else 0):
            titled = None if source.edit else _copied(container, video, number, muxer, subtitles=True)
            if titled is None:
                why = "that is cut" if source.edit else f"as they are in {muxer}"
                notes.append(f"subtitles {number} of {source.path} are left out: they cannot be kept {why}")
            else:
                feeds.append(titled)
    return feeds


_PCM = tuple(f"pcm_{kind}" for kind in ("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "f64be"))
_HELD = {
    "mov": (*_PCM, "pcm_alaw", "pcm_mulaw", "aac", "alac", "ac3", "eac3", "mp3", "mov_text"),
    "mp4": (*_PCM[2:10], "aac", "alac", "flac", "ac3", "eac3", "mp3", "opus", "mov_text"),
    "matroska": (
        *(name for name in _PCM if name != "pcm_s8"), "aac", "alac", "flac", "ac3", "eac3", "mp3", "mp2", "opus", "vorbis", "dts", "truehd", "tta",
        "wavpack", "subrip", "ass", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle",
    ),
    "webm": ("opus", "vorbis", "webvtt"),
}  # fmt: skip
"""What a container holds as it is. FFmpeg's own answer is too generous: some are refused only when the header is written."""


def _held(muxer: str, codec: str) -> bool:
    return codec in _HELD[muxer]


def check_sources(sources: Sequence[SoundSource]) -> None:
    """Refuse, before anything is written, a source that cannot be read or lacks a track. Raises MediaError."""
    for source in sources:
        if find_sequence(source.path) is None:
            _tracks(Video(source.path, ReadOptions()), source)


def _tracks(video: Video, source: SoundSource) -> tuple[list[SoundTrack], int]:
    """The sound tracks of a file, and how many tracks of subtitles it has."""
    with video.container() as opened:
        tracks = [sound_track(k, stream) for k, stream in enumerate(opened.sounds)]
        titles = len(opened.av.streams.subtitles)
    missing = [number for number in source.tracks or () if number >= len(tracks)]
    if missing:
        raise MediaError(f"{source.path} has no sound track {missing[0]}", f"it has {len(tracks)}, counted from 0")
    return tracks, titles


def _copied(container: Any, video: Video, number: int, muxer: str, subtitles: bool = False) -> _Copied | None:
    """A feed that copies packets; None where the container does not hold this codec."""
    opened = video.container()
    stream = opened.av.streams.subtitles[number] if subtitles else opened.sounds[number]
    if stream.codec_context is None:
        opened.close()
        return None
    codec = str(stream.codec_context.codec.canonical_name)
    if not _held(muxer, codec) or (muxer == "mp4" and codec in _PCM and _nameless(stream)):
        opened.close()
        return None
    try:
        out = container.add_stream_from_template(stream, opaque=True)
    except (ValueError, av.FFmpegError):
        opened.close()
        return None
    _named(out, str(stream.language or ""), str(stream.metadata.get("title", "")))
    return _Copied(container, opened, stream, out, video, _SETTLING_S if muxer in ("mov", "mp4") else Fraction(0))


def _nameless(stream: Any) -> bool:
    """Whether its channels have no places (PCM in Matroska): FFmpeg writes the boxes of such PCM in MP4 wrongly, and fails at the end."""
    return str(stream.codec_context.layout.name).endswith(" channels")


class _Copied:
    """Packets as they are, moved so that time 0 is the first picture."""

    def __init__(self, container: Any, opened: Any, stream: Any, out: Any, video: Video, settling_s: Fraction) -> None:
        self._container, self._opened, self._out = container, opened, out
        info = video.info
        start_s = info.first_pts * info.time_base if info.stamped else Fraction(0)
        self._shift = round(start_s / stream.time_base)
        self._time_base = Fraction(stream.time_base)
        self._packets: Iterator[Any] = opened.packets(stream, Damage())
        self._waiting: Any = None
        self._settling_s = settling_s

    def advance(self, now_s: Fraction) -> None:
        self._until(now_s + _LEAD_S)

    def finish(self, end_s: Fraction) -> None:
        self._until(None)
        self.close()

    def close(self) -> None:
        self._opened.close()

    def _until(self, time_s: Fraction | None) -> None:
        while (packet := self._waiting or next(self._packets, None)) is not None:
            self._waiting = packet
            if packet.size == 0 or packet.pts is None:
                self._waiting = None
                continue
            if time_s is not None and (packet.pts - self._shift) * self._time_base > time_s:
                return
            self._waiting = None
            packet.pts -= self._shift
            packet.dts = packet.dts - self._shift if packet.dts is not None else packet.pts
            if (packet.pts + (packet.duration or 0)) * self._time_base <= -self._settling_s:
                continue
            packet.stream = self._out
            self._container.mux(packet)


class _Encoded:
    """Samples, cut and retimed where there is an edit, through an encoder that keeps their depth where the container can."""

    def __init__(
        self, container: Any, video: Video, facts: SoundTrack, edit: SoundEdit | None, settings: WriteSettings, notes: list[str], muxer: str
    ) -> None:
        self._container = container
        self._track = Track(video, facts.index)
        codec, self._format = _codec_for(muxer, facts, settings, notes)
        rate = 48000 if codec == "libopus" else self._track.rate
        self._out = container.add_stream(codec, rate=rate)
        context = self._out.codec_context
        context.layout = self._track.layout
        context.format = _format_name(context.codec, self._format)
        if codec in ("aac", "libopus"):
            context.bit_rate = 128_000 * max(1, self._track.channels)
        if self._format == "s32" and codec in ("flac", "alac"):
            context.options = {"bits_per_raw_sample": "24", "strict": "-2"}
        _named(self._out, facts.language, facts.title)
        self._edit = edit
        self._second = Track(video, facts.index) if edit and len(edit.pieces) > 1 else None
        self._blocks: Iterator[np.ndarray] | None = rendered(edit, self._track, self._second) if edit else None
        self._done = 0
        self._ended = False

    def advance(self, now_s: Fraction) -> None:
        self._until(now_s + _LEAD_S)

    def finish(self, end_s: Fraction) -> None:
        self._until(None)
        for packet in self._out.encode(None):
            self._container.mux(packet)
        self.close()

    def close(self) -> None:
        self._track.close()
        if self._second is not None:
            self._second.close()

    def _until(self, time_s: Fraction | None) -> None:
        while not self._ended and (time_s is None or Fraction(self._done, self._track.rate) < time_s):
            if self._blocks is not None:
                block = next(self._blocks, None)
                if block is None:
                    self._ended = True
                    return
            else:
                block = self._track.some(self._done, 8192)
                if not len(block):
                    self._ended = True
                    return
            self._encode(block)

    def _encode(self, block: np.ndarray) -> None:
        frame = av.AudioFrame.from_ndarray(_words(block, self._format), format=self._format, layout=self._track.layout)
        frame.sample_rate, frame.pts, frame.time_base = self._track.rate, self._done, Fraction(1, self._track.rate)
        self._done += len(block)
        for packet in self._out.encode(frame):
            self._container.mux(packet)


def _codec_for(muxer: str, facts: SoundTrack, settings: WriteSettings, notes: list[str]) -> tuple[str, str]:
    """(encoder, packed sample format): the depth of the source where it is lossless, 24 bits of what was lossy, and AAC in .mp4 for that."""
    form = "flt" if facts.bits == 32 and facts.sample_format.startswith("fl") else "s16" if 0 < facts.bits <= 16 else "s32"
    pcm = {"flt": "pcm_f32le", "s16": "pcm_s16le", "s32": "pcm_s32le" if facts.bits == 32 else "pcm_s24le"}[form]
    usual = {"mov": "pcm", "matroska": "flac", "webm": "opus"}.get(muxer, "aac" if not facts.bits else "alac")
    if usual == "flac" and (form == "flt" or facts.bits == 32):
        usual = "pcm"
    kind = settings.sound_codec or usual
    if kind in ("flac", "alac") and form == "flt":
        notes.append(f"sound track {facts.index}: float becomes 24 bits in {kind.upper()}; .mov and .mkv hold float")
        form = "s32"
    if kind in ("aac", "opus"):
        form = "flt"
        if facts.bits:
            notes.append(f"sound track {facts.index}: {facts.codec} becomes {kind.upper()}, which is lossy; .mov and .mkv keep it")
    return {"pcm": pcm, "opus": "libopus"}.get(kind, kind), form


def _format_name(codec: Any, packed: str) -> str:
    """The encoder's own spelling of a sample format: packed or planar; its first one where it has neither."""
    offered = [form.name for form in codec.audio_formats or []]
    return next((name for name in (packed, packed + "p") if name in offered), offered[0] if offered else packed)


def _words(block: np.ndarray, packed: str) -> np.ndarray:
    """(1, n * channels) of a packed sample format, from (n, channels) float64; 24 bits stand at the top of 32."""
    flat = np.ascontiguousarray(block).reshape(1, -1)
    if packed == "flt":
        return flat.astype(np.float32)
    if packed == "s16":
        return np.clip(np.rint(flat * 32768), -32768, 32767).astype(np.int16)
    return np.clip(np.rint(flat * 2147483648.0), -2147483648, 2147483647).astype(np.int64).astype(np.int32)


def _named(out: Any, language: str, title: str) -> None:
    if language:
        out.metadata["language"] = _BIBLIOGRAPHIC.get(language, language)
    if title:
        out.metadata["title"] = title
