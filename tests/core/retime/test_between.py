"""Frames in between that are made without weights, against motions that are known in closed form."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.retime.between import BetweenSettings, FlowBetween, FlowPair

from .made_motion import apart, disc, moved, shift, texture, turn, world

MIDDLE = FlowBetween()


@pytest.mark.parametrize("wh", [(160, 96), (213, 117)])
@pytest.mark.parametrize("t", [Fraction(1, 3), 0.5, 0.8])
def test_a_shift_by_a_fraction(wh: tuple[int, int], t: float | Fraction) -> None:
    painted = world(wh)
    a, truth, b = (moved(painted, shift(5.3 * at, -2.6 * at), wh) for at in (0.0, float(t), 1.0))
    made = MIDDLE.middle(a, b, t)
    assert made.dtype == np.float32 and made.shape == a.shape
    assert apart(made, truth, 8) < 0.5 < apart((1 - float(t)) * a + float(t) * b, truth, 8) / 3


@pytest.mark.parametrize("matrix", [turn(4.0, 1.0, (80, 50)), turn(0.0, 1.06, (70, 60))], ids=["rotation", "zoom"])
def test_a_turn_and_a_zoom(matrix: np.ndarray) -> None:
    wh = (160, 96)
    painted = world(wh, 2)
    half = turn(2.0, 1.0, (80, 50)) if matrix[0, 1] else turn(0.0, 1.03, (70, 60))
    a, truth, b = (moved(painted, m, wh) for m in (np.eye(3), half, matrix))
    made = MIDDLE.middle(a, b)
    assert apart(made, truth, 10) < 0.6 < apart((a + b) / 2, truth, 10) / 2


@pytest.mark.parametrize("move", [(0, 0), (4, 0), (-6, 2), (12, -8)])
@pytest.mark.parametrize("size", [(480, 272), (203, 131)])
def test_whole_pixels_are_exact(move: tuple[int, int], size: tuple[int, int]) -> None:
    width, height = size
    painted = texture(height + 40, width + 40, 3)

    def seen(dx: int, dy: int) -> np.ndarray:
        return painted[20 + dy : 20 + dy + height, 20 + dx : 20 + dx + width]

    made = MIDDLE.middle(seen(0, 0), seen(*move))
    inner = slice(20, -20)
    np.testing.assert_array_equal(made[inner, inner], seen(move[0] // 2, move[1] // 2)[inner, inner])


def test_both_ends_are_the_pictures_themselves() -> None:
    a, b = texture(61, 83, 1), texture(61, 83, 2)
    pair = MIDDLE.pair(a, b)
    for t, given in ((0, a), (Fraction(0), a), (1.0, b), (np.zeros((61, 83), np.float32), a), (np.ones((61, 83), np.float32), b)):
        np.testing.assert_array_equal(pair.at(t), given)
        np.testing.assert_array_equal(pair.between(t).picture, given)


def passing(at: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A disc on its way over a ground that stands still: the picture, where it covers, the ground."""
    ground = texture(180, 320, 5)
    picture, covered = disc(ground, (110 + 12 * at, 90 + 4 * at), 30, texture(180, 320, 6))
    return picture, covered, ground


def test_what_passes_in_front_hides_and_uncovers() -> None:
    (a, _, _), (truth, covered, _), (b, _, _) = (passing(at) for at in (0.0, 0.5, 1.0))
    made = MIDDLE.middle(a, b)
    assert apart(made, truth) < 0.25 * apart((a + b) / 2, truth)
    edge = cv2.dilate((covered > 0).astype(np.uint8), np.ones((25, 25))) - cv2.erode((covered >= 1).astype(np.uint8), np.ones((9, 9)))
    assert np.abs(made - truth)[edge > 0].mean() < 0.4 * np.abs((a + b) / 2 - truth)[edge > 0].mean()


