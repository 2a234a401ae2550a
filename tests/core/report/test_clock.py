"""Names of frames, and round places on an axis."""

from __future__ import annotations

from fractions import Fraction

from genlock.core.report.clock import Clock, seconds_words
from genlock.tests.core.report.made import media

NTSC = Fraction(30000, 1001)


def test_drop_frame_follows_the_file() -> None:
    assert Clock.of(media(rate=NTSC, timecode="00:00:00;00")).label(1800) == "00:01:00;02"
    assert Clock.of(media(rate=NTSC, timecode="00:00:00:00")).label(1800) == "00:01:00:00"


def test_a_rate_without_drop_frame_never_drops() -> None:
    assert Clock.of(media(timecode="00:00:00;00")).label(25) == "00:00:01:00"


def test_counting_from_the_first_frame_number() -> None:
    assert Clock.of(media(rate=Fraction(24), start_frame=1001)).label(0) == "00:00:41:17"


def test_variable_rate_names_the_time() -> None:
    clock = Clock.of(media(frames=3, pts=(0, 40, 1000), time_base=Fraction(1, 1000)))
    assert [clock.label(n) for n in range(3)] == ["00:00:00:00", "00:00:00:01", "00:00:01:00"]


def test_ticks_are_round_and_few() -> None:
    ticks = Clock.of(media(frames=250, start_frame=90007)).ticks(0, 10, 6)
    assert [text for _, text in ticks] == ["01:00:02:00", "01:00:04:00", "01:00:06:00", "01:00:08:00", "01:00:10:00"]
    assert ticks[0][0] == (2 * 25 - 7) / 25


def test_ticks_of_drop_frame_look_round() -> None:
    clock = Clock.of(media(frames=36000, rate=NTSC, timecode="00:00:00;00"))
    assert [text for _, text in clock.ticks(0, 1201, 5)] == ["00:00:00;00", "00:05:00;02", "00:10:00;00", "00:15:00;02", "00:20:00;00"]


def test_ticks_of_a_moment_and_of_a_day() -> None:
    clock = Clock.of(media(frames=1))
    assert len(clock.ticks(0, 0.04, 3)) >= 1
    assert len(clock.ticks(0, 30 * 3600, 6)) <= 6


def test_lengths() -> None:
    assert seconds_words(Fraction(24, 5)) == "4.80 s"
    assert seconds_words(125) == "2 min 5.0 s"
    assert seconds_words(6729) == "1 h 52 min 9 s"
    assert seconds_words(59.999) == "1 min 0.0 s"
