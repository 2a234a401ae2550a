"""Keyframes by what happens inside the mask. Every picture here is made so that its distance is known by hand."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from genlock.core.inpaint.keyframes import COLOUR_LIMIT, Found, Sliders, Thumb, colour, find_groups, motion, thumb

HW = (48, 64)


def mask_at(x: int, y: int = 14, side: int = 20, hw: tuple[int, int] = HW) -> np.ndarray:
    mask = np.zeros(hw, np.uint8)
    mask[y : y + side, x : x + side] = 255
    return mask


def noise(seed: int, hw: tuple[int, int] = HW) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*hw, 3), dtype=np.uint8)


def flat(level: int, hw: tuple[int, int] = HW) -> np.ndarray:
    return np.full((*hw, 3), level, np.uint8)


def groups(pictures: list[np.ndarray], masks: list[np.ndarray], cuts: tuple[int, ...] = (), first: int = 0, **sliders: object) -> list[Found]:
    looks = [thumb(picture, mask) for picture, mask in zip(pictures, masks, strict=True)]
    return find_groups(looks, range(first, first + len(looks)), cuts, Sliders(**sliders))  # type: ignore[arg-type]


def test_only_the_mask_counts() -> None:
    """Everything outside changes from frame to frame, nothing inside does: one group."""
    still = noise(1)
    pictures = []
    for n in range(10):
        picture = noise(100 + n)
        picture[14:34, 20:40] = still[14:34, 20:40]
        pictures.append(picture)
    assert [(g.first, g.last, g.why) for g in groups(pictures, [mask_at(20)] * 10)] == [(0, 9, "start")]


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("side", [8, 32])
def test_distances_are_a_masked_pixel(scale: int, side: int) -> None:
    """Twelve levels of light are 12/255 whatever the size of the picture and of the mask."""
    hw = (HW[0] * scale, HW[1] * scale)
    mask = mask_at(16 * scale, 4 * scale, side * scale, hw)
    one, other = thumb(flat(100, hw), mask), thumb(flat(112, hw), mask)
    assert colour(one, other) == pytest.approx(12 / 255, abs=1e-4)
    assert motion(one, other) == pytest.approx(0, abs=1e-5)


def test_motion_is_one_where_nothing_is_in_common() -> None:
    mask = mask_at(10, 4, 40)
    assert motion(thumb(noise(1), mask), thumb(noise(2), mask)) == pytest.approx(1.0, abs=0.1)
    assert motion(thumb(noise(1), mask), thumb(noise(1), mask)) == 0
    faint = [(128 + (noise(k).astype(float) - 128) / 4).astype(np.uint8) for k in (1, 2)]
    assert motion(thumb(faint[0], mask), thumb(faint[1], mask)) == pytest.approx(1.0, abs=0.1)


def test_a_thing_that_only_travels_has_not_changed() -> None:
    thing = noise(5)[:20, :20]
    pictures, masks = [], []
    for n in range(8):
        picture, mask = noise(50 + n), mask_at(4 + 5 * n)
        picture[14:34, 4 + 5 * n : 24 + 5 * n] = thing
        pictures.append(picture)
        masks.append(mask)
    assert len(groups(pictures, masks)) == 1


def test_a_limit_is_held_against_the_last_keyframe() -> None:
    """Light that creeps by a fifth of the limit a frame: never far from the frame before, a keyframe every fifth frame.

    A limit on the difference to the neighbour would find none.
    """
    step = COLOUR_LIMIT / 5 * 1.01
    pictures = [np.full((*HW, 3), 0.1 + step * n, np.float32) for n in range(16)]
    found = groups(pictures, [mask_at(20)] * 16)
    assert [g.first for g in found] == [0, 5, 10, 15]
    assert [g.why for g in found] == ["start", "colour", "colour", "colour"]
    assert all(1 <= g.score < 1.3 for g in found[1:])


def test_sliders() -> None:
    pictures = [cv2.GaussianBlur(noise(3), (0, 0), 3) for _ in range(12)]
    turned = [cv2.warpAffine(p, cv2.getRotationMatrix2D((30, 24), 6 * n, 1), HW[::-1]) for n, p in enumerate(pictures)]
    masks = [mask_at(20)] * 12
    by_movement = [len(groups(turned, masks, movement=m)) for m in (0.0, 0.5, 1.0)]
    by_determinism = [len(groups(turned, masks, determinism=d)) for d in (0.0, 0.5, 1.0)]
    assert by_movement[0] < by_movement[2] and by_movement == sorted(by_movement)
    assert by_determinism[0] < by_determinism[2] and by_determinism == sorted(by_determinism)


def test_sizes_cuts_and_frames_by_hand() -> None:
    still = [flat(90)] * 20
    masks = [mask_at(20)] * 20
    found = groups(still, masks, cuts=(7,), max_group=6, manual=(12,))
    assert [(g.first, g.last, g.why) for g in found] == [
        (0, 5, "start"), (6, 6, "size"), (7, 11, "cut"), (12, 17, "manual"), (18, 19, "size"),
    ]  # fmt: skip


def test_the_smallest_group_yields_to_a_cut_alone() -> None:
    pictures = [flat(40 * (n % 2)) for n in range(8)]
    found = groups(pictures, [mask_at(20)] * 8, cuts=(5,), min_group=3)
    assert all(g.last - g.first + 1 >= 3 or g.last + 1 in (5, 8) for g in found)
    assert any(g.first == 5 and g.why == "cut" for g in found)


def test_nothing_masked_is_a_group_that_is_not_painted() -> None:
    empty = np.zeros(HW, np.uint8)
    found = groups([flat(50)] * 9, [empty, empty, *[mask_at(20)] * 3, empty, *[mask_at(20)] * 3])
    assert [(g.first, g.last, g.why) for g in found] == [(0, 1, "empty"), (2, 4, "mask"), (5, 5, "empty"), (6, 8, "mask")]


@pytest.mark.parametrize("count", [1, 2, 7, 84])
def test_every_frame_is_in_exactly_one_group(count: int) -> None:
    random = np.random.default_rng(count)
    pictures = [noise(n) if random.random() < 0.3 else flat(int(random.integers(0, 255))) for n in range(count)]
    found = groups(pictures, [mask_at(int(random.integers(0, 40))) for _ in range(count)], first=11)
    covered = [number for g in found for number in range(g.first, g.last + 1)]
    assert covered == list(range(11, 11 + count))


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_depth_makes_no_difference(dtype: type) -> None:
    mask = mask_at(20)
    deep = (noise(4).astype(np.float64) / 255 * (65535 if dtype == np.uint16 else 1)).astype(dtype)
    assert np.allclose(thumb(deep, mask).rgb, thumb(noise(4), mask).rgb, atol=1e-4)


def test_black_and_one_pixel() -> None:
    dot = np.zeros(HW, np.uint8)
    dot[20, 20] = 1
    assert len(groups([flat(0)] * 5, [dot] * 5)) == 1


def test_few_looks_are_held() -> None:
    """However long the shot is."""
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def looks() -> Iterator[Thumb]:
        nonlocal most
        for n in range(60):
            look = thumb(flat(n * 4), mask_at(20))
            alive.append(weakref.ref(look.rgb))
            gc.collect(0)
            most = max(most, sum(ref() is not None for ref in alive))
            yield look

    find_groups(looks(), range(60))
    assert most <= 4
