"""Frames in any order: the right ones, none decoded twice without need, few held."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlock.core.media.footage import open_footage
from genlock.core.media.plates import open_plates
from genlock.core.render.stream import RECENT, Ahead, in_order, legs
from genlock.tests.footage import number_on

from .made import charts, film


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(2, 9))
def test_any_order_is_shown_and_little_is_held(numbers: list[int], window: int) -> None:
    held: set[int] = set()
    shown: list[int] = []
    for leg in legs(numbers, window):
        assert list(leg.read) == sorted(leg.read) and not held & set(leg.read)
        held |= set(leg.read)
        assert set(leg.show) <= held
        shown += leg.show
        held -= set(leg.gone)
        assert len(held) <= RECENT
        assert len(set(leg.show)) <= window
    assert shown == numbers


def test_forwards_each_frame_is_read_once_and_alone() -> None:
    found = list(legs([0, 1, 1, 1, 2, 5, 6], 8))
    assert [leg.read for leg in found] == [(0,), (1,), (2,), (5,), (6,)]


def test_on_twos_with_a_frame_that_comes_back_nothing_is_read_again() -> None:
    order = [4, 4, 5, 4, 5, 5, 6, 5]
    assert sorted(number for leg in legs(order, 8) for number in leg.read) == [4, 5, 6]


def test_backwards_is_read_in_windows_each_forwards() -> None:
    found = list(legs(range(19, -1, -1), 8))
    assert [leg.read for leg in found] == [tuple(range(12, 20)), tuple(range(4, 12)), tuple(range(0, 4))]


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    return film(tmp_path / "n.mkv", charts(range(50)), codec="mpeg4", qmin="2", qmax="2")


@pytest.mark.parametrize("order", [[40, 41, 3, 4, 4, 5], list(range(30, 10, -1)), [0, 49, 0, 49], [7]])
def test_the_right_pictures_come_out_of_a_file(numbered: Path, order: list[int]) -> None:
    with open_footage(numbered) as footage:
        for _ in footage.frames():
            pass
        index = footage.index
    with open_plates(numbered, index=index) as plates:
        found = [number_on((plate.rgb() * 255).astype("uint8")) for plate in in_order(plates, order)]
    assert found == order


def test_ahead_gives_everything_and_hands_on_what_goes_wrong() -> None:
    ahead = Ahead(iter(range(100)))
    assert list(ahead) == list(range(100))
    ahead.close()

    def broken():  # type: ignore[no-untyped-def]
        yield 1
        raise OSError("disk")

    ahead = Ahead(broken())
    assert next(ahead) == 1
    with pytest.raises(OSError, match="disk"):
        next(ahead)
    ahead.close()


def test_ahead_stops_in_the_middle() -> None:
    taken: list[int] = []

    def counted():  # type: ignore[no-untyped-def]
        for n in range(10**9):
            taken.append(n)
            yield n

    ahead = Ahead(counted(), depth=2)
    assert next(ahead) == 0
    ahead.close()
    assert len(taken) < 20
