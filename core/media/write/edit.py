"""Sound cut and retimed: which moment of the source is heard when, to the sample.

Times are exact fractions of a second: of the output, after the first written picture; of the source, after its first picture. Sample n of the
output is heard at n / rate. At speed 1 source samples are copied (the cut falls on the nearest sample, at most half a sample off); at
other speeds they are interpolated by a windowed sinc (Kaiser, 48 taps) whose pass band shrinks where the sound is sped up, so pitch
follows speed as it does on a tape. At joins two pieces are cross-faded; at ends of pieces with silence beside them they fade.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Protocol

import numpy as np

from ...errors import UsageError

_HALF = 24
"""Taps on either side of a sample."""
_PHASES = 512
"""Of a speed whose fractions do not repeat soon; between them, weights are interpolated."""
_MOST_PHASES = 4096
_BLOCK = 1 << 14


@dataclass(frozen=True)
class SoundPiece:
    """A stretch of output in which the source plays at one speed."""

    start_s: Fraction
    length_s: Fraction
    source_s: Fraction
    """What is heard at start_s."""
    speed: Fraction = Fraction(1)
    """Seconds of source a second of output; below 0 plays backwards, 0 is silence."""


@dataclass(frozen=True)
class SoundEdit:
    """Pieces in rising order that do not overlap; between them is silence."""

    pieces: tuple[SoundPiece, ...]
    length_s: Fraction
    fade_s: Fraction = Fraction(1, 200)
    pitch: str = "follows"
    """follows speed, or "kept" (FFmpeg's atempo, speeds 1/2 to 2)."""

    def __post_init__(self) -> None:
        if self.pitch not in ("follows", "kept"):
            raise UsageError(f"pitch is {self.pitch!r}", "choose follows or kept")
        end = Fraction(0)
        for piece in self.pieces:
            if piece.start_s < end or piece.length_s < 0:
                raise UsageError(f"a piece of sound begins at {float(piece.start_s):.3f} s, inside the one before it", "give pieces in order")
            end = piece.start_s + piece.length_s
        if end > self.length_s:
            raise UsageError(f"the pieces of sound end at {float(end):.3f} s, after the whole ({float(self.length_s):.3f} s)", "make it longer")


class Samples(Protocol):
    """Random access to a track."""

    rate: int
    channels: int

    def read(self, first: int, count: int) -> np.ndarray:
        """(count, channels) float64 from sample `first` on, counted from the source's first picture; zeros where there is no sound."""
        ...


def rendered(edit: SoundEdit, source: Samples, second: Samples | None = None) -> Iterator[np.ndarray]:
    """The whole output in blocks of (n, channels) float64; together exactly round(length_s * rate) samples.

    second  the same sound once more: every other piece is read from it, so that a join, which mixes two places, needs no steps back
    """
    total = round(edit.length_s * source.rate)
    spans = [_Span.of(piece, source.rate) for piece in _joined(edit.pieces)]
    voices = [_voice(span, second if second is not None and k % 2 else source, edit.pitch) for k, span in enumerate(spans)]
    for first in range(0, total, _BLOCK):
        last = min(total, first + _BLOCK)
        out = np.zeros((last - first, source.channels))
        for k, span in enumerate(spans):
            if span.first - _fade(edit, source) < last and span.end + _fade(edit, source) > first:
                _add(out, first, span, spans[k - 1] if k else None, spans[k + 1] if k + 1 < len(spans) else None, edit, voices[k])
        yield out


@dataclass(frozen=True)
class _Span:
    """A piece in samples: output samples first … end - 1, and where in the source output sample 0 would lie."""

    first: int
    end: int
    offset: Fraction
    speed: Fraction

    @classmethod
    def of(cls, piece: SoundPiece, rate: int) -> _Span:
        first = round(piece.start_s * rate)
        end = round((piece.start_s + piece.length_s) * rate)
        return cls(first, end, piece.source_s * rate - piece.start_s * rate * piece.speed, piece.speed)


def _joined(pieces: tuple[SoundPiece, ...]) -> list[SoundPiece]:
    """Without empty pieces, and with those made one that go on where the one before ends."""
    out: list[SoundPiece] = []
    for piece in (p for p in pieces if p.length_s > 0 and p.speed != 0):
        if out and _follows(out[-1], piece):
            out[-1] = SoundPiece(out[-1].start_s, out[-1].length_s + piece.length_s, out[-1].source_s, out[-1].speed)
        else:
            out.append(piece)
    return out


def _follows(one: SoundPiece, two: SoundPiece) -> bool:
    return one.speed == two.speed and one.start_s + one.length_s == two.start_s and one.source_s + one.length_s * one.speed == two.source_s


def _fade(edit: SoundEdit, source: Samples) -> int:
    """Samples on either side of a join over which two pieces are mixed: half the fade."""
    return int(edit.fade_s * source.rate / 2)


def _add(out: np.ndarray, first: int, span: _Span, before: _Span | None, after: _Span | None, edit: SoundEdit, voice: Voice) -> None:
    """Mix one span into a block that begins at output sample `first`.

    At a join both spans go on for half a fade beyond it, and their weights, raised cosines, add up to 1. Beside silence a span fades within itself.
    """
    fade = min(_fade(edit, voice.source), (span.end - span.first) // 2)
    touches = (before is not None and before.end == span.first, after is not None and after.first == span.end)
    low = span.first - (fade if touches[0] else 0)
    high = span.end + (fade if touches[1] else 0)
    a, b = max(first, low), min(first + len(out), high)
    if a >= b:
        return
    heard = voice.take(a, b - a)
    n = np.arange(a, b)
    weight = np.ones(b - a)
    if fade:
        up = (n + 0.5 - (span.first - fade)) / (2 * fade) if touches[0] else (n + 0.5 - span.first) / fade
        down = ((span.end + fade) - n - 0.5) / (2 * fade) if touches[1] else (span.end - n - 0.5) / fade
        if touches[0] or span.first > 0:
            weight *= np.sin(np.clip(up, 0, 1) * np.pi / 2) ** 2
        if touches[1] or span.end < round(edit.length_s * voice.source.rate):
            weight *= np.sin(np.clip(down, 0, 1) * np.pi / 2) ** 2
    out[a - first : b - first] += heard * weight[:, None]


class Voice(Protocol):
    """What one span plays; asked for in rising order, without gaps."""

    source: Samples

    def take(self, first: int, count: int) -> np.ndarray:
        """(count, channels) from output sample `first` on."""
        ...


class _Plain:
    """Copied or resampled."""

    def __init__(self, span: _Span, source: Samples) -> None:
        self.span, self.source = span, source

    def take(self, first: int, count: int) -> np.ndarray:
        return sampled(self.source, self.span.offset + first * self.span.speed, self.span.speed, count)


class _Phased:
    """Resampled at a speed of p / q with a small q: the fractions of a sample repeat every q outputs, so each has its weights once, exactly."""

    def __init__(self, span: _Span, source: Samples) -> None:
        self.source = source
        p, q = span.speed.numerator, span.speed.denominator
        at = [span.offset + r * span.speed for r in range(q)]
        self._whole = np.array([n.numerator // n.denominator for n in at], np.int64)
        self._p, self._q = p, q
        stretch = max(1.0, abs(float(span.speed)))
        self._half = ceil(_HALF * stretch)
        self._weights = _kernel(stretch, self._half, np.array([float(n - n.numerator // n.denominator) for n in at]))

    def take(self, first: int, count: int) -> np.ndarray:
        turn, phase = np.divmod(np.arange(first, first + count), self._q)
        whole = self._whole[phase] + turn * self._p
        low = int(min(whole[0], whole[-1])) - self._half
        window = self.source.read(low, abs(int(whole[-1]) - int(whole[0])) + 2 * self._half + 2)
        return _weighed(window, whole - low - self._half + 1, self._weights[phase])


def _voice(span: _Span, source: Samples, pitch: str) -> Voice:
    if pitch == "kept" and span.speed > 0 and span.speed != 1:
        from .tempo import Stretched

        return Stretched(source, span.offset, span.speed)
    return _Phased(span, source) if span.speed != 1 and span.speed.denominator <= _MOST_PHASES else _Plain(span, source)


def sampled(source: Samples, start: Fraction, speed: Fraction, count: int) -> np.ndarray:
    """(count, channels) samples at positions start + k speed of the source, in source samples."""
    if speed == 1:
        return source.read(round(start), count)
    base = start.numerator // start.denominator
    at = float(start - base) + np.arange(count) * float(speed)
    whole = np.floor(at).astype(np.int64)
    stretch = max(1.0, abs(float(speed)))
    half = ceil(_HALF * stretch)
    low = int(min(whole[0], whole[-1])) - half
    window = source.read(base + low, abs(int(whole[-1]) - int(whole[0])) + 2 * half + 2)
    phase = (at - whole) * _PHASES
    lower = phase.astype(np.int64)
    mix = (phase - lower)[:, None]
    table = _kernel(stretch, half, np.arange(_PHASES + 1) / _PHASES)
    return _weighed(window, whole - low - half + 1, table[lower] * (1 - mix) + table[lower + 1] * mix)


def _weighed(window: np.ndarray, first: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n, channels): sums of the samples from first[k] on, by weights[k]."""
    out = np.empty((len(first), window.shape[1]))
    for channel in range(window.shape[1]):
        taps = np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(window[:, channel]), weights.shape[1])
        out[:, channel] = np.einsum("nk,nk->n", taps[first], weights)
    return out


def _kernel(stretch: float, half: int, fraction: np.ndarray) -> np.ndarray:
    """(n, 2 half) weights of the samples around a point, for n fractions of a sample."""
    x = np.arange(2 * half)[None] - (half - 1) - fraction[:, None]
    cutoff = 0.96 / stretch
    weights = np.sinc(x * cutoff) * np.i0(8.0 * np.sqrt(np.clip(1 - (x / half) ** 2, 0, 1)))
    return weights / weights.sum(axis=1, keepdims=True)
