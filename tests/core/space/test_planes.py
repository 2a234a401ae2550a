"""Chroma planes: where their samples lie, and that luma and chroma of one picture stay together under a warp."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.space.coverage import coverage_of_matrix
from genlock.core.space.maps import map_of_matrix
from genlock.core.space.planes import LOCATIONS, Plane, plane_map, plane_matrix
from genlock.core.space.warp import warp, warp_by_matrix, warp_stored

from .painted import shift, turned


def spot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * (((x - 61.3) / 9) ** 2 + ((y - 47.8) / 7) ** 2))


def sampled(plane: Plane, wh: tuple[int, int], ref_to_clip: np.ndarray = np.eye(3)) -> np.ndarray:
    """The spot as a plane of a picture sees it whose luma pixels lie on the clip by a matrix."""
    w, h = plane.wh(wh)
    p = ref_to_clip @ plane.to_luma() @ np.stack([*(v.ravel() for v in np.meshgrid(np.arange(w), np.arange(h))), np.ones(w * h)])
    return spot(p[0] / p[2], p[1] / p[2]).reshape(h, w).astype(np.float32)


def test_where_the_samples_lie() -> None:
    """By the figures of H.265: in luma pixels, from the centre of the first one."""
    expected = {"left": (0, 0.5), "center": (0.5, 0.5), "topleft": (0, 0), "top": (0.5, 0), "bottomleft": (0, 1), "bottom": (0.5, 1)}
    assert {name: Plane(2, 2, name).first_xy for name in LOCATIONS} == expected
    assert Plane(2, 1, "left").first_xy == (0, 0)
    assert Plane(4, 1, "center").first_xy == (1.5, 0)
    assert Plane().first_xy == (0, 0) and (Plane().to_luma() == np.eye(3)).all()
    assert Plane(2, 2).wh((97, 75)) == (49, 38)
    assert Plane(2, 2, "left").outline((96, 74)) == (-0.25, -0.5, 47.75, 36.5)


def test_wrong_planes() -> None:
    with pytest.raises(UsageError, match="chroma location"):
        Plane(2, 2, "right")
    with pytest.raises(UsageError, match="every 0"):
        Plane(0, 2)


LENS = np.array([[0.96, 0.07, 3.3], [-0.06, 1.03, 2.2], [1e-4, -2e-4, 1]])


@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("matrix", [shift(5.3, -3.6), turned(8, (60, 45)), LENS])
def test_chroma_lies_where_luma_lies(location: str, matrix: np.ndarray) -> None:
    """From 4:2:0 of one location to 4:2:2 of another, at odd sizes: the spot is where the luma's map puts it."""
    clip_plane, ref_plane = Plane(2, 2, location), Plane(2, 1, "center")
    clip_wh, ref_wh = (121, 93), (127, 99)
    expected = sampled(ref_plane, ref_wh, np.linalg.inv(matrix))
    source = sampled(clip_plane, clip_wh)
    outline = clip_plane.outline(clip_wh)
    field = plane_map(map_of_matrix(matrix, ref_wh), clip_plane, ref_plane)
    by_matrix = warp_by_matrix(source, plane_matrix(matrix, clip_plane, ref_plane), ref_plane.wh(ref_wh), outline=outline)
    for warped, covered in (by_matrix, warp(source, field, outline=outline)):
        assert warped.shape == (99, 64)
        inside = covered == 1
        assert np.abs(warped - expected)[inside].max() < 0.004


@pytest.mark.parametrize("location", LOCATIONS)
def test_the_planes_edge_is_the_pictures_edge(location: str) -> None:
    """A clip of even size that lies anywhere covers as much of the ref, told by luma or by chroma."""
    plane, matrix = Plane(2, 2, location), turned(11, (40, 30)) @ shift(12.3, 9.1)
    luma = coverage_of_matrix(matrix, (60, 44), (96, 80))
    _, chroma = warp_by_matrix(np.zeros((22, 30), np.float32), plane_matrix(matrix, plane, plane), (48, 40), outline=plane.outline((60, 44)))
    assert 4 * chroma.sum() == pytest.approx(luma.sum(), rel=1e-4)
    ours = plane_map(map_of_matrix(matrix, (96, 80)), plane, plane)
    assert np.abs(warp(np.zeros((22, 30), np.float32), ours, outline=plane.outline((60, 44)))[1] - chroma).max() < 0.16


def test_a_shift_by_whole_samples_copies_chroma_bits() -> None:
    plane = Plane(2, 2, "left")
    cb = np.random.default_rng(2).integers(64, 960, (38, 49)).astype(np.uint16)
    out, covered = warp_stored(cb, plane_matrix(shift(4, -6), plane, plane), plane.wh((97, 75)), peak=1023, outline=plane.outline((97, 75)))
    assert (out[: 38 - 3, 2:] == cb[3:, : 49 - 2]).all()
    assert covered[10, 2] == pytest.approx(0.75) and covered[10, 3] == 1


def test_a_plane_that_is_not_subsampled_changes_nothing() -> None:
    field = map_of_matrix(LENS, (31, 23))
    assert (plane_map(field, Plane(), Plane()) == field).all()
    assert np.abs(plane_matrix(LENS, Plane(), Plane()) - LENS).max() < 1e-12
