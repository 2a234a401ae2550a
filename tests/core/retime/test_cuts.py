"""Cuts, fades, dissolves and flashes, in made footage whose joins are known."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.retime.cuts import CutSettings, Join, joins, shots
from genlock.core.retime.likeness import small_ssim
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.world import paint

from .made_joins import Film, film


def test_joins_of_every_kind_leave_no_ghost() -> None:
    made = film(7, 30)
    found = list(joins(made.frames))
    assert len(found) == len(made.frames) - 1 == len(made.truth)
    both = list(zip(made.truth, found, strict=True))
    assert Counter(made.truth)["cut"] >= 15
    assert not [k for k, (truth, join) in enumerate(both) if truth == "cut" and join.how != "hold"]
    assert len([k for k, (truth, join) in enumerate(both) if truth != "cut" and not join.crosses]) <= 1
    assert not [k for k, (truth, join) in enumerate(both) if truth == "flash" and join.how != "hold"]
    for kind in ("dissolve", "fade"):
        told = [join.kind for truth, join in both if truth == kind]
        assert sum(one in ("dissolve", "fade") for one in told) > 0.8 * len(told)
    told = [join.how for truth, join in both if truth == "same"]
    assert sum(how == "flow" for how in told) > 0.95 * len(told)


def test_a_whip_of_the_camera_is_no_cut() -> None:
    world = paint((1600, 200), 5)
    at = [0, 2, 4, 10, 20, 36, 50, 56, 50, 36, 20, 10, 4, 2, 0]
    frames = [np.ascontiguousarray(world[40:130, x : x + 160]) for x in np.cumsum(at)]
    found = list(joins(frames))
    assert all(join.crosses for join in found) and max(join.score for join in found) > 0.6


def test_a_zoom_a_shake_and_grain_are_no_cuts() -> None:
    scene = reel(4, (40,), size_wh=(192, 108), grain=8.0)
    assert {join.kind for join in joins(scene.frame(n) for n in range(40))} == {"same"}


def test_twos_and_stills_are_no_cuts() -> None:
    scene = reel(5, (40,), size_wh=(160, 90))
    held = [scene.frame(n // 3 * 3) for n in range(40)]
    assert all(join.how == "flow" for join in joins(held))
    assert all(join == Join("same", join.score) and join.score < 0.01 for join in joins([held[0]] * 5))


def test_shots() -> None:
    made = Film(3)
    made.add(made.fresh(10), "same")
    made.cut()
    made.cut()
    assert shots(joins(made.frames)) == [(0, 10), (10, 20), (20, 30)]
    assert shots([]) == [(0, 1)]


def test_frames_that_come_from_a_stream() -> None:
    """Answers come as soon as they can, and few frames are held."""
    asked = 0

    def stream() -> object:
        nonlocal asked
        scene = reel(6, (60, 60, 60), size_wh=(64, 48))
        for n in range(180):
            asked += 1
            yield scene.frame(n)

    found = joins(stream())  # type: ignore[arg-type]
    first = next(found)
    assert first.kind == "same" and asked <= 51
    rest = [first, *found]
    assert [k + 1 for k, join in enumerate(rest) if not join.crosses] == [60, 120]


def test_no_frames_one_frame_black_and_single_pixels() -> None:
    black = np.zeros((9, 7, 3), np.uint8)
    assert list(joins([])) == [] and list(joins([black])) == []
    assert [join.kind for join in joins([black, black, black])] == ["same", "same"]
    assert len(list(joins([np.zeros((1, 1, 3), np.float32)] * 3))) == 2


def test_float_pictures_are_judged_like_bytes() -> None:
    made = film(2, 3)
    as_float = [frame.astype(np.float32) / 255 for frame in made.frames]
    assert [join.kind for join in joins(as_float)] == [join.kind for join in joins(made.frames)]


def test_the_threshold_that_users_know() -> None:
    made = Film(5)
    made.add(made.fresh(10), "same")
    made.cut()
    assert shots(joins(made.frames, CutSettings("ssim"))) == [(0, 10), (10, 20)]
    assert len(shots(joins(made.frames, CutSettings("ssim", 1.0)))) == 20
    assert small_ssim(made.frames[0], made.frames[0]) == pytest.approx(1)
    grey = cv2.cvtColor(made.frames[0], cv2.COLOR_RGB2GRAY)
    assert small_ssim(made.frames[0], 255 - made.frames[0]) < 0 < grey.std()
    with pytest.raises(UsageError, match="found by"):
        CutSettings("histogram")
    with pytest.raises(UsageError, match="threshold"):
        CutSettings("ssim", 14)
