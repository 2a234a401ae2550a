"""A clip's line through a file is found where it is: made pictures, exact offsets and speeds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from genlock.core.archive.framing import Drawn, Framing, fitted
from genlock.core.archive.line import Moments, lines
from genlock.core.archive.looks import WHOLE, part_of, small_of
from genlock.core.archive.query import VIEW_WH, View
from genlock.tests.core.archive.footage import shots

PLAIN = Framing(1.0, 1.0, 0.0, 0.0, False)
WIDE = (192, 128)


def film(seed: int, seconds: int = 12) -> list[np.ndarray]:
    """25 pictures a second, a shot every two seconds: (h, w) uint8."""
    return [frame[..., 0] for frame in shots(seed, (50,) * (seconds // 2), WIDE)]


def view_of(pictures: list[np.ndarray], rate: float = 25.0) -> View:
    n = np.arange(len(pictures))
    return View(n / rate, n, np.stack([part_of(p, WHOLE, VIEW_WH) for p in pictures]), None, len(pictures) / rate)


def moments_of(pictures: list[np.ndarray], rate: float = 25.0) -> Moments:
    at = np.arange(0, len(pictures), rate / 2).astype(int)
    return Moments((at + 0.5) / rate, np.stack([small_of(pictures[k], WHOLE) for k in at]), np.ones(len(at), bool))


class TestLine:
    @pytest.mark.parametrize("off_by", [-1.2, 0.0, 0.7])
    def test_an_excerpt_to_a_third_of_a_frame(self, off_by: float) -> None:
        pictures = film(1)
        (line,) = lines(view_of(pictures[80:205]), PLAIN, moments_of(pictures), 3.2 + off_by, 2.0)
        assert abs(line.offset_s - 3.2) < 0.014 and line.speed == 1 and line.likeness > 0.95
        assert (line.first, line.last) == (7, 16) and line.loose_s < 0.2 and line.news > 3

    @pytest.mark.parametrize("speed", [25 / 24, 24 / 25])
    def test_another_speed(self, speed: float) -> None:
        pictures = film(2, 20)
        clip = [pictures[min(len(pictures) - 1, int((n + 0.5) * speed + 50))] for n in range(400)]
        line = max(lines(view_of(clip), PLAIN, moments_of(pictures), 2.0, 8.0), key=lambda line: line.moments)
        assert abs(line.speed - speed) < 0.003 and abs(line.offset_s + line.speed * 8 - (2 + 8 * speed)) < 0.05

    def test_where_the_clip_shows_something_else_the_line_ends(self) -> None:
        pictures, other = film(3), film(4)
        clip = other[:100] + pictures[100:200] + other[100:150]
        found = lines(view_of(clip), PLAIN, moments_of(pictures), 0.0, 6.0)
        assert [(line.first, line.last) for line in found] == [(8, 15)]

    def test_nothing_of_another_film(self) -> None:
        assert [line for line in lines(view_of(film(5)), PLAIN, moments_of(film(6)), 0.0, 6.0) if line.moments > 1] == []

    def test_of_a_still_the_time_is_not_known(self) -> None:
        still = [film(7)[10]] * 200
        (line,) = lines(view_of(still[:100]), PLAIN, moments_of(still), 2.0, 2.0)
        assert line.loose_s > 1 and line.speed == 1


class TestFraming:
    @pytest.mark.parametrize("mirrored", [False, True])
    def test_a_crop_is_found_from_nearby(self, mirrored: bool) -> None:
        pictures = film(8)
        left, top, side = 0.12, 0.05, 0.84  # of the file's picture
        crop = [cv2.resize(p[round(top * 128) : round((top + side) * 128), round(left * 192) : round((left + side) * 192)], WIDE) for p in pictures]
        view = view_of([np.ascontiguousarray(p[:, ::-1]) if mirrored else p for p in crop])
        small = moments_of(pictures).small[[3, 8, 14, 20]]
        views = (np.array([3, 8, 14, 20]) * 12.5).astype(int)
        start = Framing(1.15, 1.2, -0.11, -0.09, mirrored)
        found, likeness = fitted(view, start, small, views, lambda: None)
        true = Framing(1 / side, 1 / side, -left / side, -top / side, mirrored)
        for corner in (0.15, 0.8):
            assert abs((found.scale_x * corner + found.shift_x) - (true.scale_x * corner + true.shift_x)) < 0.02
            assert abs((found.scale_y * corner + found.shift_y) - (true.scale_y * corner + true.shift_y)) < 0.02
        assert likeness > 0.85

    def test_the_whole_picture_is_as_alike_as_can_be(self) -> None:
        pictures = film(9)
        moments = moments_of(pictures)
        views = np.arange(0, len(pictures), 12.5).astype(int)
        assert Drawn(view_of(pictures), PLAIN).alike(moments.small, views).min() > 0.97

    def test_two_that_share_nothing_are_not_compared(self) -> None:
        view = view_of(film(9)[:5])
        assert not Drawn(view, Framing(1.0, 1.0, 0.9, 0.0, False)).shares and Drawn(view, PLAIN).shares
