"""What a picture is told by: codes that know it again, and pictures that are kept in 4 bits."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from genlock.core.archive.looks import MIDDLE, SMALL_WH, WHOLE, Box, active, code_of, opened, part_of, small_of


def painted(seed: int, wh: tuple[int, int] = (192, 108)) -> np.ndarray:
    """A picture with large and small shapes, (h, w) uint8 from 40 to 216."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.random((5, 8), np.float32), wh, interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.random((14, 24), np.float32), wh, interpolation=cv2.INTER_CUBIC)
    both = coarse + 0.4 * fine
    return np.asarray(40 + 176 * (both - both.min()) / np.ptp(both), np.uint8)


def apart(a: int, b: int) -> int:
    return bin(a ^ b).count("1")


class TestCode:
    def test_a_grade_another_size_and_noise_change_few_bits(self) -> None:
        rng = np.random.default_rng(1)
        for seed in range(6):
            picture = painted(seed)
            graded = (255 * (picture / 255.0) ** 0.7 * 0.9).astype(np.uint8)
            noisy = np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
            for other in (graded, noisy, cv2.resize(picture, (720, 400)), cv2.resize(picture, (90, 108), interpolation=cv2.INTER_AREA)):
                assert apart(code_of(picture, WHOLE), code_of(other, WHOLE)) <= 8

    def test_other_pictures_differ_in_half_of_the_bits(self) -> None:
        codes = [code_of(painted(seed), WHOLE) for seed in range(40)]
        far = [apart(a, b) for k, a in enumerate(codes) for b in codes[:k]]
        assert 29 < np.mean(far) < 35 and min(far) > 12

    def test_the_middle_of_a_picture_is_found_in_its_crop(self) -> None:
        picture = painted(3, (400, 200))
        crop = picture[20:180, 40:360]  # 80 %, centred
        in_crop = Box(0.125, 0.125, 0.875, 0.875)
        assert apart(code_of(picture, MIDDLE), code_of(crop, in_crop)) <= 3

    @pytest.mark.parametrize("level", [0, 16, 128, 255])
    def test_what_is_flat_says_nothing(self, level: int) -> None:
        assert code_of(np.full((54, 97), level, np.uint8), WHOLE) == 0

    def test_one_pixel_is_a_picture_too(self) -> None:
        assert code_of(np.full((1, 1), 7, np.uint8), MIDDLE) == 0


class TestActive:
    @pytest.mark.parametrize(("pad", "is_bar"), [((18, 18, 0, 0), True), ((0, 0, 30, 30), True), ((18, 18, 30, 30), True), ((0, 18, 0, 0), False)])
    def test_bars_are_as_wide_on_both_sides(self, pad: tuple[int, int, int, int], is_bar: bool) -> None:
        shots = np.stack([cv2.copyMakeBorder(painted(seed), *pad, cv2.BORDER_CONSTANT, value=16) for seed in range(3)])
        top, bottom, left, right = pad
        h, w = shots.shape[1:]
        wanted = (left / w, top / h, 1 - right / w, 1 - bottom / h) if is_bar else (0, 0, 1, 1)
        assert np.allclose(active(shots), wanted, atol=0.011)

    def test_a_line_burnt_into_a_bar_does_not_make_it_picture(self) -> None:
        shots = np.stack([cv2.copyMakeBorder(painted(seed), 20, 20, 0, 0, cv2.BORDER_CONSTANT) for seed in range(2)])
        shots[:, -14:-6, 60:120] = 235
        assert np.allclose(active(shots), (0, 20 / 148, 1, 128 / 148), atol=0.01)

    def test_a_night_is_no_bar(self) -> None:
        assert active(np.full((4, 50, 80), 20, np.uint8)) == WHOLE


class TestKept:
    def test_a_kept_picture_is_local_contrast_to_four_bits(self) -> None:
        picture = painted(5)
        kept = small_of(picture, WHOLE)
        assert kept.shape == (192,) and kept.dtype == np.uint8
        x = part_of(picture, WHOLE, SMALL_WH).astype(np.float32)
        x -= cv2.blur(x, (5, 5))
        x /= np.sqrt(cv2.blur(x * x, (5, 5))) + 3
        assert np.abs(opened(kept[None])[0] - np.clip(x, -2.5, 2.5)).max() <= 5 / 15 / 2 + 1e-4

    def test_a_box_within_a_box(self) -> None:
        assert np.allclose(MIDDLE.within(Box(0.0, 0.1, 1.0, 0.9)), (0.2, 0.26, 0.8, 0.74))
