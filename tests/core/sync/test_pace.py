"""Frames of variable rate, laid along time and back."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genlock.core.alignment import Media
from genlock.core.sync.pace import EVEN, pace_of
from genlock.core.sync.segments import segments


def footage(pts: tuple[int, ...] | None, frames: int, rate: Fraction = Fraction(24)) -> Media:
    return Media("x", frames, rate, 64, 36, pts, Fraction(1, 24))


def test_an_even_pair_needs_nothing():
    pace = pace_of(footage(None, 10), footage(None, 10))
    assert pace == EVEN
    assert pace.frames_at(np.array([-0.5, 0.0, 0.99, 9.5])).tolist() == [-1, 0, 0, 9]
    assert pace.middles(np.array([0, 3])).tolist() == [0.5, 3.5]


def test_each_frame_is_on_screen_from_its_start_to_the_next():
    # Frames begin at 0, 1, 3 and 4 twenty-fourths; the mean rate is 4 frames in 5 of them, and the last one lasts as long as the mean.
    clip = footage((0, 1, 3, 4), 4, Fraction(96, 5))
    pace = pace_of(clip, footage(None, 5))
    assert pace.clip_edges is not None and pace.clip_edges == pytest.approx([0, 0.8, 2.4, 3.2, 4.2])
    assert pace.frames_at(np.array([-0.1, 0.0, 0.79, 0.8, 2.39, 2.4, 3.9, 4.25, 5.4])).tolist() == [-1, 0, 0, 1, 1, 2, 3, 4, 5]
    assert pace.middles(np.array([1])) == pytest.approx([1.6])


def test_a_clip_that_lacks_frames_follows_one_line():
    rng = np.random.default_rng(4)
    starts = np.flatnonzero(rng.random(200) > 0.3)
    rate = Fraction(24 * len(starts), 200)
    clip = footage(tuple(int(s) for s in starts), len(starts), rate)
    on_screen = np.searchsorted(starts - starts[0], np.arange(150) + 0.5, "right") - 1
    (found,) = segments(on_screen, np.ones(150), [float(rate / 24)], 0, pace_of(clip, footage(None, 150)))
    assert found.line(np.arange(150)).tolist() == on_screen.tolist()
    assert found.near == 1.0
    (bent,) = segments(on_screen, np.ones(150), [float(rate / 24)], 0)
    assert (bent.line(np.arange(150)) != on_screen).any()
