"""The rectangle that VMAF is shown, against counting by hand and against all rectangles there are."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.verify.rectangle import STEP_PX, common_box, cut, largest
from genlock.tests.core.report.made import crop


def area(cells: np.ndarray) -> int:
    """Of the largest rectangle of True cells, by trying all."""
    best = 0
    for y0, x0 in np.ndindex(*cells.shape):
        for y1 in range(y0 + 1, cells.shape[0] + 1):
            for x1 in range(x0 + 1, cells.shape[1] + 1):
                if cells[y0:y1, x0:x1].all():
                    best = max(best, (y1 - y0) * (x1 - x0))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_largest_against_all_there_are(seed: int) -> None:
    cells = np.random.default_rng(seed).random((7, 9)) < 0.4 + 0.07 * seed
    x, y, columns, rows = largest(cells)
    assert columns * rows == area(cells)
    assert cells[y : y + rows, x : x + columns].all()


def test_nothing() -> None:
    assert largest(np.zeros((3, 4), bool))[2:] == (0, 0)
    assert common_box([crop(500, 0)], (320, 180), (320, 180))[2:] == (0, 0)


def test_the_whole_frame() -> None:
    assert common_box([crop(0, 0)], (321, 181), (321, 181)) == (0, 0, 321, 181)
    assert common_box([crop(0, 0, 2.0)], (160, 90), (320, 180)) == (0, 0, 320, 180)


@pytest.mark.parametrize("at", [(40, 20), (41, 23), (42.5, 21.25)])
def test_a_crop(at: tuple[float, float]) -> None:
    """Inside of the crop, and short of it by the edge that is left out and a step of the grid at most."""
    x, y, columns, rows = common_box([crop(*at)], (200, 120), (320, 180))
    for first, count, begin, length in ((x, columns, at[0], 200), (y, rows, at[1], 120)):
        assert begin + 3 <= first + 0.5 <= begin + 4 + STEP_PX
        assert begin + length - 4 - STEP_PX <= first + count + 0.5 <= begin + length - 2


def test_what_all_frames_have() -> None:
    """Two places: their common part."""
    x, _, columns, _ = common_box([crop(40, 20), crop(100, 20)], (200, 120), (320, 180))
    assert x >= 103 and x + columns <= 237 and columns > 120


def test_a_turned_clip() -> None:
    """A square turned by 45 degrees holds an upright square of half its area."""
    c = 0.5**0.5
    turned = (c, -c, 100.0, c, c, -41.0, 0.0, 0.0, 1.0)
    _, _, columns, rows = common_box([turned], (200, 200), (200, 200))
    assert 0.8 * 20000 < columns * rows <= 20000


def test_cutting_out() -> None:
    picture = np.arange(50).reshape(5, 10)
    assert np.array_equal(cut(picture, (2, 1, 3, 2)), [[12, 13, 14], [22, 23, 24]])
