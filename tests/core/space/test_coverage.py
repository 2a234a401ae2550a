"""Areas of pixels under outlines, against polygons' areas by the shoelace formula and pixels worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.coverage import coverage_of_map, coverage_of_matrix, outline_in_ref, outline_of, polygon_coverage
from genlock.core.space.maps import map_of_matrix

from .painted import scaled, shift, turned


def area_of(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))


@pytest.mark.parametrize("seed", range(6))
def test_the_sum_is_the_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 3 + seed))
    star = np.stack([20 + 15 * np.cos(angles), 17 + 13 * np.sin(angles)], 1)
    for polygon in (star, star[::-1]):
        covered = polygon_coverage(polygon, (41, 37))
        assert covered.sum() == pytest.approx(area_of(star), rel=1e-5)
        assert covered.min() >= 0 and covered.max() <= 1


def test_pixels_worked_out_by_hand() -> None:
    """A triangle with corners at the centre of pixel (0, 0) and two pixels on: half of what it crosses slantwise."""
    covered = polygon_coverage(np.array([[0, 0], [2, 0], [0, 2.0]]), (4, 3))
    assert covered[0].tolist() == pytest.approx([0.25, 0.5, 0.125, 0])
    assert covered[1].tolist() == pytest.approx([0.5, 0.5, 0, 0])
    assert covered[2].tolist() == pytest.approx([0.125, 0, 0, 0])


def test_a_polygon_that_reaches_beyond_every_side() -> None:
    huge = np.array([[-1e5, -300], [1e5, -200], [1e5, 4e5], [-1e5, 3e5]])
    assert polygon_coverage(huge, (33, 21)).min() == 1
    left = np.array([[-1e4, -50], [9.75, -50], [9.75, 90], [-1e4, 90]])
    covered = polygon_coverage(left, (33, 21))
    assert (covered[:, :10] == 1).all() and (covered[:, 11:] == 0).all() and covered[:, 10] == pytest.approx(0.25)
    assert polygon_coverage(left + np.array((40, 0)), (33, 21)).min() == 1
    assert polygon_coverage(left - np.array((40, 0)), (33, 21)).max() == 0


def test_a_shift_by_part_of_a_pixel() -> None:
    covered = coverage_of_matrix(shift(2.25, -0.5), (10, 6), (16, 8))
    assert covered[2, :4].tolist() == pytest.approx([0, 0, 0.75, 1])
    assert covered[2, 11:14].tolist() == pytest.approx([1, 0.25, 0])
    assert covered[4:8, 5].tolist() == pytest.approx([1, 0.5, 0, 0])


LENS = np.array([[0.9, 0.1, 8], [-0.08, 1.05, 9], [1e-3, -8e-4, 1]])


SMALL = shift(9, 9) @ scaled(0.31, 0.27) @ turned(40, (0, 0))


@pytest.mark.parametrize("matrix", [turned(13, (20, 15)), LENS, shift(30, 2) @ scaled(-0.7, 1.1), SMALL])
def test_a_map_covers_what_its_matrix_covers(matrix: np.ndarray) -> None:
    exact = coverage_of_matrix(shift(6, 6) @ matrix, (40, 30), (70, 66))
    of_map = coverage_of_map(map_of_matrix(shift(6, 6) @ matrix, (70, 66)), (40, 30))
    slant = np.abs(of_map - exact)
    assert slant.max() < 0.16 and (slant > 0.02).sum() <= 8
    assert of_map.sum() == pytest.approx(exact.sum(), rel=2e-3)
    assert set(np.unique(of_map[exact == 1])) == {1.0}


def test_where_a_map_is_no_number_nothing_is_covered() -> None:
    field = map_of_matrix(np.eye(3), (20, 20))
    field[4:8, 5:9] = np.nan
    covered = coverage_of_map(field, (20, 20))
    assert covered[4:8, 5:9].max() == 0 and covered[:3].min() == 1


def test_the_outline_where_the_horizon_cuts_it() -> None:
    """Corners in front stay where they are; the rest is cut off far away, and the polygon goes round once."""
    behind = np.array([[1, 0, 0], [0, 1, 0], [-0.02, 0, 1.0]])
    polygon = outline_in_ref(behind, outline_of((80, 60)))
    assert len(polygon) == 4
    assert polygon[:, 0].max() > 1e5
    assert polygon[:, 0].min() == pytest.approx(-0.5 / 1.01)
    assert len(outline_in_ref(LENS, outline_of((40, 30)))) == 4
