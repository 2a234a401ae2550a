"""Output frames and their times: exact, and known before anything is made."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genlock.core.errors import MediaError, UsageError
from genlock.core.retime.beats import Beats
from genlock.core.retime.drop import kept, native_rate
from genlock.core.retime.plan import Stretch, plan, stretches

NTSC = Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("frames", "rate", "out", "count"),
    [
        (96, Fraction(24), Fraction(48), 192),
        (97, Fraction(24), Fraction(60), 242),
        (1, Fraction(24), Fraction(60), 2),
        (48, NTSC, Fraction(60000, 1001), 120),
        (25, Fraction(25), Fraction(50), 50),
        (300, Fraction(30000, 1001), Fraction(120000, 1001), 1200),
        (50, Fraction(50), Fraction(24), 24),
        (1, Fraction(60), Fraction(24), 1),
        (172_800, NTSC, Fraction(60), 432_432),
    ],
)
def test_counts_are_length_times_rate(frames, rate, out, count):
    """The original gives 193 and 242 for the first two and for a film of 96 frames."""
    made = plan(Beats(frames, rate), out)
    assert made.count == count
    last = made.moment(count - 1)
    assert last.time_s == (count - 1) / out and last.frame < frames
    assert abs(made.length_s - frames / rate) <= 1 / out / 2 or count == 1


@pytest.mark.parametrize("times", [1, 2, 5])
def test_times_gives_each_frame_at_its_multiple(times):
    made = plan(Beats(7, NTSC), times=times)
    assert made.count == 7 * times and made.rate == NTSC * times and made.length_s == 7 / NTSC
    for k in range(7):
        moment = made.moment(k * times)
        assert (moment.frame, moment.share, moment.time_s) == (k, 0, k / NTSC)
    assert made.moment(times - 1).share == Fraction(times - 1, times)


def test_a_rate_that_varies_is_followed_by_its_time_stamps():
    beats = Beats.of((100, 140, 150, 250, 260), Fraction(1, 1000), Fraction(25), last=40)
    assert beats.varies and beats.length_s == Fraction(200, 1000)
    made = plan(beats, times=2)
    assert made.rate is None and [made.pts(n) for n in range(11)] == [0, 40, 80, 90, 100, 200, 300, 310, 320, 360, 400]
    assert made.time_base == Fraction(1, 2000)
    even = plan(beats, Fraction(50))
    assert even.count == 10
    assert [(m.frame, m.share) for m in even.moments()][:5] == [(0, 0), (0, Fraction(1, 2)), (1, 0), (2, Fraction(1, 10)), (2, Fraction(3, 10))]


def test_milliseconds_of_a_container_are_no_varying_rate():
    pts = tuple(round(k * 1001 / 24) for k in range(100))
    assert Beats.of(pts, Fraction(1, 1000), NTSC).rate == NTSC and not Beats.of(pts, Fraction(1, 1000), NTSC).varies


def test_stamps_that_fall_are_mended():
    beats = Beats.of((0, 40, 30, 120), Fraction(1, 1000), Fraction(25))
    assert [beats.time_s(k) for k in range(4)] == sorted({beats.time_s(k) for k in range(4)})


def test_refusals():
    with pytest.raises(UsageError, match="both a rate and a number"):
        plan(Beats(3, NTSC), NTSC, 2)
    with pytest.raises(UsageError, match="write a rate above 0"):
        plan(Beats(3, NTSC), Fraction(-1))
    with pytest.raises(MediaError, match="no picture"):
        Beats.of((), Fraction(1, 24), NTSC)
    with pytest.raises(UsageError, match="lower rate"):
        plan(Beats(10**6, NTSC), times=10_000)


def test_a_film_is_cut_where_motion_does_not_go_on():
    assert stretches(5, ["flow", "hold", "blend", "flow"]) == (Stretch(0, 2), Stretch(2, 3), Stretch(3, 5))
    assert stretches(1, []) == (Stretch(0, 1),)


def test_dropped_repeats_leave_every_drawing_its_time():
    beats = Beats(10, Fraction(24))
    left = kept(beats, (1, 3, 4, 9))
    assert left.frames == (0, 2, 5, 6, 7, 8)
    assert [left.pts(n) for n in range(7)] == [0, 2, 5, 6, 7, 8, 10] and left.time_base == Fraction(1, 24) and left.length_s == beats.length_s


@pytest.mark.parametrize("phase", range(5))
@pytest.mark.parametrize("rhythm", [(2, 3), (1, 1, 1, 2)])
def test_a_pulldown_is_undone_with_no_drawing_lost(rhythm, phase):
    """Whatever the phase at which it begins."""
    held = [k for k, n in enumerate(rhythm * 40) for _ in range(n)][phase:]
    beats = Beats(len(held), Fraction(60000, 1001) if rhythm == (2, 3) else Fraction(30000, 1001))
    repeats = tuple(k for k in range(1, len(held)) if held[k] == held[k - 1])
    assert native_rate(beats, rhythm) == NTSC
    left = kept(beats, repeats, NTSC)
    drawings = [held[frame] for frame in left.frames]
    assert left.count == round(beats.length_s * NTSC)
    inner = drawings[:-1]
    assert inner == list(range(held[0], held[0] + len(inner))) and drawings[-1] - inner[-1] in (0, 1)
    assert max(abs(beats.time_s(f) - n / NTSC) for n, f in enumerate(left.frames)) <= 2 / beats.rate


def test_a_rate_below_or_above_the_drawings_skips_and_repeats_in_time():
    beats = Beats(24, Fraction(24))
    assert kept(beats, (), Fraction(12)).frames[:4] == (0, 2, 4, 6) or kept(beats, (), Fraction(12)).frames[:4] == (0, 1, 3, 5)
    fast = kept(beats, (), Fraction(48))
    assert fast.count == 48 and max(abs(f / beats.rate - n / Fraction(48)) for n, f in enumerate(fast.frames)) <= Fraction(1, 24)
