"""Telecined film taken apart: made by weaving known pictures, so each output picture has to be one of them, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from genlock.core.media.plates.form import Form
from genlock.core.media.plates.samples import Samples
from genlock.core.retime.fields import Fields, match, rebuilt, repeats_of, top_alone, woven

WH = (96, 80)
FORM = Form("yuv", 8, sub_wh=(2, 2))


def drawn(at: float, seed: int = 0) -> Samples:
    """Blots on a textured ground; the blots move 5 px to the right and 1 px down a frame, the ground 2 px to the left."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: WH[1], : WH[0]].astype(float)
    luma = 110 + 30 * np.sin((x + 2 * at) / 5) * np.cos(y / 7)
    for k in range(4):
        cx, cy = rng.uniform(10, 60) + 5 * at, rng.uniform(10, 60) + at
        luma = np.where(np.hypot(x - cx, y - cy) < 9, 40 + 50 * k, luma)
    small = np.rint(luma[::2, ::2]).astype(np.uint8)
    return Samples(FORM, (np.rint(luma).astype(np.uint8), small // 2 + 60, 200 - small // 2))


def telecined(film: Sequence[Samples], skip: int = 0, bottom_first: bool = False) -> list[tuple[int, int]]:
    """Which film picture the top and the bottom field of each video frame are of: 2:3, begun `skip` video frames late."""
    fields = [k for k in range(len(film)) for _ in range(2 + k % 2)]
    first, second = fields[0 : len(fields) // 2 * 2 : 2], fields[1::2]
    pairs = list(zip(first, second, strict=True))
    return [(b, a) if bottom_first else (a, b) for a, b in pairs][skip:]


def taken_apart(video: Sequence[Samples]) -> tuple[str, list[Samples]]:
    fields = [Fields.of(picture) for picture in video]
    letters = ""
    for k, now in enumerate(fields):
        usual = letters[k - 5] if k >= 5 else "c"
        letters += match(fields[k - 1] if k else None, now, fields[k + 1] if k + 1 < len(fields) else None, usual)
    step = {"p": -1, "n": 1}
    return letters, [rebuilt(letter, video[k], video[k + step.get(letter, 0)]) for k, letter in enumerate(letters)]


def same(a: Samples, b: Samples) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(a.planes, b.planes, strict=True))


@pytest.mark.parametrize("bottom_first", [False, True])
@pytest.mark.parametrize("skip", range(5))
def test_every_phase_and_both_orders_give_back_the_film(skip, bottom_first):
    film = [drawn(k, seed=k // 9) for k in range(18)]
    pairs = telecined(film, skip, bottom_first)
    letters, made = taken_apart([woven(film[top], film[bottom]) for top, bottom in pairs])
    whole = {top for k, (top, _) in enumerate(pairs) if any(top == bottom for _, bottom in pairs[max(0, k - 1) : k + 2])}
    for k, (top, _) in enumerate(pairs):
        assert same(made[k], film[top]) or top not in whole, f"frame {k} is {letters[k]} and should show {top}"
    assert {top for top, _ in pairs} - whole <= {pairs[0][0], pairs[-1][0]}, "only what is cut off at an end is not whole"
    assert ("n" if bottom_first else "p") in letters and ("p" if bottom_first else "n") not in letters


def test_frames_that_are_whole_stay():
    film = [drawn(k) for k in range(8)]
    letters, made = taken_apart(film)
    assert letters == "c" * 8 and all(same(a, b) for a, b in zip(made, film, strict=True))


def test_a_still_tells_nothing_and_stays():
    letters, _ = taken_apart([drawn(0)] * 6)
    assert letters == "c" * 6


def test_a_small_figure_before_a_still_ground_tells_enough():
    def small(at: int) -> Samples:
        picture = drawn(0)
        picture.planes[0][30:42, 10 + 4 * at : 22 + 4 * at] = 250
        return picture

    film = [small(k) for k in range(12)]
    pairs = telecined(film)
    letters, made = taken_apart([woven(film[top], film[bottom]) for top, bottom in pairs])
    assert letters == "ccppc" * 3
    assert all(same(made[k], film[top]) for k, (top, _) in enumerate(pairs))


def test_grain_and_lines_of_one_pixel_are_no_combs():
    rng = np.random.default_rng(8)

    def lined(at: int) -> Samples:
        picture = drawn(at)
        picture.planes[0][5 + at :: 16] = 20
        picture.planes[0][:] = np.clip(picture.planes[0] + rng.normal(0, 2, picture.planes[0].shape), 0, 255)
        return picture

    film = [lined(k) for k in range(12)]
    letters, _ = taken_apart(film)
    assert letters == "c" * 12
    pairs = telecined(film)
    letters, made = taken_apart([woven(film[top], film[bottom]) for top, bottom in pairs])
    assert all(same(made[k], film[top]) for k, (top, _) in enumerate(pairs) if k) and "x" not in letters


def test_what_was_shot_as_fields_shows_its_top_field():
    halves = [drawn(k / 2) for k in range(24)]
    video = [woven(halves[k], halves[k + 1]) for k in range(0, 24, 2)]
    letters, made = taken_apart(video)
    assert letters.count("x") >= 10
    for letter, picture, truth in zip(letters, made, video, strict=True):
        if letter == "x":
            assert same(picture, top_alone(truth)) and np.array_equal(picture.planes[0][::2], truth.planes[0][::2])


@pytest.mark.parametrize("size_wh", [(33, 21), (16, 4), (7, 2), (5, 1)])
def test_odd_and_tiny_pictures(size_wh):
    rng = np.random.default_rng(1)
    pictures = [Samples(Form("gray", 10), (rng.integers(0, 1023, size_wh[::-1], np.uint16),)) for _ in range(4)]
    letters, made = taken_apart(pictures)
    assert len(letters) == 4 and all(picture.size_wh == size_wh for picture in made)


def test_a_shared_field_is_a_repeat_and_a_slow_shot_is_none():
    assert repeats_of("ccppc" * 3, [2, 4, 7, 9, 12]) == (2, 7, 12)
    assert repeats_of("ncccn" * 2, []) == (1, 6)
    assert repeats_of("c" * 20 + "ccppc", [4, 9, 24]) == (4, 9, 22), "where nothing is woven, what looks alike is dropped"
