"""Twelve hours and more: stamps beyond 32 bits, sound beyond 2 ** 31 samples, midnight, drop frame; to the tick."""

from __future__ import annotations

import struct
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from genlock.core.alignment import Media
from genlock.core.media.plates.info import LightLevel
from genlock.core.media.write.boxes import add_hdr_boxes
from genlock.core.retime.beats import Beats
from genlock.core.retime.plan import plan
from genlock.core.timing import FrameRate, frames_of, timecode
from genlock.tests.contracts.found import found
from genlock.tests.contracts.made import DROP, HZ, NTSC, Recipe, Track, make
from genlock.tests.contracts.test_films import do, exact

HALF_HOUR = 1800
HOURS = 14
"""2 ** 32 ticks of 1/90000 s are 13.3 hours, 2 ** 31 samples of 48 kHz are 12.4."""


@pytest.mark.parametrize("kind", ["render", "drop repeats", "plain"])
@pytest.mark.parametrize("ticks", [90_000, 1_000_000])
def test_stamps_beyond_32_bits(kind: str, ticks: int, tmp_path: Path) -> None:
    """A picture every half an hour or so, each stamp some ticks from where a rounded one would lie."""
    pts = tuple(n * HALF_HOUR * ticks + n * n % 7 for n in range(2 * HOURS + 1))
    recipe = exact(pts=pts, time_base=F(1, ticks), rate=F(1, HALF_HOUR))
    source = make(recipe, tmp_path)
    given, seen = found(source), found(do(kind, recipe, source, tmp_path))
    assert seen.times_s == given.times_s == recipe.times_s
    assert seen.times_s[-1] >= HOURS * 3600
    assert seen.pictures == given.pictures


@pytest.mark.parametrize("kind", ["render", "drop repeats"])
def test_sound_beyond_31_bits_of_samples(kind: str, tmp_path: Path) -> None:
    late = F(13 * 3600)
    pts = tuple(n * HALF_HOUR * 1000 for n in range(2 * HOURS + 1))
    recipe = Recipe(pts=pts, time_base=F(1, 1000), rate=F(1, HALF_HOUR), tracks=(Track(F(1, 4), late=late),))
    (sound,) = found(do(kind, recipe, make(recipe, tmp_path), tmp_path)).sounds
    assert late * HZ > 2**31
    loud = np.flatnonzero(np.abs(sound.samples).max(axis=1))
    begins_s = sound.begins_s + F(int(loud[0]), HZ)
    assert abs(begins_s - late) <= F(1, 1000)
    assert np.array_equal(sound.samples[loud[0] : loud[0] + HZ // 4], recipe.tracks[0].samples(0))


def test_hdr_boxes_in_a_film_of_five_gigabytes(tmp_path: Path) -> None:
    """Its pictures lie in a box whose size takes 64 bits; between the header's two parts there is nothing on the disk."""
    small = make(exact(size_wh=(64, 64)), tmp_path).read_bytes()
    at, boxes = 0, {}
    while at < len(small):
        size, kind = struct.unpack_from(">I4s", small, at)
        boxes[kind] = small[at : at + size]
        at += size
    large = 5 << 30
    with open(tmp_path / "large.mov", "wb+") as file:
        file.write(boxes[b"ftyp"] + struct.pack(">I4sQ", 1, b"mdat", large))
        file.seek(len(boxes[b"ftyp"]) + large)
        file.write(boxes[b"moov"])
        assert add_hdr_boxes(file, None, LightLevel(1000, 400))
        file.seek(len(boxes[b"ftyp"]) + large)
        moov = file.read()
    assert struct.unpack_from(">I4s", moov) == (len(boxes[b"moov"]) + 12, b"moov")
    assert struct.pack(">I4s2H", 12, b"clli", 1000, 400) in moov


@pytest.mark.parametrize(("rate", "out"), [(NTSC, F(60)), (DROP, F(24)), (NTSC, DROP), (F(25), NTSC)])
def test_twelve_hours_at_another_rate_drift_by_nothing(rate: F, out: F) -> None:
    frames = round(12 * 3600 * rate)
    made = plan(Beats(frames, rate), out)
    assert made.count == round(frames / rate * out)
    for number in (*range(20), *range(made.count // 2, made.count // 2 + 20), *range(made.count - 100, made.count)):
        moment = made.moment(number)
        assert made.pts(number) * made.time_base == number / out == (moment.frame + moment.share) / rate


@pytest.mark.parametrize("rate", [NTSC, DROP, F(60000, 1001)])
def test_a_frame_at_hour_twelve_begins_where_it_begins(rate: F) -> None:
    at = round(12 * 3600 * rate)
    film = Media("a", at + 10, rate, 48, 32)
    assert film.time_of(at) == at / rate
    assert film.time_of(at) * HZ == at * HZ / rate, "its sample"
    fps = FrameRate(rate)
    day = {24: 24 * 86_400, 30: 2_589_408, 60: 5_178_816}[fps.nominal]
    """Frame numbers from midnight to midnight; drop frame leaves out 2 (4) in 1296 minutes of the 1440."""
    for number in (at, at + 1, day - 1, day, day + 1, 2 * at, 2 * at + 12_345, 3 * day + 17):
        code = timecode(number, fps, fps.drops)
        assert frames_of(code, fps) == number % day
    assert timecode(day - 1, fps, fps.drops) == f"23:59:59{';' if fps.drops else ':'}{fps.nominal - 1}"
    assert timecode(day, fps, fps.drops) == f"00:00:00{';' if fps.drops else ':'}00"
