"""A sound track, sample by sample, on the pictures' clock; read forwards, with seeks where someone steps back."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from ...errors import MediaError
from ..container import Damage, decoded
from ..video import Video

_SLACK_S = Fraction(3, 100)
"""Time stamps that differ from the count of samples by less are rounding (a container in milliseconds), not a gap."""
_AHEAD_S = 20
"""A wish further ahead than this is sought, not read up to."""
_KEPT = 1 << 16
"""Samples kept behind the newest one, for windows that overlap."""

_USUAL = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""Places of channels that the file does not name (PCM in Matroska), as players take them; encoders ask for some."""


class Track:
    """One track of an open file. Sample k is heard k / rate seconds after the file's first picture begins."""

    def __init__(self, video: Video, index: int) -> None:
        self._video = video
        self._index = index
        self._container: Any = None
        self._blocks: Iterator[tuple[int, np.ndarray]] = iter(())
        info = video.info
        self._start_s = info.first_pts * info.time_base if info.stamped else Fraction(0)
        self._open()
        context = self._stream.codec_context
        self.rate = int(context.sample_rate)
        self.channels = int(context.channels)
        named = str(context.layout.name)
        self.layout = _USUAL.get(self.channels, named) if named.endswith(" channels") else named
        self._buffer = np.zeros((0, self.channels))
        self._at = 0
        """Number of the buffer's first sample."""
        self._ended = False

    @property
    def stream(self) -> Any:
        """PyAV's stream, for its facts."""
        return self._stream

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def read(self, first: int, count: int) -> np.ndarray:
        """(count, channels) float64, -1 to 1; zeros where there is no sound."""
        if first < self._at or first > self._at + len(self._buffer) + _AHEAD_S * self.rate:
            self._seek(first)
        while not self._ended and self._at + len(self._buffer) < first + count:
            self._take()
        out = np.zeros((count, self.channels))
        a, b = max(first, self._at), min(first + count, self._at + len(self._buffer))
        if a < b:
            out[a - first : b - first] = self._buffer[a - self._at : b - self._at]
        self._forget(first)
        return out

    def some(self, first: int, count: int) -> np.ndarray:
        """The same, but short or empty where the track ends."""
        out = self.read(first, count)
        return out[: max(0, self._at + len(self._buffer) - first)] if self._ended else out

    def _forget(self, first: int) -> None:
        drop = min(len(self._buffer), first - _KEPT - self._at)
        if drop > _KEPT:
            self._buffer, self._at = self._buffer[drop:], self._at + drop

    def _take(self) -> None:
        """One more block at the end of the buffer; gaps become zeros, overlaps give way to what was there first."""
        block = next(self._blocks, None)
        if block is None:
            self._ended = True
            return
        due, samples = block
        end = self._at + len(self._buffer)
        if not len(self._buffer):
            self._at = end = due
        off = due - end
        if abs(off) <= _SLACK_S * self.rate:
            off = 0
        if off < 0:
            samples = samples[-off:]
        gap = np.zeros((max(0, off), self.channels))
        self._buffer = np.concatenate([self._buffer, gap, samples])

    def _seek(self, first: int) -> None:
        """Begin again, at or before a sample: a second early, so that decoders have settled."""
        self.close()
        self._open()
        time_s = Fraction(first, self.rate) + self._start_s - 1
        if time_s > self._start_s + 1:
            try:
                self._container.av.seek(int(time_s / self._stream.time_base), stream=self._stream, backward=True, any_frame=False)
            except (av.FFmpegError, OSError, OverflowError):
                self.close()
                self._open()
        self._buffer, self._at, self._ended = np.zeros((0, self.channels)), 0, False
        self._take()
        if self._at > first and time_s > self._start_s + 1 and len(self._buffer):
            self._from_start()

    def _from_start(self) -> None:
        self.close()
        self._open()
        self._buffer, self._at, self._ended = np.zeros((0, self.channels)), 0, False
        self._take()

    def _open(self) -> None:
        self._container = self._video.container()
        if self._index >= len(self._container.sounds):
            self._container.close()
            raise MediaError(f"{self._video.path} has no sound track {self._index}", f"it has {len(self._container.sounds)}, counted from 0")
        self._stream = self._container.sounds[self._index]
        self._blocks = self._decoded()

    def _decoded(self) -> Iterator[tuple[int, np.ndarray]]:
        """(number of the first sample, (n, channels) float64)."""
        container, stream, damage = self._container, self._stream, Damage()
        due: int | None = None
        for packet in container.packets(stream, damage):
            for heard in decoded(packet, damage):
                if heard.pts is not None and heard.time_base:
                    due = round((heard.pts * Fraction(heard.time_base) - self._start_s) * heard.sample_rate)
                samples = _floats(heard)
                if samples.shape[1] != int(stream.codec_context.channels):
                    continue
                yield due or 0, samples
                due = (due or 0) + len(samples)


def _floats(heard: av.AudioFrame) -> np.ndarray:
    """(n, channels) float64; integers by their full scale, exactly."""
    raw = heard.to_ndarray()
    channels = len(heard.layout.channels)
    samples = raw.T if heard.format.is_planar else raw.reshape(-1, channels)
    if samples.dtype.kind == "f":
        return np.nan_to_num(samples.astype(np.float64))
    if samples.dtype == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    return samples.astype(np.float64) / float(2 ** (8 * samples.dtype.itemsize - 1))
