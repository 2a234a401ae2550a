"""One matrix from pairs of pictures, on pictures that are formulas, so that the true place is known to any digit.

Allowed is 0.02 px where nothing but rounding to 8 bits stands between the two: sample() promises 0.004 px for bilinear values, the
other half is rounding and the change of the band pass under a scale.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from genlock.core.space.fit import MODELS, Fitted, band_passed, fit, prepare, sample
from genlock.tests.core.space.painted import WH, Painting, apart_px, bytes_of, scaled, shift, turned

FINE_PX = 0.02


@pytest.fixture(scope="module")
def painting() -> Painting:
    return Painting(1)


def fitted(template: np.ndarray, moving: np.ndarray, start: np.ndarray, model: str, shrink: float = 1.0, rounds: int = 15) -> Fitted:
    pair = prepare(template, moving, shrink, 6000)
    assert pair is not None
    found = fit([pair], start, model, WH, rounds)
    assert found is not None
    return found


def moved(painting: Painting, template_to_moving: np.ndarray, wh: tuple[int, int] = WH) -> np.ndarray:
    """The picture in which template pixel p lies at template_to_moving @ p."""
    return painting.seen(np.linalg.inv(template_to_moving), wh)


@pytest.mark.parametrize("x, y", [(0.5, 0.25), (-0.03, 0.49), (1.7, -2.31), (0, 0)])
def test_a_shift_by_fourier(x, y):
    """Shift theorem: a periodic picture moved by a part of a pixel is a change of phase, exact, with no kernel of ours in it."""
    rng = np.random.default_rng(5)
    h, w = 128, 256
    u, v = np.meshgrid(np.fft.fftfreq(w), np.fft.fftfreq(h))
    noise = np.fft.fft2(rng.standard_normal((h, w))) * np.exp(-((u**2 + v**2) / (2 * 0.06**2)))
    still = np.fft.ifft2(noise).real
    gone = np.fft.ifft2(noise * np.exp(-2j * np.pi * (u * x + v * y))).real
    a, b = (bytes_of(128 + 45 * p / still.std()) for p in (still, gone))
    pair = prepare(a, b, 1.0, 6000)
    found = fit([pair], np.eye(3), "shift", (w, h))
    assert found.matrix[:2, 2] == pytest.approx((x, y), abs=0.01)
    assert found.correlation > 0.98


@pytest.mark.parametrize(
    ("model", "true"),
    [
        ("shift", shift(2.4, -1.7)),
        ("scale", shift(-3, 1.2) @ scaled(1.03, 1.03)),
        ("similarity", turned(1.5) @ scaled(0.99, 0.99)),
        ("stretch", shift(2, 1) @ scaled(1.02, 0.985)),
        ("affine", np.array([[1.01, 0.015, -2], [-0.006, 0.99, 1.5], [0, 0, 1]])),
        ("homography", np.array([[1.005, 0.01, -1.5], [-0.004, 0.995, 1.2], [4e-5, -6e-5, 1]])),
    ],
)
def test_each_model_finds_its_own(painting, model, true):
    template, moving = painting.seen(np.eye(3)), moved(painting, true)
    found = fitted(bytes_of(template), bytes_of(moving), np.eye(3), model)
    assert apart_px(found.matrix, true) < FINE_PX
    assert found.residual < 0.1 and found.inliers > 0.5


@pytest.mark.parametrize("model", MODELS)
def test_every_model_leaves_the_identity_alone(painting, model):
    picture = bytes_of(painting.seen(np.eye(3)))
    found = fitted(picture, picture, np.eye(3), model)
    assert apart_px(found.matrix, np.eye(3)) < 1e-3
    assert found.correlation == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("shrink", [2.0, 3.0])
def test_a_moving_picture_of_finer_pixels(painting, shrink):
    """The template is the small one. Allowed is a fiftieth of its pixel and as much again, for the two were sampled, not averaged, alike."""
    big_wh = (int(WH[0] * shrink), int(WH[1] * shrink))
    true = shift((shrink - 1) / 2, (shrink - 1) / 2) @ scaled(shrink, shrink) @ shift(0.6, -0.4)
    template = painting.seen(np.eye(3))
    found = fitted(bytes_of(template), bytes_of(moved(painting, true, big_wh)), shift(1, 1) @ scaled(shrink, shrink), "scale", shrink)
    assert apart_px(found.matrix, true) < 2 * FINE_PX * shrink


def test_gain_lift_and_gamma_do_not_pull(painting):
    """One gain a pair is fitted and lift has no detail; a gamma is neither, but pulls nowhere: 0.05 px."""
    true = shift(1.3, 0.6)
    template, moving = painting.seen(np.eye(3)), moved(painting, true)
    graded = fitted(bytes_of(template), bytes_of(0.7 * moving + 30), np.eye(3), "affine")
    assert apart_px(graded.matrix, true) < FINE_PX
    curved = 255 * (np.clip(moving, 0, 255) / 255) ** 1.4
    assert apart_px(fitted(bytes_of(template), bytes_of(curved), np.eye(3), "affine").matrix, true) < 0.05


def test_a_logo_does_not_pull(painting):
    """A tenth of the picture is hidden on one side by something that stands elsewhere."""
    true = shift(-1.6, 2.2)
    moving = bytes_of(moved(painting, true))
    cv2.rectangle(moving, (200, 20), (290, 84), 235, -1)
    cv2.putText(moving, "CH 5", (206, 66), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 20, 3, cv2.LINE_AA)
    found = fitted(bytes_of(painting.seen(np.eye(3))), moving, np.eye(3), "affine")
    assert apart_px(found.matrix, true) < 0.04


def test_noise_is_averaged_away(painting):
    """Sigma of 6 levels on both sides. The sum over some thousand points leaves far under a tenth of a pixel; 5 sigma of the spread."""
    true = shift(0.4, -0.7)
    rng = np.random.default_rng(3)
    template, moving = (bytes_of(p + rng.normal(0, 6, p.shape)) for p in (painting.seen(np.eye(3)), moved(painting, true)))
    found = fitted(template, moving, np.eye(3), "affine")
    assert apart_px(found.matrix, true) < 0.1


def test_many_pairs_are_one_fit():
    """Two pairs that show halves of a picture each: neither alone knows the other half; together they do."""
    painting = Painting(4)
    true = np.array([[1.012, 0.0, -1], [0.0, 0.99, 0.5], [0, 0, 1]])
    template, moving = painting.seen(np.eye(3)), moved(painting, true)
    pairs = []
    for keep in (np.s_[:, :160], np.s_[:, 160:]):
        inside = np.zeros(template.shape, bool)
        inside[keep] = True
        pair = prepare(bytes_of(template), bytes_of(moving), 1.0, 6000, inside)
        assert pair is not None
        pairs.append(pair)
    found = fit(pairs, np.eye(3), "stretch", WH)
    assert found is not None and apart_px(found.matrix, true) < FINE_PX


def test_a_flat_template_says_nothing(painting):
    flat = np.full(WH[::-1], 90, np.uint8)
    assert prepare(flat, bytes_of(painting.seen(np.eye(3))), 1.0, 6000) is None


def test_pictures_with_nothing_in_common_do_not_correlate(painting):
    a, b = bytes_of(painting.seen(np.eye(3))), bytes_of(Painting(99).seen(np.eye(3)))
    pair = prepare(a, b, 1.0, 6000)
    assert pair is not None
    found = fit([pair], np.eye(3), "affine", WH)
    assert found is None or found.correlation < 0.4


def test_where_nothing_overlaps_there_is_no_answer(painting):
    a = bytes_of(painting.seen(np.eye(3)))
    pair = prepare(a, a, 1.0, 6000)
    assert pair is not None
    assert fit([pair], shift(5000, 0), "shift", WH) is None


def test_points_stay_where_they_may_be(painting):
    picture = bytes_of(painting.seen(np.eye(3)))
    inside = np.zeros(picture.shape, bool)
    inside[40:120, 60:200] = True
    pair = prepare(picture, picture, 1.0, 2000, inside)
    assert pair is not None and len(pair.at) <= 3000
    assert inside[pair.at[:, 1].astype(int), pair.at[:, 0].astype(int)].all()


def test_a_band_pass_takes_the_mean_and_keeps_the_middle():
    """Constants go to 0; of a cosine of wavelength 12 most stays."""
    assert np.abs(band_passed(np.full((60, 60), 140, np.uint8), 0.8, 5.0)).max() == pytest.approx(0, abs=1e-3)
    wave = np.tile(50 * np.cos(2 * np.pi * np.arange(120) / 12), (60, 1)).astype(np.float32)
    out = band_passed(wave, 0.8, 8.0)[20:40, 30:90]
    assert 0.7 < out.std() / wave[20:40, 30:90].std() < 1.2


def test_sampling_a_ramp_is_exact():
    """Bilinear reproduces a ramp, also between the 1/32 steps that OpenCV rounds positions to."""
    y, x = np.mgrid[0:40, 0:50].astype(np.float32)
    ramp = 3 * x - 2 * y
    at = np.random.default_rng(1).uniform(5, 30, (200, 2))
    gradient = np.tile(np.array([3.0, -2.0], np.float32), (200, 1))
    assert sample(ramp, at, gradient, np.eye(3)) == pytest.approx(3 * at[:, 0] - 2 * at[:, 1], abs=1e-3)
