"""Which record frames of an event play something of the old footage: worked out frame by frame here."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genlock.core.alignment import Media
from genlock.otio_adapters.conform.repoint import Bridge, Playing, repoint

from .test_conform import between

OLD = 60
BRIDGE = Bridge(between([k for k in range(OLD)], Fraction(24), Fraction(24), OLD))


@pytest.mark.parametrize("speed", [Fraction(x) for x in "1 -1 3/2 -1/3 1/1000 25/24 0".split()])
@pytest.mark.parametrize("start_s", [Fraction(x) for x in "0 -7 -1/48 1 5/2 9 599/240".split()])
def test_those_whose_middle_lies_in_the_footage(start_s: Fraction, speed: Fraction) -> None:
    event = Playing(500, Fraction(25), start_s, speed)
    middles = [start_s + (k + Fraction(1, 2)) / 25 * speed for k in range(500)]
    plays = {k for k, time_s in enumerate(middles) if 0 <= time_s < Fraction(OLD, 24)}
    found = repoint(event, BRIDGE)
    assert {k for part in found.parts if part.piece for k in range(part.first, part.first + part.count)} == plays
    assert found.missing == 500 - len(plays)


def test_of_a_day_over_seconds_the_seconds_alone_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, plain = [0], Media.frame_at

    def counted(media: Media, time_s: Fraction) -> int:
        looked[0] += 1
        return plain(media, time_s)

    monkeypatch.setattr(Media, "frame_at", counted)
    day = 24 * 3600 * 25
    found = repoint(Playing(day, Fraction(25), Fraction(-3600), Fraction(1)), BRIDGE)
    assert day - found.missing == round(OLD * 25 / 24) and looked[0] < 1000
