"""What a matrix cannot explain: a lens's warp is found and undone; where there is none, nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.bend import cosines, find_bend
from genlock.tests.core.space.painted import Painting

WH = (128, 72)
"""About the size that pictures are compared at."""
MASK = np.ones(WH[::-1], bool)


def detail(seed: int, dx: np.ndarray | float = 0.0, dy: np.ndarray | float = 0.0) -> np.ndarray:
    """What a picture shows at (x + dx, y + dy), less its mean."""
    x, y = np.meshgrid(np.arange(WH[0], dtype=float), np.arange(WH[1], dtype=float))
    picture = Painting(seed, 500).at(x + dx, y + dy)
    return (picture - picture.mean()).astype(np.float32)


def test_a_sine_warp_is_undone():
    """0.9 px of sway, one wave across the picture: the field found brings the clip back within 0.15 px nearly everywhere."""
    x, y = np.meshgrid(np.arange(WH[0], dtype=float), np.arange(WH[1], dtype=float))
    sway = 0.9 * np.sin(2 * np.pi * y / WH[1]), 0.7 * np.sin(2 * np.pi * x / WH[0])
    clips = np.stack([detail(s) for s in range(100, 108)])
    refs = np.stack([detail(s, *sway) for s in range(100, 108)])
    field = find_bend(clips, refs, MASK)
    assert field is not None and field.shape == (*WH[::-1], 2)
    inner = np.s_[5:-5, 5:-5]
    off = np.hypot(field[..., 0] - sway[0], field[..., 1] - sway[1])[inner]
    assert np.percentile(off, 90) < 0.15


def test_nothing_to_speak_of():
    rng = np.random.default_rng(2)
    refs = np.stack([detail(s) for s in range(100, 108)])
    clips = refs + rng.normal(0, 2, refs.shape).astype(np.float32)
    assert find_bend(clips, refs, MASK) is None


def test_pictures_that_have_nothing_in_common_are_not_bent_onto_each_other():
    clips = np.stack([detail(s) for s in range(100, 108)])
    refs = np.stack([detail(s) for s in range(200, 208)])
    field = find_bend(clips, refs, MASK)
    assert field is None or np.abs(field).max() < 2


@pytest.mark.parametrize("wh", [(128, 72), (31, 17)])
def test_cosines_are_orthogonal_and_begin_with_one(wh):
    """DCT-II on pixel centres: sums of products of different ones are 0 on any size."""
    basis = cosines(wh).reshape(len(cosines(wh)), -1).astype(float)
    assert (basis[0] == 1).all()
    product = basis @ basis.T
    assert product - np.diag(np.diag(product)) == pytest.approx(0, abs=1e-2)
