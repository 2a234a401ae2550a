"""Random frame maps and the alignments that play them."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import strategies as st

from genlock.core.alignment import IDENTITY, Alignment, Key, Media, Run, Verdict
from genlock.core.pieces import fit

TIMECODE_RATES = tuple(Fraction(x) for x in ("24000/1001 24 25 30000/1001 30 48 50 60000/1001 60 12 15".split()))
RATES = (*TIMECODE_RATES, Fraction(120), Fraction(120000, 1001), Fraction(25, 2), Fraction(17), Fraction(2997, 100))


@st.composite
def media(draw, path: str, frames: int, rates=RATES, vfr: bool = True) -> Media:
    rate = draw(st.sampled_from(rates))
    start = draw(st.sampled_from((0, 1, 1001, 86400, 2_073_599)))
    if not vfr or draw(st.booleans()):
        return Media(path, frames, rate, 1920, 1080, start_frame=start)
    steps = draw(st.lists(st.sampled_from((1, 17, 20, 33, 34, 40, 42, 250)), min_size=frames, max_size=frames))
    pts = [7]
    for step in steps[1:]:
        pts.append(pts[-1] + step)
    average = Fraction(frames * 1000, pts[-1] - 7 + steps[0])
    return Media(path, frames, average, 1920, 1080, pts=tuple(pts), time_base=Fraction(1, 1000), start_frame=start)


@st.composite
def frame_maps(draw, frames: int, n: int) -> list[int | None]:
    """n entries: stretches of steady play, ramps, holds, reverse, drops, gaps and junk."""
    out: list[int | None] = []
    while len(out) < n:
        length = draw(st.integers(1, 30))
        kind = draw(st.sampled_from(("steady", "gap", "junk", "hold", "ramp", "drops")))
        at, speed = draw(st.integers(0, frames - 1)), draw(st.sampled_from((1.0, 1.0, -1.0, 2.0, 0.5, 1.001, 0.96, 1.25, 0.37)))
        for k in range(length):
            if kind == "gap":
                out.append(None)
            elif kind == "junk":
                out.append(draw(st.integers(0, frames - 1)))
            else:
                moved = {"steady": speed * k, "hold": 0, "ramp": 0.05 * k * k, "drops": k + k // 7}[kind]
                out.append(min(max(at + int(moved // 1), 0), frames - 1))
    return out[:n]


@st.composite
def alignments(draw, rates=RATES, vfr: bool = True, timecodes: bool = False) -> tuple[Alignment, list[int | None]]:
    """An alignment, and the map that it was made from."""
    clip = draw(media("/media/a b/clip #1 100% é.mp4", draw(st.integers(1, 60)), rates, vfr))
    ref = draw(media("/media/ref.mov", draw(st.integers(1, 60)), rates, vfr))
    shown = draw(frame_maps(clip.frames, ref.frames))
    cuts = sorted({0, ref.frames, *draw(st.lists(st.integers(0, ref.frames), max_size=3))})
    runs = [_run(shown, a, b, clip, ref) for first, end in itertools.pairwise(cuts) for a, b in _alike(shown, first, end)]
    return Alignment(clip, ref, tuple(runs), {"quality": "draft"}, {"score": [0.5]}, "1.2.3"), shown


def _alike(shown: list[int | None], first: int, end: int) -> list[tuple[int, int]]:
    edges = [first, *(k for k in range(first + 1, end) if (shown[k] is None) != (shown[k - 1] is None)), end]
    return list(itertools.pairwise(edges))


def _run(shown: list[int | None], first: int, end: int, clip: Media, ref: Media) -> Run:
    if shown[first] is None:
        return Run(first, end - first, Verdict.UNMATCHED)
    pieces = fit([None if x is None else (x, x) for x in shown[first:end]], first, clip, ref)
    moved = (2.0, 0.0, 5.5, 0.0, 2.0, -3.25, 0.0, 0.0, 1.0)
    return Run(first, end - first, Verdict.EXACT, pieces, (Key(first, IDENTITY), Key(end - 1 if end - 1 > first else end, moved)), 0.9, 0.97)
