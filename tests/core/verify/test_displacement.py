"""Displacement of pictures whose shift is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.verify.displacement import Displacement, displacement

SIZE_HW = (192, 321)
RANDOM = np.random.default_rng(8)
BLOBS = [
    (*RANDOM.uniform(-15, 335, 1), *RANDOM.uniform(-15, 205, 1), *RANDOM.uniform(1.5, 7, 1), *RANDOM.uniform(-45, 45, 1)) for _ in range(400)
]


def painted(dx: float, dy: float, bend: float = 0.0) -> np.ndarray:
    """Gaussian blobs, moved right and down by (dx, dy), and by a slow sine of x along y."""
    y, x = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]].astype(np.float64)
    y = y - dy - bend * np.sin(2 * np.pi * x / SIZE_HW[1])
    x = x - dx
    total = np.full(SIZE_HW, 110.0)
    for cx, cy, s, height in BLOBS:
        rows = slice(max(0, int(cy - 6 * s - 5)), max(0, int(cy + 6 * s + 6)))
        columns = slice(max(0, int(cx - 6 * s - 5)), max(0, int(cx + 6 * s + 6)))
        total[rows, columns] += height * np.exp(-((x[rows, columns] - cx) ** 2 + (y[rows, columns] - cy) ** 2) / (2 * s * s))
    return total


REF = painted(0, 0)


@pytest.mark.parametrize(("shift", "length_px"), [((0.0, 0.0), 0.0), ((0.3, 0.0), 0.3), ((0.3, -0.4), 0.5), ((-1.2, 0.5), 1.3), ((3.0, 4.0), 5.0)])
@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.6, 40.0)])
def test_a_known_shift(shift: tuple[float, float], length_px: float, gain: float, offset: float) -> None:
    found = displacement(painted(*shift) * gain + offset, REF)
    assert found.patches > 30
    assert found.median_px == pytest.approx(length_px, abs=0.05)
    assert found.p95_px == pytest.approx(length_px, abs=0.25)
    x, y = np.median(found.shifts_px, axis=0)
    assert (x, y) == (pytest.approx(shift[0], abs=0.05), pytest.approx(shift[1], abs=0.05))


def test_a_bend_that_no_shift_explains() -> None:
    """Up and down by at most 2 px, sideways by nothing: so says each patch, which sees the mean over itself."""
    found = displacement(painted(0, 0, bend=2.0), REF)
    x, y = found.shifts_px.T
    assert np.median(np.abs(x)) < 0.05
    assert y.max() == pytest.approx(2, abs=0.15) and y.min() == pytest.approx(-2, abs=0.15)
    assert found.p95_px == pytest.approx(2, abs=0.15)


def test_only_what_is_inside() -> None:
    """The left half lies right, the right half 2 px off; each is asked for alone."""
    x = np.arange(SIZE_HW[1])[None, :] < 160
    halves = np.where(x, REF, painted(2, 0))
    inside = np.broadcast_to(x, SIZE_HW)
    assert displacement(halves, REF, inside).p95_px == pytest.approx(0, abs=0.05)
    assert displacement(halves, REF, ~inside).median_px == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("picture", [np.full(SIZE_HW, 90.0), RANDOM.normal(110, 25, SIZE_HW)])
def test_what_does_not_show_the_same_has_no_place(picture: np.ndarray) -> None:
    found = displacement(picture, REF)
    assert found.median_px is None and found.p95_px is None


def test_several_pictures_together() -> None:
    parts = [Displacement(np.full((10, 2), (3.0, 4.0))), Displacement(np.zeros((30, 2)))]
    whole = Displacement.of(parts)
    assert (whole.patches, whole.median_px, whole.p95_px) == (40, 0.0, 5.0)
    assert Displacement.of([]).median_px is None
