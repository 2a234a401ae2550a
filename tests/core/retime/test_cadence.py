"""Cadence read off pictures: made scenes, whose holds are known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from genlock.bench.retime_scenes import SCENES, Figure, Scene
from genlock.core.retime.cadence import Cadence, Tally, boxes_for
from genlock.core.retime.moves import Moves

SMALL = (320, 180)


@cache
def grey(name: str, k: int, noise: float = 0.0) -> np.ndarray:
    scene = replace(SCENES[name], grain=noise) if noise else SCENES[name]
    return seen(scene.frame(k))


def seen(picture: np.ndarray) -> np.ndarray:
    small = cv2.resize((picture * 255).round().astype(np.uint8), SMALL, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def tallied(pictures, first: int = 0) -> Cadence:
    moves, tally = Moves(), Tally(first)
    for picture in pictures:
        move = moves.step(picture)
        if move is not None:
            tally.add(move)
    return tally.cadence()


@pytest.mark.parametrize(
    ("name", "holds", "camera"),
    [
        ("ones", (1,), True), ("twos", (2,), True), ("threes", (3,), True), ("fours", (4,), True), ("cast", (1, 2, 3), True),
        ("still", (2, 3), False), ("carried", (2,), True), ("fast", (2, 3), True), ("lines", (2,), True), ("grain", (2, 3), True),
    ],
)  # fmt: skip
def test_every_hold_in_a_shot_is_found_before_whatever_camera(name, holds, camera):
    found = tallied(grey(name, k) for k in range(26))
    assert found.holds == holds and found.camera == camera
    assert found.n_forward == max(holds) - 1


def test_one_frame_says_nothing():
    found = tallied([grey("twos", 0)])
    assert (found.holds, found.repeats, found.name) == ((), (), "still")


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.02])
def test_whole_frames_that_repeat_are_found_under_grain(noise):
    scene = Scene("t", (Figure((0.8, 0.2, 0.2), (120, 150), (4, 1), 3),), grain=noise)
    found = tallied((seen(scene.frame(k)) for k in range(1, 26)), first=1)
    assert found.repeats == tuple(k for k in range(2, 26) if k % 3)
    assert found.pattern == (3,) and found.name == "on threes"


def test_a_mouth_on_twos_leaves_a_figure_on_threes_and_no_frame_of_it_is_lost():
    scene = Scene("t", (Figure((0.8, 0.2, 0.2), (120, 150), (4, 1), 3),))

    def flapping(k: int) -> np.ndarray:
        picture = scene.frame(k)
        if k // 2 % 2:
            x, y = (round(float(v)) for v in scene.figures[0].place(scene.figures[0].drawn_at(k), (0, 0)))
            cv2.ellipse(picture, (x, y - 18), (7, 4), 0, 0, 360, (0.1, 0.05, 0.05), -1)
        return seen(picture)

    found = tallied(flapping(k) for k in range(26))
    assert found.repeats == tuple(k for k in range(1, 26) if k % 2 and k % 3)
    assert 3 in found.holds and found.parts[2] == max(found.parts)


@pytest.mark.parametrize("quality", [20, 55])
def test_a_codec_that_codes_each_frame_anew_is_no_motion(quality):
    scene = Scene("t", (Figure((0.8, 0.2, 0.2), (120, 150), (5, 1), 2),))

    def coded(k: int) -> np.ndarray:
        way = [cv2.IMWRITE_JPEG_QUALITY, quality + 4 * (k % 2)]
        return seen(cv2.imdecode(cv2.imencode(".jpg", (scene.frame(k) * 255).astype(np.uint8), way)[1], 1).astype(np.float32) / 255)

    found = tallied(coded(k) for k in range(24))
    assert found.repeats == tuple(range(1, 24, 2)) and found.holds == (2,)


def test_a_slow_fade_is_no_row_of_repeats():
    picture = grey("twos", 0).astype(np.float32)
    found = tallied(picture * (1 - 0.006 * k) for k in range(30))
    kept = [0, *(k for k in range(1, 30) if k not in found.repeats)]
    assert max(np.diff([*kept, 30])) <= 5


def test_motion_on_ones_that_waxes_and_wanes_has_no_repeats_and_no_holds():
    scene = Scene("t", (Figure((0.8, 0.2, 0.2), (120, 150), (5, 1)),), frames=40)
    drawn = [float(np.cumsum(1 + 0.9 * np.sin(np.arange(40) / 4))[k]) for k in range(40)]
    found = tallied(seen(scene.ideal(moment)) for moment in drawn)
    assert found.repeats == () and found.holds in ((1,), ()) and found.pattern == ()


@pytest.mark.parametrize(
    ("rhythm", "pattern", "name"),
    [((2, 3), (2, 3), "2:3 pulldown"), ((3, 2), (2, 3), "2:3 pulldown"), ((1, 2, 1, 1), (1, 1, 1, 2), "one frame in five repeated")],
)
def test_a_pulldown_is_named(rhythm, pattern, name):
    numbers = [k for k, n in enumerate(rhythm * 8) for _ in range(n)][1:31]
    found = tallied(grey("ones", k) for k in numbers)
    assert found.pattern == pattern and found.name == name


@pytest.mark.parametrize(
    ("holds", "boxes"),
    [((), ()), ((1,), ()), ((2,), (2,)), ((1, 2), (2,)), ((3,), (3,)), ((2, 3), (2, 3)), ((4,), (4,)), ((2, 4), (4,)), ((3, 4), (4, 3))],
)
def test_averages_have_a_zero_at_every_hold(holds, boxes):
    assert boxes_for(holds) == boxes
    weights = np.ones(1)
    for width in boxes:
        weights = np.convolve(weights, np.ones(width) / width)
    for hold in holds:
        if hold > 1:
            assert abs(np.exp(2j * np.pi / hold * np.arange(len(weights))) @ weights) < 1e-9
