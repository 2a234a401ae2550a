"""The coarse path against the plainest oracle there is: every path, priced one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from genlock.core.sync.path import NOTHING, Prices, best_path, line_at

PRICES = Prices(step=0.3, jump=1.1, leave=0.7, enter=0.5, reach=1)


def priced(states: tuple[int, ...], scores: np.ndarray, base: np.ndarray, prices: Prices) -> float:
    """What one path earns less what it pays. Before the first step, nothing plays."""
    total, before = 0.0, NOTHING
    for i, here in enumerate(states):
        if here == NOTHING:
            total -= prices.leave if before != NOTHING else 0
        else:
            total += float(scores[i, here])
            if before == NOTHING:
                total -= prices.enter
            else:
                off = abs((here - base[i]) - (before - base[i - 1]))
                total -= min(prices.jump, prices.step * off if off <= prices.reach else np.inf)
        before = here
    return total


@pytest.mark.parametrize("slope", [1.0, 0.5, 2.0, 25 / 24])
@pytest.mark.parametrize("seed", range(4))
def test_no_path_is_better(seed, slope):
    scores = np.random.default_rng(seed).normal(0, 0.8, (6, 4)).astype(np.float32)
    base = line_at(6, slope)
    best = max(priced(states, scores, base, PRICES) for states in itertools.product(range(-1, 4), repeat=6))
    found = best_path(scores, slope, PRICES)
    assert found.score == pytest.approx(best, abs=1e-4)
    assert priced(tuple(found.at), scores, base, PRICES) == pytest.approx(best, abs=1e-4)


def matrix_of(at: list[int], columns: int) -> np.ndarray:
    """1 where a frame matches, -0.3 elsewhere."""
    scores = np.full((len(at), columns), -0.3, np.float32)
    for i, j in enumerate(at):
        if j >= 0:
            scores[i, j] = 1
    return scores


USUAL = Prices(step=0.05, jump=3.0, leave=2.0, enter=2.0)


@pytest.mark.parametrize(
    "at",
    [
        list(range(10, 50)),
        [*range(10, 30), *range(60, 80)],
        [NOTHING] * 9 + list(range(25)) + [NOTHING] * 9,
        [*range(20), *[NOTHING] * 15, *range(40, 60)],
        [*range(40, 60), *range(20)],
        [n + n // 9 for n in range(60)],
    ],
    ids=["line", "cut", "ends", "insert", "moved", "drops"],
)
def test_an_edit_is_found(at):
    assert best_path(matrix_of(at, 80), 1.0, USUAL).at.tolist() == at


def test_a_line_of_another_rate_costs_nothing():
    """25 frames a second of clip over 30 of ref: the score is every frame's, less the one price of coming in."""
    at = line_at(60, 25 / 30).tolist()
    found = best_path(matrix_of(at, 60), 25 / 30, USUAL)
    assert found.at.tolist() == at and found.score == pytest.approx(60 - USUAL.enter, abs=1e-3)


def test_where_nothing_matches_nothing_plays():
    found = best_path(np.full((12, 9), -0.2, np.float32), 1.0, USUAL)
    assert (found.at == NOTHING).all() and found.score == 0


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (5, 1)])
def test_a_single_frame(rows, columns):
    found = best_path(np.full((rows, columns), 3.0, np.float32), 1.0, USUAL)
    assert len(found.at) == rows and found.at.max() < columns and (found.at != NOTHING).any()
