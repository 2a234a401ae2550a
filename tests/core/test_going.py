"""How far an alignment is, by its time: with a clock that is held by hand, what is said is what will be."""

from __future__ import annotations

import pytest

from genlock.core.going import AFTER_S, LEAST_S, Going, held_up_from_now

FRAMES = 100_000
SIZE = (FRAMES, 640 * 360, 10**9)


class Hands:
    """A clock, and a machine of which we have `share`."""

    def __init__(self, share: float = 1.0) -> None:
        self.now_s, self.share = 50.0, share

    def clock(self) -> float:
        return self.now_s

    def held_up(self) -> float:
        return 1 / self.share


def left_s(going: Going, elapsed_s: float) -> float:
    """As the terminal says it."""
    done = going.now()
    return elapsed_s * (1 - done) / done


@pytest.mark.parametrize("share", [1.0, 0.25])
@pytest.mark.parametrize("reading_s", [60.0, 4000.0])
def test_what_is_left_is_right_from_the_first_tenth_on(reading_s, share):
    """Both files read evenly, and solving takes what its frames say, four times as long where others have three quarters of the cores."""
    hands = Hands(share)
    going = Going([SIZE, SIZE], hands.clock, hands.held_up)
    after_s = (LEAST_S + AFTER_S * 2 * FRAMES) / share
    before, hands.now_s = 0.0, 50 + 1e-6
    going.read(0, 0.0), going.read(1, 0.0)
    for k in range(1, 51):
        hands.now_s = 50 + reading_s * k / 50
        going.read(0, k / 50), going.read(1, k / 50)
        elapsed = hands.now_s - 50
        if elapsed >= 2:
            assert left_s(going, elapsed) == pytest.approx(reading_s - elapsed + after_s, rel=1e-6)
        assert going.now() >= before
        before = going.now()
    assert going.now() == pytest.approx(reading_s / (reading_s + after_s), rel=1e-6)


def test_what_was_read_before_takes_no_time():
    """One file is kept whole, of the other one six tenths: what is left is told by the four that are read now."""
    hands = Hands()
    going = Going([SIZE, SIZE], hands.clock, hands.held_up)
    going.finished(0)
    for k in range(1, 41):
        hands.now_s = 50 + 10 * k / 40
        going.read(1, 0.6 + 0.4 * (k - 1) / 39)
    assert going.words(("clip", "ref")) == "reading, of which 60% was read before"
    hands.now_s = 55.0
    fresh = Going([SIZE, SIZE], hands.clock, hands.held_up)
    fresh.finished(0)
    fresh.read(1, 0.6)
    hands.now_s = 60.0
    fresh.read(1, 0.7)
    assert left_s(fresh, 5.0) == pytest.approx(15 + LEAST_S + AFTER_S * 2 * FRAMES, rel=1e-6)


def test_nothing_to_read_leaves_all_to_what_comes_after():
    hands = Hands()
    going = Going([SIZE, SIZE], hands.clock, hands.held_up)
    going.finished(0), going.finished(1)
    hands.now_s += 0.2
    assert going.now() < 0.02


def test_it_never_goes_back():
    """Reading that becomes ten times slower, and a machine that others take: the share stands still at worst."""
    hands = Hands()
    going = Going([SIZE, (100, 100, 0)], hands.clock, hands.held_up)
    told = []
    for k in range(100):
        hands.now_s += 0.1 if k < 50 else 10
        hands.share = 1 if k < 70 else 0.2
        going.read(0, k / 100)
        told.append(going.now())
    assert told == sorted(told) and told[-1] < 1
    going.finished(1)
    assert going.words(("clip", "ref")) == "reading the clip"


def test_lengths_that_nobody_knows():
    going = Going([(0, 100, 0), (0, 100, 0)])
    going.read(0, 1.0)
    assert 0 <= going.now() <= 1


def test_how_much_others_hold_us_up_is_a_number_from_one_on():
    assert held_up_from_now()() >= 1
