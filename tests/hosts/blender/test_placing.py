"""Blender's strip transform against numbers worked out by hand, and there and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlock.hosts.blender.easing import key_places
from genlock.hosts.blender.placing import (
    CLOSE_PX,
    IDENTITY,
    Placement,
    distance,
    fitted,
    inverse,
    matrix_of,
    pins,
    place,
    product,
    stretched,
    through,
)

SIZES = st.tuples(st.integers(16, 4000), st.integers(16, 4000))


@pytest.mark.parametrize(
    ("placement", "wh", "canvas_wh", "matrix"),
    [
        (Placement(), (320, 180), (320, 180), IDENTITY),
        # 25 right, 10 down: Blender's y runs up.
        (Placement(25.0, -10.0), (320, 180), (320, 180), (1, 0, 25, 0, 1, 10, 0, 0, 1)),
        # Half the size about the middle: the left edge, -0.5, goes to a quarter of the width, 79.5.
        (Placement(scale_x=0.5, scale_y=0.5), (320, 180), (320, 180), (0.5, 0, 79.75, 0, 0.5, 44.75, 0, 0, 1)),
        # A quarter turn counter-clockwise: right becomes up.
        (Placement(rotation=math.pi / 2), (100, 100), (100, 100), (0, 1, 0, -1, 0, 99, 0, 0, 1)),
        # (320 - 211) / 2 = 54.5 is cut to 54, and so is (180 - 133) / 2 = 23.5, from below: 180 - 133 - 23 = 24 from above.
        (Placement(), (211, 133), (320, 180), (1, 0, 54, 0, 1, 24, 0, 0, 1)),
        # A larger picture: -54.5 is cut to -54.
        (Placement(), (320, 180), (211, 180), (1, 0, -54, 0, 1, 0, 0, 0, 1)),
        # Mirrored last, on the canvas: what was moved 10 right goes 10 left.
        (Placement(10.0, flip_x=True), (320, 180), (320, 180), (-1, 0, 309, 0, 1, 0, 0, 0, 1)),
    ],
)
def test_by_hand(placement, wh, canvas_wh, matrix):
    assert matrix_of(placement, wh, canvas_wh) == pytest.approx(matrix)
    back, missed = place(tuple(map(float, matrix)), wh, canvas_wh)
    assert missed < 1e-9 and distance(matrix_of(back, wh, canvas_wh), matrix, wh) < 1e-9


@given(
    SIZES,
    SIZES,
    st.floats(-500, 500),
    st.floats(-500, 500),
    st.floats(0.05, 20),
    st.floats(0.05, 20),
    st.floats(-3.1, 3.1),
    st.booleans(),
    st.booleans(),
)
def test_there_and_back(wh, canvas_wh, x, y, sx, sy, turn, flip_x, flip_y):
    matrix = matrix_of(Placement(x, y, sx, sy, turn, flip_x, flip_y), wh, canvas_wh)
    _, missed = place(matrix, wh, canvas_wh)
    assert missed < 1e-6


def test_a_shear_and_a_perspective_are_no_placement():
    assert place((1, 0.01, 0, 0, 1, 0, 0, 0, 1), (320, 180), (320, 180))[1] > CLOSE_PX
    assert place((1, 0, 0, 0, 1, 0, 1e-5, 0, 1), (320, 180), (320, 180))[1] > CLOSE_PX
    assert place((1, 0, 0, 0, 1, 0, -0.01, 0, 1), (320, 180), (320, 180))[1] == math.inf


def test_a_tenth_of_a_pixel_of_shear_is_shared_by_both_sides():
    _, missed = place((1, 0.0004, 0, 0, 1, 0, 0, 0, 1), (320, 180), (320, 180))
    assert missed < 0.05


def test_pins_by_hand():
    """A picture in the right half of the canvas, upper left corner first, y up."""
    half = (0.5, 0, 159.75, 0, 1, 0, 0, 0, 1)
    found = pins(half, (320, 180), (320, 180))
    assert [x for point in found for x in point] == pytest.approx([0.5, 1, 1, 1, 1, 0, 0.5, 0])
    assert pins((1, 0, 0, 0, 1, 0, -0.01, 0, 1), (320, 180), (320, 180)) is None


@given(SIZES, SIZES)
def test_stretched_and_fitted_keep_edges(wh, canvas_wh):
    matrix = matrix_of(stretched(wh, canvas_wh), wh, canvas_wh)
    assert through(matrix, (-0.5, -0.5)) == pytest.approx((-0.5, -0.5), abs=1e-6)
    assert through(matrix, (wh[0] - 0.5, wh[1] - 0.5)) == pytest.approx((canvas_wh[0] - 0.5, canvas_wh[1] - 0.5), abs=1e-6)
    fit = matrix_of(fitted(wh, canvas_wh), wh, canvas_wh)
    assert through(fit, ((wh[0] - 1) / 2, (wh[1] - 1) / 2)) == pytest.approx(((canvas_wh[0] - 1) / 2, (canvas_wh[1] - 1) / 2), abs=1e-6)
    assert max(wh[0] * fit[0] / canvas_wh[0], wh[1] * fit[4] / canvas_wh[1]) == pytest.approx(1)


def test_product_and_inverse():
    m = (1.2, 0.1, 5.0, -0.2, 0.9, -3.0, 1e-4, 2e-4, 1.0)
    assert product(m, inverse(m)) == pytest.approx(IDENTITY, abs=1e-12)


def test_fewer_keys_say_the_same():
    assert key_places([[3.0], [3.0], [3.0]], [0.1]) == [0]
    assert key_places([[float(n)] for n in range(100)], [0.01]) == [0, 99]
    bent = [[float(max(0, n - 50))] for n in range(100)]
    assert key_places(bent, [0.01]) == [0, 50, 99]
    assert key_places([[0.0], [5.0], [0.0]], [0.01]) == [0, 1, 2]
