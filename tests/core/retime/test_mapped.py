"""Which moment of the clip a frame of the ref shows: worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genlock.core.alignment import IDENTITY, Alignment, Key, Piece, Run, Verdict
from genlock.core.retime.beats import Beats
from genlock.core.retime.mapped import Mapped
from genlock.tests.core.render.made import aligned, media

F24, F25, NTSC = Fraction(24), Fraction(25), Fraction(24000, 1001)


def places(shown, clip_rate=F24, ref_rate=F24) -> list[float | None]:
    clip, ref = media("clip", 100, rate=clip_rate), media("ref", len(shown), rate=ref_rate)
    return told(aligned(clip, ref, shown))


def told(alignment: Alignment) -> list[float | None]:
    plan = Mapped(alignment, Beats(alignment.clip.frames, alignment.clip.rate))
    return [None if moment.frame < 0 else float(moment.frame + moment.share) for moment in plan.moments()]


@pytest.mark.parametrize(
    ("shown", "rates", "asked"),
    [
        ([None, 5, 6, 7, None], (F24, F24), [None, 5, 6, 7, None]),
        ([0, 0, 1, 1, 2, 2], (F24, F24), [0, 0.5, 1, 1.5, 2, 2]),
        ([0, 2, 4, 6], (F24, F24), [0, 2, 4, 6]),
        (list(range(60)), (F24, F25), list(range(60))),
        ([7, 7, 7, 7], (F24, F24), [7, 7, 7, 7]),
        ([4, 3, 2, 1], (F24, F24), [4, 3, 2, 1]),
        ([0, 1, 2, 3], (F24, NTSC), [0, 1, 2, 3]),
        ([0, 0, 1, 1, 40, 40, 41, 41], (F24, F24), [0, 0.5, 1, 1, 40, 40.5, 41, 41]),
    ],
)
def test_places_on_the_clip(shown, rates, asked):
    assert places(shown, *rates) == asked


def test_a_moment_lies_where_the_frame_begins_and_never_past_what_the_map_shows():
    clip, ref = media("clip", 100, rate=F24), media("ref", 6, rate=Fraction(60))
    run = Run(0, 6, Verdict.EXACT, (Piece(0, 6, Fraction(10, 24), Fraction(1)),), (Key(0, IDENTITY),), 0.9, 0.9)
    assert told(Alignment(clip, ref, (run,))) == pytest.approx([10, 10.4, 10.8, 11.2, 11.6, 12])


def test_times_are_the_refs():
    clip = media("clip", 10, rate=F24)
    steady = Mapped(aligned(clip, media("ref", 4, rate=NTSC), [0, 1, 2, 3]), Beats(10, F24))
    assert (steady.count, steady.rate, steady.pts(3) * steady.time_base) == (4, NTSC, 3 / NTSC)
    stamps = media("ref", 3, rate=F25, pts=(500, 540, 600), time_base=Fraction(1, 1000), length_s=Fraction(14, 100))
    varying = Mapped(aligned(clip, stamps, [0, 1, 2]), Beats(10, F24))
    assert varying.rate is None
    assert [varying.pts(n) * varying.time_base for n in range(4)] == [0, Fraction(40, 1000), Fraction(100, 1000), Fraction(140, 1000)]
