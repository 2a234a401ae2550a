"""Methods with an interpolator that is never wrong: what judder, lag and cuts are left is the method's own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from genlock.core.retime.cadence import boxes_for
from genlock.core.retime.methods.passes import Passes, lag
from genlock.core.retime.methods.plain import Plain
from genlock.core.retime.methods.resample import Resample
from genlock.tests.core.retime.ideal import Exact, every, held, judder, run

INNER = slice(40, -40)


def positions(method, tracks, boxes=(), times=2):
    return [p for _, p in run(method, tracks, every(sum(map(len, tracks)), times), boxes)]


@pytest.mark.parametrize(("hold", "told"), [(1, 0.0), (2, 1.0), (3, 1.41), (4, 1.73)])
def test_plain_interpolation_keeps_the_judder_of_drawings(hold, told):
    assert judder(positions(Plain(Exact()), [held(hold, 61)])[INNER][: 4 * 12 * hold + 1]) == pytest.approx(told, abs=0.15)


@pytest.mark.parametrize(("holds", "phase"), [((2,), 0), ((2,), 1), ((3,), 0), ((3,), 2), ((4,), 0), ((4,), 3)])
def test_the_average_for_a_hold_leaves_no_judder(holds, phase):
    out = positions(Passes(Exact()), [held(holds[0], 61, phase)], boxes_for(holds))
    assert judder(out[INNER]) < 1e-6


@pytest.mark.parametrize("hold", [1, 2, 3])
def test_twos_and_threes_are_even_in_one_shot(hold):
    out = positions(Passes(Exact()), [held(hold, 61)], boxes_for((2, 3)))
    assert judder(out[INNER]) < 1e-6


@pytest.mark.parametrize(("passes", "told"), [(1, 0.707), (2, 0.354), (3, 0.177)])
def test_half_passes_leave_threes_what_theory_says(passes, told):
    """The figures that the original prints for -np 2, 3 and 4."""
    out = positions(Passes(Exact()), [held(3, 120)], (2,) * passes)
    assert judder(out[60:-60][:61]) == pytest.approx(told, abs=0.03)


@pytest.mark.parametrize("boxes", [(2,), (3,), (2, 3), (4,), (3, 4), (2, 2, 2)])
def test_averages_come_neither_early_nor_late(boxes):
    """The originals run behind the sound by half a frame a pass."""
    out = positions(Passes(Exact()), [held(1, 41)], boxes)
    assert np.allclose(out[INNER], np.arange(82)[INNER] / 2)
    assert lag(boxes) > 0


def test_resampling_comes_neither_early_nor_late_and_repeats_nothing():
    """The original shows one frame in every `times` twice, and lags half a frame."""
    out = positions(Resample(Exact()), [held(1, 40)], times=4)
    assert np.allclose(out[10:-12], np.arange(160)[10:-12] / 4)
    assert judder(positions(Resample(Exact()), [held(2, 60)], times=4)[40:-40]) < 1e-6


METHODS = {
    "plain": (Plain, ()), "multipass": (Passes, (2, 2)), "auto": (Passes, (2, 3)), "resample": (Resample, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_cuts_stay_where_they_are_and_nothing_is_made_across_them(name):
    """The originals delay cuts by one to three frames, and run their model across them; Exact fails if it is asked to."""
    kind, boxes = METHODS[name]
    tracks = [held(2, 9), held(3, 1), held(1, 2), held(3, 14)]
    out = run(kind(Exact()), tracks, every(26, 3), boxes)
    assert [shot for shot, _ in out] == [0] * 27 + [1] * 3 + [2] * 6 + [3] * 42


@pytest.mark.parametrize("name", METHODS)
def test_first_and_last_frame_of_a_shot_are_shown(name):
    kind, boxes = METHODS[name]
    tracks = [held(1, 9), held(3, 7), held(2, 3)]
    out = run(kind(Exact()), tracks, every(19, 2), boxes)
    for shot, track in enumerate(tracks):
        mine = [p for s, p in out if s == shot]
        assert mine[0] == track[0] and mine[-1] == track[-1]
        assert len(mine) == 2 * len(track)
        assert all(b >= a - 1e-9 for a, b in pairwise(mine))


@pytest.mark.parametrize("name", METHODS)
def test_no_frame_is_shown_twice_where_everything_moves(name):
    kind, boxes = METHODS[name]
    out = [p for _, p in run(kind(Exact()), [held(1, 30)], every(30, 5), boxes)]
    assert min(np.diff(out[:-5])) > 0.05


@pytest.mark.parametrize("name", METHODS)
def test_what_is_made_does_not_depend_on_where_the_making_begins(name):
    kind, boxes = METHODS[name]
    tracks = [held(2, 20), held(3, 20)]
    moments = every(40, 3)
    whole = run(kind(Exact()), tracks, moments, boxes)
    for first in (1, 31, 62, 100):
        assert run(kind(Exact()), tracks, moments[first:], boxes) == whole[first:]


def test_plain_gives_the_input_itself_at_its_own_times():
    method = Plain(Exact())
    from genlock.core.retime.plan import Stretch

    assert [method.picture(lambda n: np.zeros((2, 2, 3)), Stretch(0, 5), (), k, 0 * lag((2,))) for k in range(5)] == [0, 1, 2, 3, 4]
