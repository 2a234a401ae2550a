"""What an edit does to time. Each function gives a step that turns one strip of frames into another.

A strip says which source frame each of its frames shows, so whatever is done, the truth stays known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np


class Shown(NamedTuple):
    """One frame of a strip."""

    frame: int | None
    """The source frame it shows; None: a frame of other footage."""
    start_s: float
    """Source time that its sound begins at."""
    speed: float = 1.0
    """Seconds of source sound a second of strip."""


@dataclass(frozen=True)
class Strip:
    """Frames in the order they are shown."""

    shown: tuple[Shown, ...]
    rate: Fraction
    """Frames a second; with `lengths_s`, the average."""
    lengths_s: tuple[Fraction, ...] | None = None
    """Variable rate only: how long each frame stays."""

    def __post_init__(self) -> None:
        if self.lengths_s is not None and len(self.lengths_s) != len(self.shown):
            raise ValueError(f"{len(self.shown)} frames have {len(self.lengths_s)} lengths; make the rate variable last")

    def with_shown(self, shown: list[Shown]) -> Strip:
        """The same rate, other frames."""
        return replace(self, shown=tuple(shown))


Cutting = Callable[[Strip], Strip]


def whole(frames: int, rate: Fraction) -> Strip:
    """All of a source, as it is."""
    return Strip(tuple(Shown(n, float(n / rate)) for n in range(frames)), rate)


def trim(first: int, end: int) -> Cutting:
    """Keep [first, end)."""
    return lambda strip: strip.with_shown(list(strip.shown[first:end]))


def cut(first: int, end: int) -> Cutting:
    """Take [first, end) out."""
    return lambda strip: strip.with_shown([*strip.shown[:first], *strip.shown[end:]])


def insert(at: int, count: int) -> Cutting:
    """Put frames of other footage in before frame `at`."""
    return lambda strip: strip.with_shown([*strip.shown[:at], *[Shown(None, -1.0)] * count, *strip.shown[at:]])


def move(first: int, end: int, to: int) -> Cutting:
    """Take [first, end) out and put it in before frame `to` of what is left."""

    def step(strip: Strip) -> Strip:
        rest = [*strip.shown[:first], *strip.shown[end:]]
        return strip.with_shown([*rest[:to], *strip.shown[first:end], *rest[to:]])

    return step


def repeat(first: int, end: int, at: int) -> Cutting:
    """Show [first, end) a second time, before frame `at`."""
    return lambda strip: strip.with_shown([*strip.shown[:at], *strip.shown[first:end], *strip.shown[at:]])


def reverse(first: int, end: int) -> Cutting:
    """Play [first, end) backwards."""

    def step(strip: Strip) -> Strip:
        length_s = float(1 / strip.rate)
        back = [Shown(x.frame, x.start_s + length_s * x.speed, -x.speed) for x in strip.shown[first:end][::-1]]
        return strip.with_shown([*strip.shown[:first], *back, *strip.shown[end:]])

    return step


def speed(factor: Fraction | float) -> Cutting:
    """Play faster by this factor at the same rate; each frame shows what runs in its middle."""
    return lambda strip: _resampled(strip, strip.rate, Fraction(factor))


def rate(fps: Fraction) -> Cutting:
    """Convert to another rate at the same speed; each frame shows what runs in its middle."""
    return lambda strip: replace(_resampled(strip, fps, strip.rate / fps), rate=fps)


def _resampled(strip: Strip, fps: Fraction, pace: Fraction) -> Strip:
    """Step through a strip by `pace` frames a new frame."""
    out = []
    for n in range(int(len(strip.shown) / pace)):
        begin, middle = n * pace, (n + Fraction(1, 2)) * pace
        heard = strip.shown[min(len(strip.shown) - 1, int(begin))]
        seen = strip.shown[min(len(strip.shown) - 1, int(middle))]
        start_s = heard.start_s + float((begin - int(begin)) / strip.rate) * heard.speed
        out.append(Shown(seen.frame, start_s, heard.speed * float(pace * fps / strip.rate)))
    return strip.with_shown(out)


def ramp(first: float, last: float) -> Cutting:
    """The speed goes evenly from one factor to another over the strip."""

    def step(strip: Strip) -> Strip:
        count = len(strip.shown)
        length = int(count * 2 / (first + last))
        u = (np.arange(length) + 0.5) / length
        at = (first * u + (last - first) * u * u / 2) / ((first + last) / 2) * count
        pace = first + (last - first) * u
        out = []
        for middle, now in zip(at, pace, strict=True):
            seen = strip.shown[min(count - 1, int(middle))]
            begin_s = seen.start_s + (middle - now / 2 - int(middle)) / float(strip.rate) * seen.speed
            out.append(Shown(seen.frame, begin_s, seen.speed * float(now)))
        return strip.with_shown(out)

    return step


def retag(fps: Fraction) -> Cutting:
    """The same frames at another rate, as PAL plays film: sound and picture run faster together."""

    def step(strip: Strip) -> Strip:
        faster = float(fps / strip.rate)
        return replace(strip, shown=tuple(x._replace(speed=x.speed * faster) for x in strip.shown), rate=fps)

    return step


def pulldown() -> Cutting:
    """2:3 pulldown of whole frames: every fourth is shown twice, at 5/4 the rate (SMPTE RP 197's A B C D D)."""

    def step(strip: Strip) -> Strip:
        out: list[Shown] = []
        old_s, new_s = float(1 / strip.rate), float(Fraction(4, 5) / strip.rate)
        for n, x in enumerate(strip.shown):
            for _ in range(2 if n % 4 == 3 else 1):
                begin_s = len(out) * new_s
                heard = strip.shown[min(len(strip.shown) - 1, int(begin_s / old_s + 1e-9))]
                out.append(Shown(x.frame, heard.start_s + (begin_s - int(begin_s / old_s + 1e-9) * old_s) * heard.speed, heard.speed))
        return replace(strip.with_shown(out), rate=strip.rate * Fraction(5, 4))

    return step


def drop_every(nth: int) -> Cutting:
    """Every nth frame is missing; time closes up."""
    return lambda strip: strip.with_shown([x for n, x in enumerate(strip.shown) if (n + 1) % nth])


def double_every(nth: int) -> Cutting:
    """Every nth frame is shown twice; time stretches."""
    return lambda strip: strip.with_shown([x for n, y in enumerate(strip.shown) for x in ([y, y] if (n + 1) % nth == 0 else [y])])


def on_every(nth: int) -> Cutting:
    """Each nth frame is held for n: animation on twos. The sound goes on as it was."""

    def step(strip: Strip) -> Strip:
        held = [strip.shown[n // nth * nth] for n in range(len(strip.shown))]
        return strip.with_shown([x._replace(frame=y.frame) for x, y in zip(strip.shown, held, strict=True)])

    return step


def variable(seed: int, share: float = 0.3) -> Cutting:
    """Variable rate: a share of the frames is left out, never two in a row; the one before stays longer."""

    def step(strip: Strip) -> Strip:
        gone = np.random.default_rng(seed).random(len(strip.shown)) < share
        gone[0] = False
        gone[1:] &= ~gone[:-1]
        kept: list[Shown] = []
        lengths: list[Fraction] = []
        for x, left_out in zip(strip.shown, gone, strict=True):
            if left_out:
                lengths[-1] += 1 / strip.rate
            else:
                kept.append(x)
                lengths.append(1 / strip.rate)
        return Strip(tuple(kept), len(kept) / sum(lengths, Fraction(0)), tuple(lengths))

    return step
