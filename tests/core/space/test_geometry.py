"""Half pixels, directions and distances, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.geometry import (
    apply,
    as_array,
    as_tuple,
    corners,
    distance,
    fit_to_frame,
    grid_points,
    mirrored,
    normalised,
    resize_matrix,
    scale_of,
)


@pytest.mark.parametrize(
    ("from_wh", "to_wh", "point", "wanted"),
    [
        ((4, 4), (2, 2), (0.5, 0.5), (0, 0)),  # the first four pixels become one; their middle is its centre
        ((4, 4), (2, 2), (2.5, 2.5), (1, 1)),
        ((2, 2), (4, 4), (0, 0), (0.5, 0.5)),
        ((2, 2), (4, 4), (-0.5, -0.5), (-0.5, -0.5)),  # edges stay edges
        ((720, 576), (1920, 1080), (719.5, 575.5), (1919.5, 1079.5)),
        ((720, 576), (1920, 1080), (359.5, 287.5), (959.5, 539.5)),  # and middles middles
        ((3, 5), (9, 5), (1, 2), (4, 2)),
        ((101, 57), (33, 19), (50, 28), (16, 9)),
    ],
)
def test_resize_keeps_edges_and_middles(from_wh, to_wh, point, wanted):
    assert apply(resize_matrix(from_wh, to_wh), np.array([point], float))[0] == pytest.approx(wanted, abs=1e-12)


def test_resize_is_what_averaging_blocks_does():
    """A ramp averaged in blocks of three reads, at pixel x of the copy, the ramp's value where the matrix says it came from."""
    ramp = np.arange(12.0)
    small = ramp.reshape(4, 3).mean(1)
    back = apply(resize_matrix((4, 1), (12, 1)), np.stack([np.arange(4.0), np.zeros(4)], 1))
    assert back[:, 0] == pytest.approx(small)


def test_resize_there_and_back_is_nothing():
    there, back = resize_matrix((1919, 803), (319, 133)), resize_matrix((319, 133), (1919, 803))
    assert back @ there == pytest.approx(np.eye(3), abs=1e-12)


def test_apply_divides():
    matrix = np.array([[2, 0, 1], [0, 3, -1], [0.01, 0, 1.0]])
    # (100, 10): x = 201 / 2, y = 29 / 2
    assert apply(matrix, np.array([[100.0, 10.0]]))[0] == pytest.approx((100.5, 14.5))


def test_corners_are_outer_edges():
    assert corners((640, 360)).tolist() == [[-0.5, -0.5], [639.5, -0.5], [639.5, 359.5], [-0.5, 359.5]]


def test_grid_holds_the_corner_pixels_and_the_middle():
    points = grid_points((11, 7), 3).tolist()
    assert points == [[0, 0], [5, 0], [10, 0], [0, 3], [5, 3], [10, 3], [0, 6], [5, 6], [10, 6]]


def test_distance_of_a_shift_is_its_length():
    assert distance(np.eye(3), as_array((1, 0, 3, 0, 1, -4, 0, 0, 1)), (640, 360)) == pytest.approx(5)


def test_distance_of_a_scale_by_hand():
    """On 3 x 3 points the corners of a 2 x 2 square about (0, 0) … by 9 x 9 points: mean of x² over -1, -0.75, … 1 is 5/12."""
    moved = as_array((1.1, 0, 0, 0, 1, 0, 0, 0, 1))
    centred = as_array((1, 0, -1, 0, 1, -1, 0, 0, 1))
    assert distance(centred, moved @ centred, (3, 3)) == pytest.approx(0.1 * (5 / 12) ** 0.5)


def test_scale_is_of_area_and_has_no_sign():
    assert scale_of(as_array((2, 0, 5, 0, 8, 1, 0, 0, 1)), (100, 50)) == pytest.approx(4)
    assert scale_of(as_array((-2, 0, 5, 0, 2, 1, 0, 0, 1)), (100, 50)) == pytest.approx(2)


@pytest.mark.parametrize(
    ("matrix", "turned_over"),
    [
        ((1, 0, 0, 0, 1, 0, 0, 0, 1), False),
        ((-1, 0, 99, 0, 1, 0, 0, 0, 1), True),
        ((1, 0, 0, 0, -1, 99, 0, 0, 1), True),
        ((-1, 0, 99, 0, -1, 99, 0, 0, 1), False),  # half a turn
        ((0, 1, 0, 1, 0, 0, 0, 0, 1), True),  # transposed
        ((-1, 0, 0, 0, -1, 0, 0, 0, -1), False),  # the identity, written with another sign
    ],
)
def test_mirrored(matrix, turned_over):
    assert mirrored(as_array(matrix)) is turned_over


def test_a_clip_over_the_whole_ref():
    assert apply(fit_to_frame((720, 576), (1920, 1080)), corners((720, 576))) == pytest.approx(corners((1920, 1080)))


def test_nine_numbers_and_back():
    matrix = as_array((2, 0, 4, 0, 2, 6, 0, 0, 2))
    assert as_tuple(matrix) == (1, 0, 2, 0, 1, 3, 0, 0, 1)
    assert as_array(as_tuple(matrix)).tolist() == normalised(matrix).tolist()
