"""Evidence from sound: where the clip's sound lies in the ref's, to the millisecond, or nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .sound_chain import Chain, Line, chains
from .sound_extent import Diagonals
from .sound_line import pieces, points
from .sound_search import search
from .sound_track import STEP_S, SoundTrack, listen
from .sound_white import evened

__all__ = ["SoundMatch", "SoundTrack", "listen", "match", "offset_at"]

_LEAST_Z, _LEAST_MARGIN, _LEAST_SHARE = 7.0, 4.0, 0.12
_LEAST_S = 1.0
_ODD_SPEED, _ODD_S = 0.003, 4.0
"""A speed that is neither 1 nor that of the strongest match has to hold for so many seconds."""
_PATIENCE = 12
"""Chains refused in a row until the rest are left alone."""


@dataclass(frozen=True)
class SoundMatch:
    """A stretch where the clip's sound is the ref's.

    The sign: ref time t, ref_start_s <= t < ref_end_s, sounds as clip time clip_at_s + speed * (t - ref_start_s).
    Times count from the first picture of each file; clip_at_s - ref_start_s > 0 means the clip has more before it.
    """

    ref_start_s: float
    ref_end_s: float
    clip_at_s: float
    speed: float
    """Clip seconds a ref second: 1.000145 drifts by 145 ppm, 24/25 is the PAL speed-up of a 24 fps ref."""
    score: float
    """0 to 1: the chance that the place is right, a logistic curve over the margin, 0.5 at 3, 0.82 at 4,
    0.99 at 6: set by hand between these two, not fitted.

    Without the threshold, the most that chance reached over 500 made unrelated pairs was a margin of 3.5; true
    matches of half a minute, damaged in nine ways, have margins of 14 to 27; of four seconds, 6 to 10.
    """
    margin: float
    """How far the peak stands above the best at any other place in the clip, in standard deviations of chance."""


def match(clip: SoundTrack, ref: SoundTrack) -> list[SoundMatch]:
    """Stretches of the ref whose sound is in the clip, in order of ref time, not overlapping.

    Empty where nothing stands out, and where more than one place fits as well (a beat, a loop). What is asked of
    a match: z of 7, and a margin of 4 and of 0.12 z. Measured on made sound: no match in 500 unrelated pairs of
    20 to 50 s (speech, music of one and of many tempi, noise, speech over music: none above 3.5;
    the margin asked for was set on these very pairs). Another 200 are tried by
    tests/core/sync/test_sound.py::test_unrelated_sounds_give_nothing. Offsets err by 0.2 ms clean, and
    about 1 ms at most with noise as loud as the sound, through a telephone, equalised, compressed, coded, under music.

    Needs about three seconds of common sound. Speeds from 0.94 to 1.06 are tried; a ramp comes as several matches,
    off by up to
    40 ms, and not all of it is found. Where a drift is too small to be told from none in the length at hand, the
    speed is 1 (145 ppm over 30 s: 2 ms). Ends are good to about a second.
    """
    if min(len(clip), len(ref)) < _LEAST_S / STEP_S:
        return []
    even = evened(clip, ref)
    worth = chains(search(*even))
    if not worth:
        return []
    diagonals = Diagonals(*even)
    fine = (ref.fine(), clip.fine())
    out: list[SoundMatch] = []
    refused, usual = 0, 1.0
    for chain in worth:
        if _covered(chain, out) > 0.75:
            continue
        before = len(out)
        for one in _examined(chain, diagonals, fine):
            if min(abs(one.speed - 1), abs(one.speed - usual)) < _ODD_SPEED or not out or one.ref_end_s - one.ref_start_s >= _ODD_S:
                _add(out, one, diagonals)
        if len(out) == 1 and not before:
            usual = out[0].speed
        refused = 0 if len(out) > before else refused + 1
        if refused == _PATIENCE:
            break
    return sorted(out, key=lambda one: one.ref_start_s)


def offset_at(matches: Sequence[SoundMatch], ref_time_s: float) -> float | None:
    """Clip time minus ref time at a moment of the ref, in seconds; None where no match covers it."""
    for one in matches:
        if one.ref_start_s <= ref_time_s < one.ref_end_s:
            return _line(one).at(ref_time_s) - ref_time_s  # type: ignore[return-value]
    return None


def _line(one: SoundMatch) -> Line:
    return Line(one.ref_start_s, one.clip_at_s, one.speed)


def _covered(chain: Chain, found: Sequence[SoundMatch]) -> float:
    inside = np.zeros(len(chain.ref_s), bool)
    for one in found:
        inside |= (chain.ref_s >= one.ref_start_s) & (chain.ref_s < one.ref_end_s)
    return float(inside.mean())


def _examined(chain: Chain, diagonals: Diagonals, fine: tuple[np.ndarray, np.ndarray]) -> list[SoundMatch]:
    """The matches that a chain leads to: its line made exact, grown, split where it bends, and weighed."""
    line = chain.line()
    out = []
    for span_s in diagonals.extents(line, chain.ref_s, _around(chain)):
        for piece, part_s in pieces(points(*fine, line, span_s, 0.25), line, span_s):
            out += _settled(piece, part_s, diagonals, fine)
    return out


def _around(chain: Chain) -> tuple[float, float]:
    return float(chain.ref_s[0]) - 1.0, float(chain.ref_s[-1]) + 1.0


def _settled(line: Line, span_s: tuple[float, float], diagonals: Diagonals, fine: tuple[np.ndarray, np.ndarray]) -> list[SoundMatch]:
    seeds_s = np.arange(span_s[0] + 0.5, span_s[1], 2.0)
    out = []
    for grown_s in diagonals.extents(line, seeds_s, span_s):
        if grown_s[1] - grown_s[0] < _LEAST_S:
            continue
        for exact, part_s in pieces(points(*fine, line, grown_s, 0.08), line, grown_s):
            part_s = (max(part_s[0], 0.0, exact.ref_s - exact.clip_s / exact.speed), part_s[1])
            if part_s[1] - part_s[0] < _LEAST_S / 2:
                continue
            z, margin = diagonals.standing(exact, part_s)
            if z >= _LEAST_Z and margin >= max(_LEAST_MARGIN, _LEAST_SHARE * z):
                out.append(SoundMatch(part_s[0], part_s[1], float(exact.at(part_s[0])), exact.speed, _score(margin), margin))
    return out


def _score(margin: float) -> float:
    return 1 / (1 + math.exp(-1.5 * (margin - 3.0)))


def _add(found: list[SoundMatch], new: SoundMatch, diagonals: Diagonals) -> None:
    """Put a match beside those found; where two overlap, each keeps the side on which it agrees better."""
    for k, old in enumerate(found):
        start_s, end_s = max(old.ref_start_s, new.ref_start_s), min(old.ref_end_s, new.ref_end_s)
        if end_s <= start_s:
            continue
        if end_s - start_s > 0.7 * min(old.ref_end_s - old.ref_start_s, new.ref_end_s - new.ref_start_s):
            return
        old_first = old.ref_start_s < new.ref_start_s
        first, second = (old, new) if old_first else (new, old)
        switch_s = _switch(first, second, (start_s, end_s), diagonals)
        first = replace(first, ref_end_s=switch_s)
        second = replace(second, ref_start_s=switch_s, clip_at_s=float(_line(second).at(switch_s)))
        found[k], new = (first, second) if old_first else (second, first)
    if new.ref_end_s - new.ref_start_s >= _LEAST_S / 2:
        found.append(new)


def _switch(first: SoundMatch, second: SoundMatch, span_s: tuple[float, float], diagonals: Diagonals) -> float:
    """The ref time up to which the first, and from which the second agrees, so that most agrees."""
    a = diagonals.evidence(_line(first), (first.ref_start_s, first.ref_end_s))
    b = diagonals.evidence(_line(second), (second.ref_start_s, second.ref_end_s))
    low, high = np.searchsorted(diagonals.ref_times, span_s)
    if a is None or b is None or high <= low:
        return sum(span_s) / 2
    gain = np.concatenate([[0.0], np.cumsum((a - b)[low:high])])
    return float(np.clip(diagonals.ref_times[min(low + int(gain.argmax()), len(diagonals.ref_times) - 1)], *span_s))
