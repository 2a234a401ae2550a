"""ST maps and motion vectors against numbers worked out by hand, and against a compositor of ten lines."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.maps import map_of_matrix
from genlock.core.space.stmap import map_of_st, motion_of_map, st_of_map

from .painted import Painting, scaled, shift, turned


def composited(source: np.ndarray, st: np.ndarray) -> np.ndarray:
    """What an ST map makes of a picture in a compositor: rows counted from the bottom, (S, T) times the source's size is a point
    measured from its bottom left corner, and pixel (i, j) covers i to i + 1. Bilinear."""
    rising = source[::-1]
    height, width = rising.shape
    x, y = st[..., 0].astype(float) * width - 0.5, st[..., 1].astype(float) * height - 0.5
    i, j = np.clip(np.floor(x), 0, width - 2).astype(int), np.clip(np.floor(y), 0, height - 2).astype(int)
    u, v = x - i, y - j
    lower = rising[j, i] * (1 - u) + rising[j, i + 1] * u
    upper = rising[j + 1, i] * (1 - u) + rising[j + 1, i + 1] * u
    return lower * (1 - v) + upper * v


def test_the_identity_by_hand() -> None:
    """Four by two pixels: Nuke's (x + .5) / width and (y + .5) / height, with y from the bottom."""
    st = st_of_map(map_of_matrix(np.eye(3), (4, 2)), (4, 2))
    assert st.dtype == np.float32
    assert st[..., 0].tolist() == [[0.125, 0.375, 0.625, 0.875]] * 2
    assert st[..., 1].tolist() == [[0.75] * 4, [0.25] * 4]


def test_half_the_size_by_hand() -> None:
    """A clip of 8 x 4 shown over the whole of a ref of 4 x 2 has the same S and T: they are relative to the source."""
    half = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
    assert np.abs(st_of_map(map_of_matrix(half, (4, 2)), (8, 4)) - st_of_map(map_of_matrix(np.eye(3), (4, 2)), (4, 2))).max() < 1e-7


def test_a_crop_by_hand() -> None:
    """The clip of 10 x 10 lies one pixel further left and three higher: ref pixel (0, 0) shows clip pixel (1, 3)."""
    st = st_of_map(map_of_matrix(shift(-1, -3), (4, 4)), (10, 10))
    assert st[0, 0].tolist() == pytest.approx([0.15, 0.65])
    assert st[3, 3].tolist() == pytest.approx([0.45, 0.35])


def test_there_and_back() -> None:
    field = map_of_matrix(turned(20, (40, 30)), (83, 61))
    assert np.abs(map_of_st(st_of_map(field, (77, 55)), (77, 55)) - field).max() < 1e-4


def test_motion_by_hand() -> None:
    """Bottom left corners lie on one another, v runs up."""
    motion = motion_of_map(map_of_matrix(shift(-5, 2), (8, 6)), (8, 6))  # each pixel names the point 5 to the right, 2 higher
    assert motion[..., 0] == pytest.approx(5)
    assert motion[..., 1] == pytest.approx(2)
    taller = motion_of_map(map_of_matrix(np.eye(3), (8, 6)), (8, 10))  # top rows lie on one another: four rows are below
    assert taller[..., 0] == pytest.approx(0)
    assert taller[..., 1] == pytest.approx(4)


LENS = np.array([[0.96, 0.07, 3], [-0.06, 1.03, 2], [2e-4, -1e-4, 1]])


@pytest.mark.parametrize("clip_to_ref", [shift(7.3, -4.6), turned(9, (80, 60)), shift(12, 3) @ scaled(0.8, 1.15), LENS])
def test_a_compositor_shows_what_the_ref_shows(clip_to_ref: np.ndarray) -> None:
    plane = Painting()
    clip = plane.seen(np.eye(3), (160, 120))
    ref = plane.seen(np.linalg.inv(clip_to_ref), (170, 130))
    field = map_of_matrix(clip_to_ref, (170, 130))
    inside = ((field > 1) & (field < np.array((160, 120)) - 2)).all(-1)
    error = (composited(clip, st_of_map(field, (160, 120))) - ref)[inside]
    assert np.sqrt((error**2).mean()) < 0.9  # of 255: what bilinear loses of spots of sigma 1.8
    flipped = composited(clip, st_of_map(field, (160, 120)) + np.float32((0.5 / 160, 0)))  # half a pixel beside is told
    assert np.sqrt(((flipped - ref)[inside] ** 2).mean()) > 2
