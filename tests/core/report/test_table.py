"""The table, read with the standard library's own reader."""

from __future__ import annotations

import csv
import io
import math
from fractions import Fraction

import pytest

from genlock.core.alignment import Alignment, Key
from genlock.core.report.table import COLUMNS, frame_scores, to_csv
from genlock.tests.core.report.made import aligned, crop, found, media, missing


def read(alignment: Alignment) -> list[dict[str, str]]:
    text = to_csv(alignment)
    assert text.count("\r\n") == text.count("\n") == alignment.ref.frames + 1
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_frame_has_its_line() -> None:
    ntsc = Fraction(24000, 1001)
    run = found(4, 3, 7, rate=ntsc, transform=(Key(4, crop(211, 97, 0.5)),))
    lines = read(aligned(media(rate=ntsc), media(frames=8, rate=ntsc, timecode="01:00:00:00", start_frame=86400), missing(0, 4), run, missing(7, 1)))
    assert list(lines[0]) == list(COLUMNS)
    assert [line["ref_frame"] for line in lines] == [str(n) for n in range(8)]
    assert [line["clip_frame"] for line in lines] == ["", "", "", "", "7", "8", "9", ""]
    row = lines[5]
    assert row["ref_timecode"] == "01:00:00:05"
    assert row["clip_timecode"] == "00:00:00:08"
    assert row["ref_time_s"] == f"{5 * 1001 / 24000:.6f}"
    assert row["clip_time_s"] == f"{8 * 1001 / 24000:.6f}"
    assert (row["verdict"], row["score"], row["confidence"], row["speed"]) == ("exact", "0.97", "0.99", "1")
    assert [float(row[f"m{k // 3}{k % 3}"]) for k in range(9)] == list(crop(211, 97, 0.5))
    assert lines[0]["verdict"] == "unmatched"
    assert lines[0]["score"] == lines[0]["speed"] == lines[0]["m00"] == ""


def test_matrices_between_keys() -> None:
    run = found(0, 5, 0, transform=(Key(0, crop(0, 0)), Key(4, crop(8, 0))))
    assert [float(line["m02"]) for line in read(aligned(media(), media(frames=5), run))] == [0, 2, 4, 6, 8]


def test_variable_rate() -> None:
    ref = media(frames=3, pts=(0, 100, 150), time_base=Fraction(1, 1000))
    lines = read(aligned(media(), ref, found(0, 3, 0)))
    assert [line["ref_time_s"] for line in lines] == ["0.000000", "0.100000", "0.150000"]
    assert [line["clip_frame"] for line in lines] == ["1", "3", "4"]


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(25, 24), Fraction(-1), Fraction(0), Fraction(1001, 1000), Fraction(2)])
@pytest.mark.parametrize("rates", [(Fraction(24000, 1001), Fraction(25)), (Fraction(25), Fraction(24000, 1001)), (Fraction(60), Fraction(30))])
def test_the_frame_in_the_middle_is_shown(rates: tuple[Fraction, Fraction], speed: Fraction) -> None:
    """By the definition, in fractions: what plays in the middle of each ref frame, held inside the clip."""
    clip, ref = media("clip.mov", 70, rate=rates[0]), media(frames=60, rate=rates[1])
    lines = read(aligned(clip, ref, found(0, 60, 31, speed, rate=rates[0])))
    for n, line in enumerate(lines):
        time_s = 31 / rates[0] + (n + Fraction(1, 2)) / rates[1] * speed
        assert line["clip_frame"] == str(min(69, max(0, math.floor(time_s * rates[0]))))


def test_a_frames_own_score_wins() -> None:
    a = aligned(media(), media(frames=3), found(0, 3, 0), evidence={"scores": [0.5, None, 0.25]})
    assert [line["score"] for line in read(a)] == ["0.5", "0.97", "0.25"]


def test_odd_evidence_is_passed_by() -> None:
    for odd in (None, "none", 3, [None] * 9, ["x", float("nan"), 7.0]):
        scores = frame_scores(aligned(media(), media(frames=3), found(0, 3, 0), evidence={"scores": odd}))
        assert len(scores) == 3
        assert all(score is None or 0 <= score <= 1 for score in scores)