def test_what_stands_still_stays_bit_for_bit() -> None:
    (a, over_a, ground), (b, over_b, _) = passing(0.0), passing(1.0)
    touched = cv2.dilate(((over_a + over_b) > 0).astype(np.uint8), np.ones((17, 17)))
    pair = MIDDLE.pair(a, b)
    for t in (0.25, 0.5, 0.9):
        np.testing.assert_array_equal(pair.at(t)[touched == 0], ground[touched == 0])


def test_what_only_one_picture_shows_is_taken_from_that_one() -> None:
    (a, over_a, _), (b, over_b, _) = passing(0.0), passing(1.0)
    share = MIDDLE.pair(a, b).between(0.5).share_of_a
    _, over, _ = passing(0.5)
    free = over == 0
    hidden_in_a, hidden_in_b = free & (over_a >= 1), free & (over_b >= 1)
    assert hidden_in_a.sum() > 100 and hidden_in_b.sum() > 100
    assert share[hidden_in_a].mean() < 0.45 and share[hidden_in_b].mean() > 0.55


def test_the_motion_told_is_the_motion() -> None:
    wh = (160, 96)
    painted = world(wh)
    a, b = (moved(painted, shift(4 * at, 2 * at), wh) for at in (0.0, 1.0))
    told = MIDDLE.pair(a, b).between(0.25)
    inner = (slice(12, -12), slice(12, -12))
    np.testing.assert_allclose(np.median(told.flow_to_a[inner], axis=(0, 1)), (-1, -0.5), atol=0.05)
    np.testing.assert_allclose(np.median(told.flow_to_b[inner], axis=(0, 1)), (3, 1.5), atol=0.1)
    assert told.share_of_a[inner].mean() == pytest.approx(0.75, abs=0.03)


def test_a_thin_line_is_neither_torn_nor_doubled() -> None:
    def line(at: float) -> np.ndarray:
        ground = np.full((120, 200, 3), 0.8, np.float32)
        x = np.arange(200, dtype=np.float32)
        slope = np.clip(1.0 - np.abs(x[None] - (60 + 16 * at + 0.3 * np.arange(120)[:, None])), 0, 1)
        return ground * (1 - slope[..., None] * 0.9)

    made = MIDDLE.middle(line(0.0), line(1.0))
    depth = (0.8 - made[..., 0])[15:-15]
    true = (0.8 - line(0.5)[..., 0])[15:-15]
    x = np.arange(200)
    place, there = (depth * x).sum(1) / depth.sum(1), (true * x).sum(1) / true.sum(1)
    assert np.abs(place - there).max() < 0.7
    assert depth.max(1).min() > 0.5 * true.max(1).min()
    spread = np.sqrt((np.clip(depth, 0, None) * (x - place[:, None]) ** 2).sum(1) / np.clip(depth, 0, None).sum(1))
    assert spread.max() < 2.0


def test_a_fence_that_moves_by_less_than_half_its_step_goes_on() -> None:
    def fence(at: float) -> np.ndarray:
        x = np.arange(256, dtype=np.float32)
        posts = 0.5 + 0.35 * np.sin(2 * np.pi * (x - 5.0 * at) / 16)
        return np.repeat(np.broadcast_to(posts, (128, 256))[..., None], 3, axis=2).astype(np.float32)

    made, truth = MIDDLE.middle(fence(0.0), fence(1.0)), fence(0.5)
    assert apart(made, truth, 16) < 2.0 < apart((fence(0.0) + fence(1.0)) / 2, truth, 16) / 3


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2), (17, 16), (49, 50)])
def test_sizes_down_to_a_pixel(size: tuple[int, int]) -> None:
    a, b = (np.random.default_rng(n).random((*size, 3), dtype=np.float32) for n in (1, 2))
    made = MIDDLE.middle(a, b)
    assert made.shape == a.shape and np.isfinite(made).all()
    np.testing.assert_array_equal(MIDDLE.middle(a, a, 0.3), a)


