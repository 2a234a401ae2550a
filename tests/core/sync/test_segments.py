"""Coarse paths cut into lines, whose slope and place are known because the paths were made from them."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.sync.path import NOTHING
from genlock.core.sync.segments import Segment, segments


def told(at: list[int], slopes: tuple[float, ...] = (1.0,), sure: np.ndarray | None = None, slack: int = 0) -> list[Segment]:
    path = np.array(at)
    return segments(path, np.ones(len(path)) if sure is None else sure, list(slopes), slack)


def plays(segment: Segment) -> list[int]:
    return segment.line(np.arange(segment.first, segment.last + 1)).tolist()


def test_one_line():
    (only,) = told(list(range(7, 47)))
    assert (only.first, only.last, only.slope, only.low, only.high) == (0, 39, 1.0, 0, 0)
    assert plays(only) == list(range(7, 47))


def test_a_cut_a_gap_and_a_return():
    at = [*range(10, 30), *range(50, 70), *[NOTHING] * 6, *range(5, 20)]
    found = told(at)
    assert [(s.first, s.last) for s in found] == [(0, 19), (20, 39), (46, 60)]
    assert [n for s in found for n in plays(s)] == [n for n in at if n != NOTHING]


def test_nothing():
    assert told([NOTHING] * 20) == []


def test_one_frame():
    (only,) = told([NOTHING, 4, NOTHING])
    assert (only.first, only.last, plays(only)) == (1, 1, [4])


@pytest.mark.parametrize("true", [25 / 24, 24 / 25, 0.8, 1.25, 2.0])
def test_a_known_slope_is_taken(true):
    """The path is floor() of the line through the middles of frames: the line found plays within a frame of it everywhere."""
    at = np.floor((np.arange(90) + 0.5) * true + 11).astype(int)
    (only,) = told(at.tolist(), (true, 1.0))
    assert only.slope == true
    assert np.abs(np.array(plays(only)) - at).max() <= 1


def test_a_speed_of_its_own():
    """1.3 is among no known slopes: half the frames against the other half gives it to a hundredth."""
    at = np.floor((np.arange(120) + 0.5) * 1.3 + 4).astype(int)
    (only,) = told(at.tolist(), (1.0,))
    assert only.slope == pytest.approx(1.3, abs=0.013)


def test_how_far_the_path_strays():
    """A frame is dropped every 10: after 40, the path is four frames from where it began; the band has to hold all of it."""
    at = [n + n // 10 for n in range(45)]
    (only,) = told(at)
    frames = np.arange(45)
    stray = np.array(at) - only.line(frames)
    assert only.low <= stray.min() and stray.max() <= only.high


def test_frames_that_say_nothing_do_not_bend_the_line():
    """In a still, the path wanders; `sure` says that it is one."""
    at = np.arange(5, 65)
    at[20:40] = 25
    sure = np.ones(60)
    sure[20:40] = 0.05
    found = told(at.tolist(), sure=sure)
    here = next(s for s in found if s.first == 0)
    assert plays(here)[:20] == list(range(5, 25))
