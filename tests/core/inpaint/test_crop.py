"""The crop: inside the picture, around the mask, sizes that models take, and back to the pixel."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.errors import GenlockError
from genlock.core.inpaint.crop import Crop, back, box_of, crop_around, cut, cut_mask, union

BOXES = [(10, 20, 50, 90), (0, 0, 5, 5), (80, 0, 95, 160), (0, 0, 95, 161), (94, 160, 95, 161), None]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("hw", [(95, 161), (720, 1280)])
@pytest.mark.parametrize(("padding", "size"), [(0, 512), (32, 64), (500, 1024), (32, 100)])
def test_it_holds_the_box_inside_the_picture(box: tuple[int, int, int, int] | None, hw: tuple[int, int], padding: int, size: int) -> None:
    crop = crop_around(box, hw, padding, size)
    assert crop.top >= 0 and crop.left >= 0 and crop.height >= 1 and crop.width >= 1
    assert crop.top + crop.height <= hw[0] and crop.left + crop.width <= hw[1]
    assert all(side % 8 == 0 and side >= 64 for side in crop.size_hw)
    assert max(crop.size_hw) == max(64, size // 8 * 8)
    if box is not None:
        assert crop.top <= max(0, box[0] - padding) and crop.left <= max(0, box[1] - padding)
        assert crop.top + crop.height >= min(hw[0], box[2] + padding) and crop.left + crop.width >= min(hw[1], box[3] + padding)


def test_both_scales_agree_where_there_is_room() -> None:
    crop = crop_around((300, 500, 371, 613), (720, 1280), 32, 512)
    across, down = crop.size_hw[1] / crop.width, crop.size_hw[0] / crop.height
    assert across == pytest.approx(down, rel=0.02)


def test_the_box_of_several_masks() -> None:
    one, other = np.zeros((9, 12), np.uint8), np.zeros((9, 12), np.uint8)
    one[2, 3], other[7, 10] = 1, 255
    assert box_of(one) == (2, 3, 3, 4)
    assert union([box_of(one), None, box_of(other)]) == (2, 3, 8, 11)
    assert box_of(np.zeros((3, 3), np.uint8)) is None and union([None]) is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_there_and_back(dtype: type) -> None:
    """A smooth picture comes back as it was, to the level; a half-pixel shift of its ramp would be 1 % of the range."""
    hw = (90, 130)
    y, x = np.mgrid[: hw[0], : hw[1]]
    top = np.iinfo(dtype).max
    picture = (np.stack([x / 130, y / 90, (x + y) / 220], axis=2) * 0.8 * top + 0.1 * top).astype(dtype)
    crop = crop_around((30, 40, 60, 80), hw, 8, 512)
    there = cut(picture, crop)
    assert there.shape == (*crop.size_hw, 3) and there.dtype == dtype
    again = back(there, crop)[4:-4, 4:-4].astype(float)
    assert np.abs(again - picture[crop.window][4:-4, 4:-4]).max() <= 0.003 * top


def test_a_crop_of_the_model_s_own_size_is_untouched() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    crop = Crop(10, 20, 64, 72, (64, 72))
    assert np.array_equal(back(cut(picture, crop), crop), picture[10:74, 20:92])


def test_every_masked_pixel_is_masked_for_the_painter() -> None:
    mask = np.zeros((300, 300), np.uint8)
    mask[151, 152] = 40
    for size in (64, 512):
        crop = crop_around((0, 0, 300, 300), (300, 300), 0, size)
        seen = cut_mask(mask, crop)
        assert set(np.unique(seen)) == {0, 255}
        scale = crop.size_hw[0] / 300
        assert seen[int(151.5 * scale), int(152.5 * scale)] == 255


def test_another_size_is_refused() -> None:
    with pytest.raises(GenlockError, match="72 x 64 was asked for"):
        back(np.zeros((64, 64, 3), np.uint8), Crop(0, 0, 10, 10, (64, 72)))
