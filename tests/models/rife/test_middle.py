"""Frames in between: what an Interpolator promises, kept by a network that has learned something."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from genlock.core.errors import UsageError
from genlock.core.retime.contracts import Interpolator
from genlock.models.rife.middle import RifeInterpolator
from genlock.models.rife.runner import Runner

from .learned import learned, made_pairs


@pytest.fixture(scope="module")
def interpolator() -> Interpolator:
    return RifeInterpolator(Runner(learned()), "learned")


@pytest.fixture(scope="module")
def triplet() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """a, the truth half way, b: the same noise two pixels apart, cut to an odd size."""
    a, _, _ = made_pairs(np.random.default_rng(4), torch.Generator().manual_seed(4), 0.0)
    wide = a[0].permute(1, 2, 0).numpy()
    return tuple(np.ascontiguousarray(wide[3:80, x : x + 101]) for x in (4, 5, 6))  # type: ignore[return-value]


def test_the_middle_is_nearer_to_the_truth_than_either_and_than_their_mean(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    a, truth, b = triplet
    got = interpolator.middle(a, b)

    def wrong(picture: np.ndarray) -> float:
        return float(np.abs(picture - truth)[4:-4, 4:-4].mean())

    assert got.shape == a.shape and got.dtype == np.float32
    assert wrong(got) < 0.35 * wrong((a + b) / 2) and wrong(got) < 0.35 * wrong(a)


def test_motion_is_told_with_the_picture(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    """What stands at p half way stood a pixel further right in a, whose cut begins a pixel further left."""
    a, _, b = triplet
    between = interpolator.pair(a, b).between(0.5)
    assert np.median(between.flow_to_a[8:-8, 8:-8], axis=(0, 1)) == pytest.approx([1, 0], abs=0.15)
    assert np.median(between.flow_to_b[8:-8, 8:-8], axis=(0, 1)) == pytest.approx([-1, 0], abs=0.15)
    assert between.share_of_a.shape == a.shape[:2] and 0 <= between.share_of_a.min() and between.share_of_a.max() <= 1
    assert np.array_equal(between.picture, interpolator.middle(a, b, Fraction(1, 2)))


@pytest.mark.parametrize("t", [0, 1, 0.0, 1.0, Fraction(0), Fraction(1)])
def test_the_ends_are_the_given_pictures_bit_for_bit(interpolator: Interpolator, triplet: tuple[np.ndarray, ...], t: float) -> None:
    a, _, b = triplet
    given = b if t else a
    assert np.array_equal(interpolator.middle(a, b, t), given)
    assert np.array_equal(interpolator.pair(a, b).between(t).picture, given)


def test_what_is_brighter_than_white_stays_so(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    a, _, _ = triplet
    bright = (a - a.mean()) * (1 / a.std()) + 0.5
    got = interpolator.middle(bright, bright)
    beyond = (bright > 1.1) | (bright < -0.1)
    assert beyond.sum() > 500
    assert np.median(np.abs(got - bright)[beyond]) < 0.1


def test_a_number_that_is_none_spoils_only_its_neighbours(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    a, _, b = triplet
    hurt = a.copy()
    hurt[40, 50] = np.nan
    got = interpolator.middle(hurt, b)
    assert np.isnan(got).sum() <= 3 * 9


def test_a_time_for_each_pixel(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    a, _, b = triplet
    even = interpolator.middle(a, b, np.full(a.shape[:2], 0.5, np.float32))
    assert even == pytest.approx(interpolator.middle(a, b, 0.5), abs=1e-6)


def test_nothing_is_remembered(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    a, truth, b = triplet
    first = interpolator.middle(a, b)
    interpolator.middle(truth, a)
    assert np.array_equal(interpolator.middle(a, b), first)


def test_grad_is_left_alone(interpolator: Interpolator, triplet: tuple[np.ndarray, ...]) -> None:
    a, _, b = triplet
    interpolator.middle(a, b)
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a, b: (a, b[:-1], 0.5), "the pictures are 101 x 77 and 101 x 76"),
        (lambda a, b: (a[..., 0], b, 0.5), "a picture is float32 of shape"),
        (lambda a, b: (a, b.astype(np.float64), 0.5), "a picture is float64"),
        (lambda a, b: (a, b, 1.01), "a time is 1.01"),
        (lambda a, b: (a, b, Fraction(-1, 3)), "a time is -1/3"),
        (lambda a, b: (a, b, np.full((3, 3), 0.5)), r"a map of times is of shape \(3, 3\)"),
        (lambda a, b: (a, b, np.full(a.shape[:2], np.nan)), "a map of times"),
    ],
)
def test_a_wrong_question_is_refused(interpolator: Interpolator, triplet: tuple[np.ndarray, ...], change, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        interpolator.middle(*change(triplet[0], triplet[2]))
