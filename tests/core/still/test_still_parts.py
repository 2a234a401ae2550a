"""The parts of the search for a still, each against a truth that can be worked out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genlock.core.space.features import Features
from genlock.core.space.geometry import apply
from genlock.core.still.judge import agreement, detail
from genlock.core.still.match import best_placing, log10_false_alarms, log10_tail, mirror_of
from genlock.core.still.subject import Subject, cut_out, filled, flat, without_ground
from genlock.hosts.demo.world import paint


def grey(wh: tuple[int, int], seed: int) -> np.ndarray:
    return np.asarray(paint(wh, seed)[..., 1])


def whole(luma: np.ndarray) -> Subject:
    return Subject((luma.shape[1], luma.shape[0]), luma, np.ones(luma.shape, bool))


class TestChance:
    def test_tail_of_three_coins(self) -> None:
        assert log10_tail(3, 2, 0.5) == pytest.approx(math.log10(0.5))
        assert log10_tail(3, 0, 0.5) == 0.0

    def test_far_tails_do_not_underflow(self) -> None:
        assert log10_tail(400, 400, 0.001) == pytest.approx(-1200)

    def test_more_behind_is_less_likely(self) -> None:
        assert log10_false_alarms(100, 30, 0.01) < log10_false_alarms(100, 8, 0.01) < 3


def test_random_matches_make_no_placing_worth_having() -> None:
    rng = np.random.default_rng(4)
    some = rng.standard_normal((60, 128)).astype(np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    still, frame = Features(rng.uniform(0, 300, (60, 2)), some), Features(rng.uniform(0, 300, (60, 2)), some)
    found = best_placing(still, mirror_of(still), frame, (300, 300), (300, 300), 0, 3.0)
    assert found is None or found.log10_chance > -3


def test_matches_that_agree_give_their_similarity() -> None:
    rng = np.random.default_rng(5)
    some = rng.standard_normal((60, 128)).astype(np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    points = rng.uniform(0, 300, (60, 2))
    truth = np.array([[0.4, -0.1, 50], [0.1, 0.4, 20], [0, 0, 1.0]])
    there = apply(truth, points)
    there[40:] = rng.uniform(0, 300, (20, 2))
    found = best_placing(Features(points, some), mirror_of(Features(points, some)), Features(there, some), (300, 300), (300, 300), 7, 2.0)
    assert found is not None and found.frame == 7 and found.log10_chance < -20
    assert np.abs(found.still_to_frame - truth).max() < 0.5


class TestAgreement:
    def test_the_same_picture_agrees_everywhere(self) -> None:
        luma = grey((320, 180), 8)
        there = agreement(whole(luma), luma, (320, 180), np.eye(3))
        assert there is not None and there.share == 1.0 and there.score > 0.99 and there.log10_chance < -30

    def test_a_shared_logo_does_not_make_two_pictures_one(self) -> None:
        a, b = grey((320, 180), 8), grey((320, 180), 9)
        b[10:60, 220:310] = a[10:60, 220:310]
        there = agreement(whole(a), b, (320, 180), np.eye(3))
        assert there is not None and there.share < 0.25

    def test_what_counts_for_nothing_is_not_looked_at(self) -> None:
        a, b = grey((320, 180), 8), grey((320, 180), 9)
        mask = np.zeros(a.shape, bool)
        mask[20:160, 40:280] = True
        b[mask] = a[mask]
        there = agreement(Subject((320, 180), a, mask), b, (320, 180), np.eye(3))
        assert there is not None and there.share > 0.95


class TestSubject:
    def test_flat_pictures_are_flat(self) -> None:
        assert flat(whole(np.full((90, 160), 77, np.uint8)))
        assert not flat(whole(grey((160, 90), 3)))

    def test_filling_leaves_no_edge(self) -> None:
        luma = np.full((60, 80), 200, np.uint8)
        mask = np.zeros(luma.shape, bool)
        mask[20:40, 30:50] = True
        luma[~mask] = 0
        assert filled(luma, mask).min() >= 195

    def test_a_flat_emblem_is_told_by_its_outline(self) -> None:
        alpha = np.zeros((80, 120), np.uint8)
        alpha[20:60, 30:90] = 255
        subject = cut_out((120, 80), np.full(alpha.shape, 235, np.uint8), alpha)
        assert not flat(subject) and subject.luma[40, 60] == 235 and subject.luma[5, 5] < 100

    def test_a_ground_of_one_colour_is_taken_away(self) -> None:
        luma = np.full((90, 120), 250, np.uint8)
        luma[30:60, 40:80] = grey((40, 30), 2)
        bare = without_ground(whole(luma))
        assert bare is not None and bare.mask[45, 60] and not bare.mask[5, 5]
        assert without_ground(whole(grey((120, 90), 2))) is None

    def test_detail_takes_nothing_from_outside_the_mask(self) -> None:
        picture, mask = grey((120, 90), 6).astype(np.float32), np.zeros((90, 120), bool)
        mask[20:70, 20:100] = True
        other = np.where(mask, picture, 255).astype(np.float32)
        assert np.abs(detail(picture, mask) - detail(other, mask)).max() < 1e-3
