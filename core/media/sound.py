"""The sound of a file as mono samples on the pictures' clock: sample 0 is heard when the first frame appears."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from .container import Container, Damage, decoded

_SLACK_S = 0.03
"""Time stamps that differ from the count of samples by less are rounding (a container in milliseconds), not a gap."""
_LONGEST_GAP_S = 6 * 3600
"""A time stamp further off than this is broken, and the count of samples goes on."""


def mono(container: Container, start_s: Fraction, rate: int) -> Iterator[np.ndarray]:
    """The first sound track that can be decoded: blocks of float32, -1 to 1, `rate` samples a second.

    start_s  time stamp of the first picture, in seconds; sample k is heard at start_s + k / rate

    Sound before it is cut off; where sound is missing (a late start, a gap), there are zeros. Channels are mixed by
    FFmpeg's matrix for their layout, and resampled by its polyphase filter without delay.
    """
    if not container.sounds:
        return
    resampler = _Resampler(rate)
    for block in _placed(container, start_s):
        yield from resampler.take(*block)
    yield from resampler.rest()


def _placed(container: Container, start_s: Fraction) -> Iterator[tuple[np.ndarray, int]]:
    """(samples, their rate) in a row from start_s on, at the track's own rate."""
    stream = container.sounds[0]
    clock: _Clock | None = None
    mixer: Any = None
    damage = Damage()
    for packet in container.packets(stream, damage):
        for heard in decoded(packet, damage):
            if clock is None or clock.rate != heard.sample_rate:
                clock = _Clock(heard.sample_rate, start_s if clock is None else start_s + clock.time_s)
                mixer = av.AudioResampler(format="fltp", layout="mono", rate=heard.sample_rate)
            time_s = heard.pts * Fraction(heard.time_base) if heard.pts is not None and heard.time_base else None
            for mixed in mixer.resample(heard):
                for samples in clock.place(np.nan_to_num(mixed.to_ndarray()[0]), time_s):
                    yield samples, clock.rate
                time_s = None


class _Clock:
    """Counts samples, and holds blocks to their time stamps."""

    def __init__(self, rate: int, start_s: Fraction) -> None:
        self.rate = rate
        self.start_s = start_s
        self.count = 0
        """Samples given out so far; below 0 while sound before the start is being cut off."""
        self.begun = False

    @property
    def time_s(self) -> Fraction:
        """Length of what was given out."""
        return Fraction(max(0, self.count), self.rate)

    def place(self, samples: np.ndarray, time_s: Fraction | None) -> Iterator[np.ndarray]:
        """These samples, with zeros before them where time has passed, or without what was given out already."""
        due = self.count if time_s is None else round((time_s - self.start_s) * self.rate)
        off = due - self.count
        slack = _SLACK_S * self.rate if self.begun else 0
        if abs(off) > slack and abs(off) < _LONGEST_GAP_S * self.rate:
            if off > 0:
                yield from self._zeros(max(0, due) - max(0, self.count))
                self.count = due
            elif not self.begun:
                self.count = due
            else:
                samples = samples[-off:]
        self.begun = True
        skip = min(len(samples), max(0, -self.count))
        self.count += len(samples)
        if skip < len(samples):
            yield samples[skip:]

    def _zeros(self, count: int) -> Iterator[np.ndarray]:
        while count > 0:
            yield np.zeros(min(count, self.rate), np.float32)
            count -= self.rate


class _Resampler:
    """To the rate that is wanted, block by block."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._own: Any = None
        self._own_rate = 0

    def take(self, samples: np.ndarray, own_rate: int) -> Iterator[np.ndarray]:
        """What comes out after these samples went in."""
        if own_rate == self.rate:
            yield from self.rest()
            yield np.ascontiguousarray(samples, np.float32)
            return
        if own_rate != self._own_rate:
            yield from self.rest()
            self._own, self._own_rate = av.AudioResampler(format="fltp", layout="mono", rate=self.rate), own_rate
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate = own_rate
        yield from self._out(frame)

    def rest(self) -> Iterator[np.ndarray]:
        """What the filter still holds."""
        if self._own is not None:
            yield from self._out(None)
            self._own, self._own_rate = None, 0

    def _out(self, frame: av.AudioFrame | None) -> Iterator[np.ndarray]:
        for out in self._own.resample(frame):
            block = out.to_ndarray()[0]
            if len(block):
                yield block
