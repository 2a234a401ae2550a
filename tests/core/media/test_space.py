"""The space that pictures are worked in: the right curve, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.media.info import Colour
from genlock.core.media.space import working_space

from .pictures import described

RAMP = np.repeat(np.linspace(-1.5, 3, 1001, dtype=np.float32)[None, :, None], 3, axis=2)


@pytest.mark.parametrize("transfer", [1, 2, 4, 5, 13, 14, 16, 18])
def test_there_and_back_also_out_of_range(transfer: int) -> None:
    space = working_space(described(colour=Colour(1, transfer, 1, False)), "linear")
    light = space.to(RAMP)
    assert np.abs(space.back(light) - RAMP).max() < 2e-5
    assert (np.diff(light[0, :, 0]) >= 0).all() and not space.is_identity


@pytest.mark.parametrize(
    ("transfer", "signal", "light"),
    [(1, 0.5, 0.5**2.4), (4, 0.5, 0.5**2.2),
     (13, 0.5, 0.21404114), (13, 0.02, 0.02 / 12.92), (16, 0.5, 92.2457 / 10000), (18, 0.5, 1 / 12), (18, 1.0, 1.0)],
)  # fmt: skip
def test_published_points_of_the_curves(transfer: int, signal: float, light: float) -> None:
    space = working_space(described(colour=Colour(1, transfer, 1, False)), "linear")
    assert space.to(np.full((1, 1, 3), signal, np.float32))[0, 0, 0] == pytest.approx(light, rel=2e-4)


def test_float_is_linear_already_and_integers_stay_as_they_are() -> None:
    half = described("rgb", 16, is_float=True, colour=Colour())
    for info, into in ((half, ""), (half, "linear"), (described(), "")):
        space = working_space(info, into)
        assert space.is_identity and np.array_equal(space.to(RAMP), RAMP)


def test_alpha_is_left_alone() -> None:
    rgba = np.dstack([RAMP, np.full(RAMP.shape[:2], 0.3, np.float32)])
    out = working_space(described(), "linear").to(rgba)
    assert out.shape == rgba.shape and np.all(out[..., 3] == np.float32(0.3)) and not np.allclose(out[..., 0], rgba[..., 0])


def test_spaces_by_name() -> None:
    space = working_space(described(), "ACEScg", "sRGB - Texture")
    grey = np.full((1, 1, 3), 0.5, np.float32)
    assert space.to(grey) == pytest.approx(np.full((1, 1, 3), 0.21404), abs=1e-4)
    assert np.abs(space.back(space.to(RAMP)) - RAMP).max() < 1e-3
    linear = working_space(described(), "linear", "sRGB - Texture")
    assert linear.to(grey) == pytest.approx(np.full((1, 1, 3), 0.21404), abs=1e-4)


def test_names_that_are_missing_or_unknown() -> None:
    with pytest.raises(UsageError, match="own colour space has to be known"):
        working_space(described(), "ACEScg")
    with pytest.raises(UsageError, match="not a colour space"):
        working_space(described(), "ACEScgg", "sRGB - Texture")