def test_black_stays_black_and_bright_stays_bright() -> None:
    black = np.zeros((60, 90, 3), np.float32)
    np.testing.assert_array_equal(MIDDLE.middle(black, black), black)
    bright = texture(60, 90) * 12 - 0.5
    np.testing.assert_array_equal(MIDDLE.middle(bright, bright), bright)


def test_a_picture_in_the_dark_moves_like_a_bright_one() -> None:
    wh = (160, 96)
    a, truth, b = (moved(world(wh), shift(4.4 * at, 0), wh) * 0.04 for at in (0.0, 0.5, 1.0))
    assert apart(MIDDLE.middle(a, b), truth, 8) < 0.2 * apart((a + b) / 2, truth, 8)


def test_a_time_for_each_pixel() -> None:
    """The left half at a quarter, the right at three quarters: each is what one time for all makes of it."""
    wh = (200, 96)
    a, b = (moved(world(wh), shift(0, 6 * at), wh) for at in (0.0, 1.0))
    times = np.full((96, 200), 0.25, np.float32)
    times[:, 100:] = 0.75
    pair = MIDDLE.pair(a, b)
    made = pair.at(times)
    assert apart(made[:, :90], pair.at(0.25)[:, :90]) < 0.05 and apart(made[:, 110:], pair.at(0.75)[:, 110:]) < 0.05
    np.testing.assert_array_equal(pair.at(np.full((96, 200), 0.5, np.float32)), pair.at(0.5))


def test_times_that_run_along_the_picture() -> None:
    """A shift by d seen at times t(x) is the drawing at x - d t(x)."""
    wh = (320, 64)
    painted = world(wh, 4)
    a, b = (moved(painted, shift(8 * at, 0), wh) for at in (0.0, 1.0))
    times = np.broadcast_to(np.linspace(0, 1, 320, dtype=np.float32), (64, 320))
    x = np.arange(320, dtype=np.float32)
    at = np.broadcast_to(x - 8 * times, (64, 320)).astype(np.float32)
    truth = cv2.remap(a, at, np.repeat(np.arange(64, dtype=np.float32)[:, None], 320, axis=1), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    assert apart(MIDDLE.middle(a, b, times), truth, 12) < 0.5


def test_doubt_is_high_where_nothing_is_found_again() -> None:
    (a, _, _), (b, _, _) = passing(0.0), passing(1.0)
    other = np.random.default_rng(3).random(a.shape, dtype=np.float32)
    assert FlowPair(a, b).doubt < 0.15 and FlowPair(a, other).doubt > 0.5


def test_equal_inputs_give_equal_outputs_and_are_left_alone() -> None:
    (a, _, _), (b, _, _) = passing(0.0), passing(1.0)
    kept = a.copy(), b.copy()
    a.setflags(write=False)
    b.setflags(write=False)
    np.testing.assert_array_equal(MIDDLE.middle(a, b, 0.4), MIDDLE.middle(a, b, 0.4))
    np.testing.assert_array_equal(a, kept[0])
    np.testing.assert_array_equal(b, kept[1])


@pytest.mark.parametrize("quality", ["fast", "fine"])
def test_other_qualities(quality: str) -> None:
    (a, _, _), (truth, _, _), (b, _, _) = (passing(at) for at in (0.0, 0.5, 1.0))
    assert apart(FlowBetween(BetweenSettings(quality)).middle(a, b), truth) < 0.4 * apart((a + b) / 2, truth)


def test_questions_that_have_no_answer() -> None:
    a = texture(40, 60)
    with pytest.raises(UsageError, match="one size"):
        MIDDLE.pair(a, a[:, :-1])
    pair = MIDDLE.pair(a, a)
    for wrong in (-0.1, 1.5, float("nan"), np.full((40, 60), 1.01, np.float32)):
        with pytest.raises(UsageError, match="from 0 to 1"):
            pair.at(wrong)
    with pytest.raises(UsageError, match="time for each pixel"):
        pair.at(np.zeros((39, 60), np.float32))
    with pytest.raises(UsageError, match="quality"):
        BetweenSettings("best")
