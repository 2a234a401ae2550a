"""PSNR and SSIM against closed forms, and against SSIM evaluated window by window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genlock.core.verify.psnr_ssim import Grade, fit_grade, mean_square, psnr_db, ssim

RANDOM = np.random.default_rng(4)
PICTURE = np.clip(RANDOM.normal(120, 40, (33, 47)), 0, 255)


def by_hand(a: np.ndarray, b: np.ndarray, peak: float) -> np.ndarray:
    """SSIM as the paper's equations say it, one window after the other."""
    n = np.arange(11) - 5
    window = np.exp(-(n[:, None] ** 2 + n[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    out = np.empty((a.shape[0] - 10, a.shape[1] - 10))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            p, q = a[y : y + 11, x : x + 11], b[y : y + 11, x : x + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            both = (window * (p - mp) * (q - mq)).sum()
            out[y, x] = (2 * mp * mq + c1) * (2 * both + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2))
    return out


class TestPsnr:
    def test_one_level_of_255(self) -> None:
        """The figure in every textbook: 48.13 dB."""
        assert psnr_db(mean_square(PICTURE, PICTURE + 1), 255) == pytest.approx(48.1308, abs=1e-4)

    @pytest.mark.parametrize("sigma", [0.5, 2.0, 8.0])
    def test_known_noise(self, sigma: float) -> None:
        flat = np.full((400, 500), 100.0)
        noisy = flat + np.random.default_rng(1).normal(0, sigma, flat.shape)
        assert psnr_db(mean_square(noisy, flat), 255) == pytest.approx(20 * math.log10(255 / sigma), abs=0.05)

    def test_equal_is_infinite(self) -> None:
        assert psnr_db(mean_square(PICTURE, PICTURE.copy()), 255) == math.inf

    def test_only_what_is_inside(self) -> None:
        spoilt, inside = PICTURE.copy(), np.ones(PICTURE.shape, bool)
        spoilt[3:9, 5:7], inside[3:9, 5:7] = 0, False
        assert mean_square(spoilt, PICTURE, inside) == 0
        assert mean_square(spoilt, PICTURE) > 10

    def test_nothing_inside_is_no_number(self) -> None:
        assert math.isnan(mean_square(PICTURE, PICTURE, np.zeros(PICTURE.shape, bool)))

    def test_two_sizes_are_refused(self) -> None:
        with pytest.raises(ValueError, match="of one size"):
            mean_square(PICTURE, PICTURE[:-1])


class TestGrade:
    def test_gain_and_offset_come_back(self) -> None:
        found = fit_grade(PICTURE, PICTURE * 0.7 + 21)
        assert (found.gain, found.offset) == (pytest.approx(0.7), pytest.approx(21))

    def test_a_grade_costs_nothing_once_it_is_taken_off(self) -> None:
        noise = np.random.default_rng(2).normal(0, 3, PICTURE.shape)
        graded = (PICTURE - 12) / 1.25
        assert psnr_db(mean_square(graded, PICTURE), 255) < 20
        back = fit_grade(graded, PICTURE + noise).apply(graded)
        assert psnr_db(mean_square(back, PICTURE + noise), 255) == pytest.approx(20 * math.log10(255 / 3), abs=0.3)

    def test_a_flat_picture(self) -> None:
        assert fit_grade(np.full((9, 9), 5.0), np.full((9, 9), 8.0)) == Grade(1.0, 3.0)


class TestSsim:
    def test_identity(self) -> None:
        assert ssim(PICTURE, PICTURE.copy(), 255) == 1.0

    def test_symmetric(self) -> None:
        other = PICTURE + RANDOM.normal(0, 9, PICTURE.shape)
        assert ssim(PICTURE, other, 255) == pytest.approx(ssim(other, PICTURE, 255), abs=1e-12)

    @pytest.mark.parametrize("spoil", ["noise", "blur", "darker", "inverted"])
    def test_window_by_window(self, spoil: str) -> None:
        other = {
            "noise": PICTURE + np.random.default_rng(3).normal(0, 20, PICTURE.shape),
            "blur": (PICTURE + np.roll(PICTURE, 1, 0) + np.roll(PICTURE, 1, 1)) / 3,
            "darker": PICTURE * 0.5,
            "inverted": 255 - PICTURE,
        }[spoil]
        assert ssim(other, PICTURE, 255) == pytest.approx(by_hand(other, PICTURE, 255).mean(), abs=1e-9)

    def test_two_flat_pictures_in_closed_form(self) -> None:
        """Only the light's term is left: (2ab + C1) / (a² + b² + C1)."""
        a, b, c1 = 100.0, 130.0, (0.01 * 255) ** 2
        assert ssim(np.full((20, 20), a), np.full((20, 20), b), 255) == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1), abs=1e-9)

    def test_the_scale_does_not_matter(self) -> None:
        other = PICTURE + np.random.default_rng(5).normal(0, 15, PICTURE.shape)
        assert ssim(other / 255, PICTURE / 255, 1.0) == pytest.approx(ssim(other, PICTURE, 255), abs=1e-9)

    def test_only_windows_wholly_inside(self) -> None:
        """A spoilt corner counts for nothing, and neither do the windows that reach into it."""
        other = PICTURE + np.random.default_rng(6).normal(0, 15, PICTURE.shape)
        inside = np.ones(PICTURE.shape, bool)
        inside[:8, :12] = False
        spoilt = np.where(inside, other, 0.0)
        windows = np.ones((PICTURE.shape[0] - 10, PICTURE.shape[1] - 10), bool)
        windows[:8, :12] = False
        assert ssim(spoilt, PICTURE, 255, inside) == pytest.approx(by_hand(other, PICTURE, 255)[windows].mean(), abs=1e-9)

    @pytest.mark.parametrize("shape", [(10, 40), (1, 1)])
    def test_too_small_for_a_window(self, shape: tuple[int, int]) -> None:
        assert math.isnan(ssim(np.zeros(shape), np.zeros(shape), 255))
