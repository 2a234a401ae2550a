"""Pieces play what the bounds allow, and no fewer could."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlock.core.alignment import Media, Piece, played
from genlock.core.errors import MediaError
from genlock.core.pieces import fit, simplest_between


def media(frames: int, rate="24") -> Media:
    return Media("x", frames, Fraction(rate), 8, 8)


def exact(frames: list[int]) -> list[tuple[int, int]]:
    return [(frame, frame) for frame in frames]


@given(st.lists(st.none() | st.tuples(st.integers(0, 39), st.integers(0, 5)), min_size=1, max_size=40), st.sampled_from(["24", "25", "24000/1001"]))
@settings(max_examples=150, deadline=None)
def test_what_plays_lies_within_bounds(asked, rate: str) -> None:
    bounds = [None if one is None else (one[0], min(one[0] + one[1], 39)) for one in asked]
    clip, ref = media(40, rate), media(len(bounds) + 3)
    shown = dict(played(fit(bounds, 3, clip, ref), clip, ref))
    assert shown.keys() == {k + 3 for k, one in enumerate(bounds) if one}
    assert all(one[0] <= shown[k + 3] <= one[1] for k, one in enumerate(bounds) if one)


@pytest.mark.parametrize(
    ("frames", "piece"),
    [
        ([7 + k for k in range(30)], Piece(0, 30, Fraction(7, 24), Fraction(1))),
        ([39 - k for k in range(30)], Piece(0, 30, Fraction(40, 24), Fraction(-1))),
        ([9], Piece(0, 1, Fraction(9, 24), Fraction(1))),
    ],
)
def test_by_hand(frames: list[int], piece: Piece) -> None:
    assert fit(exact(frames), 0, media(50), media(50)) == (piece,)


def test_a_hold_and_usual_speeds() -> None:
    for frames, speed in (([5] * 30, "0"), ([2 * k for k in range(30)], "2"), ([int((k + 0.5) * 25 / 24) for k in range(200)], "25/24")):
        (piece,) = fit(exact(frames), 0, media(500), media(500))
        assert piece.speed == Fraction(speed)


def test_a_cut_is_two_pieces() -> None:
    pieces = fit(exact([*range(100, 150), *range(10, 60)]), 0, media(500), media(500))
    assert [(p.ref_first, p.ref_count, p.clip_start_s, p.speed) for p in pieces] == [(0, 50, Fraction(100, 24), 1), (50, 50, Fraction(10, 24), 1)]


def test_hours_take_a_moment() -> None:
    start = time.perf_counter()
    assert len(fit(exact(list(range(7, 200_007))), 0, media(200_100), media(200_000))) == 1
    assert time.perf_counter() - start < 2


def test_frames_that_do_not_exist_are_refused() -> None:
    with pytest.raises(MediaError):
        fit([(0, 10)], 0, media(10), media(10))


def test_the_simplest_fraction() -> None:
    assert simplest_between(Fraction(31, 100), Fraction(35, 100)) == Fraction(1, 3)
    assert simplest_between(Fraction(-5, 2), Fraction(-1, 3)) == -1 and simplest_between(Fraction(-1), Fraction(2)) == 0
