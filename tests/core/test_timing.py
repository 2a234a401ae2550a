"""Frame numbers and timecode, against counting by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genlock.core.errors import UsageError
from genlock.core.timing import FrameRate, frames_of, timecode


@pytest.mark.parametrize("fps", ["24000/1001", "24", "25", "30000/1001", "60", "12", "25/2"])
def test_a_frame_begins_where_it_begins(fps: str) -> None:
    rate = FrameRate(Fraction(fps))
    assert all(rate.frame_at(rate.time_of(n)) == n for n in range(-500, 5000))


@pytest.mark.parametrize("fps", [30, 60])
def test_drop_frame_counts_as_by_hand(fps: int) -> None:
    rate, frame, skipped = FrameRate(Fraction(fps * 1000, 1001)), 0, fps // 15
    for minute in range(22):
        for label in range(skipped if minute % 10 else 0, fps * 60):
            text = f"00:{minute:02d}:{label // fps:02d};{label % fps:02d}"
            if label % 97 < 3 or label < 5:
                assert timecode(frame, rate, drop=True) == text and frames_of(text, rate) == frame
            frame += 1


@pytest.mark.parametrize("text", ["00:01:00;00", "1:2:3", "00:00:00:30", "00:60:00:00", ""])
def test_what_is_no_timecode(text: str) -> None:
    with pytest.raises(UsageError):
        frames_of(text, FrameRate(Fraction(30000, 1001)))


def test_rates_as_people_write_them() -> None:
    assert FrameRate.parse("23.976").fps == Fraction(24000, 1001) and FrameRate.parse(29.97).fps == Fraction(30000, 1001)
    assert timecode(-1, FrameRate(Fraction(25))) == "23:59:59:24" and timecode(86400 * 25, FrameRate(Fraction(25))) == "00:00:00:00"
