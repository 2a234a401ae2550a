"""Tone curves and trust, on grey levels whose curve is known."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.sync.compare import tone_curve, trust_map

SHAPE = (4, 48, 64)
MASK = np.ones(SHAPE[1:], bool)


def levels(seed: int, low: int = 10, high: int = 246) -> np.ndarray:
    """Even spread of levels, in no order."""
    return np.random.default_rng(seed).integers(low, high, SHAPE).astype(np.uint8)


def bent(picture: np.ndarray, power: float, gain: float = 1.0, lift: float = 0.0) -> np.ndarray:
    return np.clip(np.round(255 * (picture / 255.0) ** power * gain + lift), 0, 255).astype(np.uint8)


def test_the_same_grade_is_left_alone_exactly():
    """Noise of a level or two is no curve: a fade's frames lie that near each other."""
    clip = levels(1)
    ref = np.clip(clip + np.random.default_rng(2).normal(0, 2, SHAPE), 0, 255).round().astype(np.uint8)
    assert tone_curve(clip, ref, MASK).tolist() == list(range(256))


@pytest.mark.parametrize(("power", "gain", "lift"), [(1.4, 1, 0), (0.7, 1, 0), (1, 0.7, 20), (1, 1, 12), (2.0, 0.9, 5)])
def test_a_grade_is_found(power, gain, lift):
    """Within 3 levels over all that was seen: levels are taken in bins of 8, and a curve bends within one."""
    clip = levels(3)
    curve = tone_curve(clip, bent(clip, power, gain, lift), MASK)
    x = np.arange(14, 240)
    assert np.abs(curve[x] - np.clip(255 * (x / 255) ** power * gain + lift, 0, 255)).max() < 3
    assert (np.diff(curve) >= 0).all()


def test_a_short_range_goes_on_with_the_slope_of_its_ends():
    """A dim scene, levels 40 to 90, at gain 1.5. Ten levels outside, two bins' medians may be a tenth of the slope off: 6."""
    clip = levels(4, 40, 91)
    curve = tone_curve(clip, bent(clip, 1, 1.5), MASK)
    x = np.arange(30, 110)
    assert np.abs(curve[x] - 1.5 * x).max() < 6
    assert (np.diff(curve) >= 0).all() and np.isfinite(curve).all()


def test_too_few_levels_are_no_curve():
    assert tone_curve(np.full(SHAPE, 60, np.uint8), np.full(SHAPE, 90, np.uint8), MASK).tolist() == list(range(256))


def test_what_is_outside_the_mask_is_not_seen():
    clip = levels(5)
    ref = bent(clip, 1.3)
    mask = MASK.copy()
    mask[:, 40:] = False
    spoiled = ref.copy()
    spoiled[:, :, 40:] = 250
    assert tone_curve(clip, spoiled, mask).tolist() == tone_curve(clip, ref, mask).tolist()


def test_a_quarter_that_differs_does_not_bend_the_curve():
    """A logo: what stands opposite a level is a median."""
    clip = levels(6)
    ref = bent(clip, 1.0, 0.8, 15)
    ref[:, :12] = 235
    curve = tone_curve(clip, ref, MASK)
    x = np.arange(20, 230)
    assert np.abs(curve[x] - (0.8 * x + 15)).max() < 4


def test_a_logo_is_not_trusted_and_the_rest_is():
    rng = np.random.default_rng(7)
    clip = levels(8)
    ref = np.clip(clip + rng.normal(0, 2, SHAPE), 0, 255).astype(np.uint8)
    ref[:, 5:15, 40:60] = 240
    trust = trust_map(clip, ref, np.arange(256, dtype=np.float32), MASK)
    assert trust[7:13, 43:57].max() < 0.1
    assert trust[25:, :30].min() > 0.8
