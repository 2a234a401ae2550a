"""A textured thing that moves, turns and grows before a moving ground: its place is known on every frame."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.errors import MediaError, UsageError
from genlock.core.inpaint.masks import Box, Carried, Strokes, carried_masks, given_masks, grown

HW = (181, 323)


def noise(seed: int, hw: tuple[int, int], size_px: float, low: int, high: int) -> np.ndarray:
    """(H, W, 3) uint8 of smooth blobs."""
    raw = np.random.default_rng(seed).normal(size=(*hw, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(raw, (0, 0), size_px)
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    return (low + soft * (high - low)).astype(np.uint8)


GROUND = noise(1, (400, 700), 4, 20, 190)
THING = noise(2, (90, 90), 3, 60, 250) // np.array([1, 3, 2], np.uint8)


def frame(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Picture and truth: the ground goes 3 px a frame, the thing 2 px the other way, turning and growing."""
    h, w = HW
    picture = GROUND[50 : 50 + h, 60 + 3 * n : 60 + 3 * n + w].copy()
    turn = cv2.getRotationMatrix2D((45, 45), 3 * n, 0.8 + 0.01 * n)
    turn[:, 2] += (230 - 45 - 2 * n, 85 - 45 + 12 * np.sin(n / 5))
    oval = np.zeros((90, 90), np.uint8)
    cv2.ellipse(oval, (45, 45), (40, 26), 0, 0, 360, 255, -1)
    there = cv2.warpAffine(oval, turn, (w, h)) > 127
    picture[there] = cv2.warpAffine(THING, turn, (w, h))[there]
    return picture, there


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union."""
    a, b = a > 127, b.astype(bool)
    return float((a & b).sum() / max((a | b).sum(), 1))


def box_of(there: np.ndarray, around_px: int = 5) -> Box:
    y, x = np.nonzero(there)
    return Box(int(x.min()) - around_px, int(y.min()) - around_px, int(np.ptp(x)) + 1 + 2 * around_px, int(np.ptp(y)) + 1 + 2 * around_px)


def pictures(number: int) -> np.ndarray:
    return frame(number)[0]


class TestCarried:
    def test_a_box_on_one_frame_gives_every_frame(self) -> None:
        found = list(carried_masks(pictures, 30, {0: box_of(frame(0)[1])}))
        assert [done.frame for done in found] == list(range(30))
        alike = [likeness(done.mask, frame(done.frame)[1]) for done in found]
        assert np.mean(alike) > 0.94 and min(alike) > 0.87
        assert found[0].sure == 1 and min(done.sure for done in found) > 0.6

    def test_a_finished_mask_is_taken_as_it_is_and_goes_both_ways(self) -> None:
        drawn = Strokes(frame(11)[1].astype(np.uint8) * np.uint8(255))
        found = list(carried_masks(pictures, 20, {11: drawn}))
        assert np.array_equal(found[11].mask, drawn.picture)
        assert min(likeness(done.mask, frame(done.frame)[1]) for done in found) > 0.87

    def test_strokes_inside_and_outside_are_enough(self) -> None:
        there = frame(4)[1]
        strokes = np.full(HW, 128, np.uint8)
        strokes[cv2.erode(there.astype(np.uint8), np.ones((15, 15))) > 0] = 255
        strokes[cv2.dilate(there.astype(np.uint8), np.ones((31, 31))) == 0] = 0
        (found,) = carried_masks(lambda _: frame(4)[0], 1, {0: Strokes(strokes)})
        assert likeness(found.mask, there) > 0.94

    def test_two_keys_meet_between_them(self) -> None:
        keys = {n: Strokes(frame(n)[1].astype(np.uint8) * np.uint8(255)) for n in (3, 16)}
        found = list(carried_masks(pictures, 20, keys))
        assert [done.frame for done in found] == list(range(20))
        assert min(likeness(done.mask, frame(done.frame)[1]) for done in found) > 0.9

    @pytest.mark.parametrize("kind", ["uint16", "float32"])
    def test_every_depth_gives_the_same(self, kind: str) -> None:
        def deep(number: int) -> np.ndarray:
            picture = pictures(number)
            return picture.astype(np.uint16) * 257 if kind == "uint16" else picture.astype(np.float32) / 255

        box = {0: box_of(frame(0)[1])}
        for one, other in zip(carried_masks(deep, 4, box), carried_masks(pictures, 4, box), strict=True):
            assert likeness(one.mask, other.mask > 127) > 0.99

    def test_nothing_goes_across_a_cut(self) -> None:
        found = list(carried_masks(pictures, 12, {2: box_of(frame(2)[1])}, cuts=[6]))
        assert all(done.mask.any() and done.sure > 0 for done in found[:6])
        assert not any(done.mask.any() or done.sure for done in found[6:])
        assert all(done.wanted for done in found[6:])

    def test_what_leaves_the_picture_is_gone_and_nothing_else_is_taken(self) -> None:
        def leaving(number: int) -> np.ndarray:
            shift = np.array([[1, 0, 10.0 * number], [0, 1, 0]])
            ground = GROUND[: HW[0], : HW[1]].copy()
            picture, there = frame(0)
            moved = cv2.warpAffine(there.astype(np.uint8), shift, HW[::-1]) > 0
            ground[moved] = cv2.warpAffine(picture, shift, HW[::-1])[moved]
            return ground

        found = list(carried_masks(leaving, 17, {0: Strokes(frame(0)[1].astype(np.uint8) * np.uint8(255))}))
        assert (found[-1].mask > 0).sum() < 0.02 * HW[0] * HW[1]

    @pytest.mark.parametrize(
        ("keys", "says"),
        [
            ({}, "no frame says"),
            ({9: Box(0, 0, 5, 5)}, "frames 0 to 4"),
            ({0: Box(900, 0, 5, 5)}, "outside"),
            ({0: Box(10, 10, 0, 5)}, "outside"),
            ({0: Strokes(np.zeros((5, 5), np.uint8))}, "size"),
        ],
    )
    def test_what_cannot_be_meant_is_said(self, keys: dict[int, Box | Strokes], says: str) -> None:
        with pytest.raises(UsageError) as raised:
            list(carried_masks(pictures, 5, keys))
        assert says in f"{raised.value}"

    def test_a_flat_picture_and_a_box_do_no_harm(self) -> None:
        found = list(carried_masks(lambda _: np.full((9, 14, 3), 80, np.uint8), 3, {1: Box(3, 2, 5, 4)}))
        assert [type(done) for done in found] == [Carried] * 3 and found[0].mask.shape == (9, 14)


class TestGiven:
    def test_a_still_stands_for_every_frame(self, tmp_path: Path) -> None:
        matte = np.zeros((40, 60), np.uint8)
        matte[10:20, 30:40] = 255
        cv2.imwrite(str(tmp_path / "matte.png"), matte)
        assert [np.array_equal(mask, matte) for mask in given_masks(tmp_path / "matte.png", 3, (40, 60))] == [True] * 3

    def test_alpha_counts_where_there_is_some_and_white_elsewhere(self, tmp_path: Path) -> None:
        picture = np.full((40, 60, 4), 255, np.uint8)
        cv2.imwrite(str(tmp_path / "solid.png"), picture)
        picture[:, 30:, 3] = 0
        cv2.imwrite(str(tmp_path / "half.png"), picture)
        (solid,), (half,) = given_masks(tmp_path / "solid.png", 1, (40, 60)), given_masks(tmp_path / "half.png", 1, (40, 60))
        assert (solid == 255).all()
        assert (half[:, :30] == 255).all() and not half[:, 30:].any()

    def test_another_size_of_the_same_shape_is_fitted(self, tmp_path: Path) -> None:
        matte = np.zeros((40, 60), np.uint16)
        matte[:, 30:] = 65535
        cv2.imwrite(str(tmp_path / "matte.png"), matte)
        (mask,) = given_masks(tmp_path / "matte.png", 1, (80, 120))
        assert np.array_equal(mask[:, 62:], np.full((80, 58), 255)) and not mask[:, :58].any()

    def test_too_few_frames_and_another_shape_are_said(self, tmp_path: Path) -> None:
        for n in range(3):
            cv2.imwrite(str(tmp_path / f"m.{n:04d}.png"), np.zeros((40, 60), np.uint8))
        with pytest.raises(MediaError, match="3 frames, and the footage has 5"):
            list(given_masks(tmp_path / "m.%04d.png", 5, (40, 60)))
        with pytest.raises(MediaError, match="60 x 40, and the footage is 64 x 64"):
            list(given_masks(tmp_path / "m.0000.png", 5, (64, 64)))


def test_growing_and_shrinking_move_the_edge_and_keep_to_the_border() -> None:
    mask = np.zeros((21, 31), np.uint8)
    mask[8:13, 20:] = 255
    assert grown(mask, 3)[10].tolist() == [0] * 17 + [255] * 14
    assert grown(mask, -2)[10].tolist() == [0] * 22 + [255] * 9
    assert grown(mask, 0) is mask
