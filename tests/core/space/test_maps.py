"""Maps of matrices, their Jacobians and folds, and maps turned round, against formulas."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.geometry import apply, grid_points
from genlock.core.space.invert import invert_map
from genlock.core.space.maps import folds, jacobian, map_of_matrix

from .painted import scaled, shift, turned

LENS = np.array([[0.97, 0.06, 4.3], [-0.05, 1.02, 3.2], [2e-4, -3e-4, 1.0]])


def bent(wh: tuple[int, int]) -> np.ndarray:
    """A map without a formula for its inverse."""
    x, y = np.meshgrid(np.arange(wh[0], dtype=float), np.arange(wh[1], dtype=float))
    return np.stack([x + 3 * np.sin(y / 13), y + 2 * np.cos(x / 17)], -1).astype(np.float32)


def bent_at(points: np.ndarray) -> np.ndarray:
    return np.stack([points[:, 0] + 3 * np.sin(points[:, 1] / 13), points[:, 1] + 2 * np.cos(points[:, 0] / 17)], 1)


@pytest.mark.parametrize("matrix", [shift(3.5, -2), turned(20, (40, 30)), LENS, -LENS, scaled(-1, 2.5)])
def test_a_map_of_a_matrix(matrix: np.ndarray) -> None:
    field = map_of_matrix(matrix, (83, 131))
    assert field.shape == (131, 83, 2) and field.dtype == np.float32
    points = grid_points((83, 131), 3)
    there = field[points[:, 1].astype(int), points[:, 0].astype(int)]
    assert np.abs(apply(matrix, there.astype(float)) - points).max() < 1e-3


def test_jacobian_of_a_turn_and_of_a_lens() -> None:
    turn = turned(20, (40, 30))
    assert np.abs(jacobian(map_of_matrix(turn, (50, 40))) - np.linalg.inv(turn)[:2, :2]).max() < 1e-4
    j = jacobian(bent((90, 70)))
    assert j[35, 45] == pytest.approx(np.array([[1, 3 / 13 * np.cos(35 / 13)], [-2 / 17 * np.sin(45 / 17), 1]]), abs=2e-3)
    assert jacobian(np.zeros((1, 1, 2), np.float32))[0, 0].tolist() == [[1, 0], [0, 1]]


def test_folds() -> None:
    x, y = np.meshgrid(np.arange(60, dtype=float), np.arange(40, dtype=float))
    fold = x + 12 * np.sin(x / 6)  # turns back where cos(x / 6) < -1/2
    there = folds(np.stack([fold, y], -1).astype(np.float32))
    back = np.cos(x / 6) < -0.5
    near = np.abs(np.cos(x / 6) + 0.5) < 0.12
    assert (there == back)[~near].all() and back.any()
    assert not folds(map_of_matrix(scaled(-1, 1), (30, 20))).any()
    assert not folds(bent((90, 70))).any()


@pytest.mark.parametrize("matrix", [np.eye(3), shift(3.37, -2.2), turned(25, (40, 30)), LENS, shift(80, 0) @ scaled(-1, 1), scaled(2.1, 0.45)])
def test_a_map_turned_round_is_the_map_of_the_inverse(matrix: np.ndarray) -> None:
    clip_wh, ref_wh = (83, 61), (97, 75)
    clip_to_ref, found = invert_map(map_of_matrix(matrix, ref_wh), clip_wh)
    expected = map_of_matrix(np.linalg.inv(matrix), clip_wh)
    inside = ((expected >= 0) & (expected <= np.array(ref_wh) - 1)).all(-1)
    assert clip_to_ref.shape == (61, 83, 2) and found.shape == (61, 83)
    assert found[inside].all() and not found[((expected < -0.6) | (expected > np.array(ref_wh) - 0.4)).any(-1)].any()
    assert np.abs(clip_to_ref - expected)[inside].max() < 2e-3


def test_a_bent_map_turned_round_leads_back() -> None:
    clip_to_ref, found = invert_map(bent((120, 90)), (110, 95))
    assert found[8:80, 8:100].all()
    back = bent_at(clip_to_ref[found].astype(float))
    y, x = np.nonzero(found)
    assert np.abs(back - np.stack([x, y], 1)).max() < 0.03
    assert np.isfinite(clip_to_ref).all()


def test_a_steep_map_turned_round() -> None:
    """A stretch that goes from a third to one and two thirds within twenty pixels, and a ref much coarser than the clip."""
    x, y = np.meshgrid(np.arange(150, dtype=float), np.arange(40, dtype=float))
    for steep, zoom in ((2 / 3, 1.0), (0.5, 6.0)):
        field = np.stack([zoom * (x + steep * 6 * np.sin(x / 6)), zoom * y], -1).astype(np.float32)
        clip_to_ref, found = invert_map(field, (round(140 * zoom), 30))
        at = clip_to_ref[..., 0].astype(float)
        assert found.mean() > 0.98
        back = zoom * (at + steep * 6 * np.sin(at / 6))
        wants = np.broadcast_to(np.arange(round(140 * zoom)), back.shape)
        assert np.abs(back - wants)[found].max() < 0.02 + 0.03 * zoom  # the map is straight between its pixels, the formula is not


def test_holes_and_folds_are_not_found_and_harm_nothing_else() -> None:
    field = map_of_matrix(shift(0.5, 0.25), (60, 50))
    field[20:30, 20:30] = np.nan
    clip_to_ref, found = invert_map(field, (60, 50))
    expected = map_of_matrix(shift(-0.5, -0.25), (60, 50))
    away = np.ones((50, 60), bool)
    away[17:33, 17:33] = away[-2:] = away[:, -2:] = False
    assert found[away].all() and np.abs(clip_to_ref - expected)[away].max() < 2e-3
    assert np.isfinite(clip_to_ref).all()


def test_a_map_that_shows_nothing_of_the_clip() -> None:
    for field in (map_of_matrix(shift(500, 0), (40, 30)), np.full((30, 40, 2), np.nan, np.float32)):
        clip_to_ref, found = invert_map(field, (20, 10))
        assert not found.any() and np.isfinite(clip_to_ref).all() and clip_to_ref.shape == (10, 20, 2)


def test_small_maps() -> None:
    clip_to_ref, found = invert_map(map_of_matrix(scaled(1, 4), (5, 12)), (5, 3))
    assert found.all()
    assert np.abs(clip_to_ref[..., 1] - np.array([[0], [4], [8]])).max() < 1e-4
    assert invert_map(np.zeros((1, 1, 2), np.float32), (1, 1))[1].all()
