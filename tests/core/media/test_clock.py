"""Time: constant rates behind rounded time stamps, variable ones kept, edit lists and start times, timecode."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genlock.core.media.clock import mean_rate, rising, steady_rate
from genlock.core.media.footage import ReadOptions, open_footage

NTSC = Fraction(24000, 1001)


@pytest.mark.parametrize("rate", [NTSC, Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(120), Fraction(1000, 67)])
@pytest.mark.parametrize("tick", [Fraction(1, 1000), Fraction(1, 90000), Fraction(1, 600)])
@pytest.mark.parametrize("way", ["floor", "round"])
def test_rounded_stamps_are_a_constant_rate(rate, tick, way):
    times = [k / rate / tick for k in range(2000)]
    pts = tuple(int(t // 1) if way == "floor" else round(t) for t in times)
    for header in (rate, Fraction(25)):
        found = steady_rate(pts, tick, header)
        assert found is not None
        assert abs(found / rate - 1) < (0 if header == rate or rate != 1000 / Fraction(67) else Fraction(1, 10_000)) or found == rate


def test_what_is_not_constant():
    tick = Fraction(1, 1000)
    steady = [round(k * 1000 / NTSC) for k in range(200)]
    for name, pts in {
        "a missing frame": steady[:100] + steady[101:],
        "a pause": steady[:100] + [p + 500 for p in steady[100:]],
        "two rates": [k * 40 for k in range(100)] + [4000 + k * 33 for k in range(100)],
        "half a frame late once": [*steady[:50], steady[50] + 20, *steady[51:]],
    }.items():
        assert steady_rate(tuple(pts), tick, NTSC) is None, name


def test_a_tick_as_long_as_a_frame_hides_nothing():
    assert steady_rate((0, 1, 2, 3, 4), Fraction(1, 25), Fraction(25)) == 25
    assert steady_rate((0, 1, 2, 4, 5), Fraction(1, 25), Fraction(25)) is None


def test_rate_of_footage_with_missing_frames_is_its_own():
    pts = tuple(512 * k for k in range(300) if k not in (50, 51, 200))
    assert mean_rate(pts, Fraction(1, 12800), Fraction(25)) == 25
    swinging = tuple(np.cumsum([40 + 30 * (k % 3) for k in range(99)]).tolist())
    assert abs(mean_rate(swinging, Fraction(1, 1000), Fraction(25)) - Fraction(1000, 70)) < Fraction(1, 2)


def test_stamps_that_fall_go_on():
    assert rising((0, 40, 80), 40) == (0, 40, 80)
    assert rising((0, 40, 80, 0, 40, 80), 40) == (0, 40, 80, 120, 160, 200)
    assert rising((0, 40, 40, 80), 40) == (0, 40, 80, 120)


@pytest.mark.parametrize("name", ["film.mkv", "film.mp4", "film.mov", "film.ts", "film.avi"])
def test_23976_in_every_container(tmp_path, film, numbered, name):
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    path = film(tmp_path / name, numbered(100), rate=NTSC, codec=codec)
    with open_footage(path) as footage:
        list(footage.frames())
        media = footage.media()
    assert (media.rate, media.pts) == (NTSC, None)
    assert media.time_of(100) == 100 / NTSC


@pytest.mark.parametrize("name", ["vfr.mp4", "vfr.mkv"])
def test_variable_rate_by_its_stamps(tmp_path, film, numbered, read_number, name):
    truth = [0, 40, 80, 100, 120, 140, 300, 340, 400, 1400, 1440]
    path = film(tmp_path / name, numbered(11), pts=truth, time_base=Fraction(1, 1000), rate=25, options={"bf": "2"})
    with open_footage(path) as footage:
        assert [read_number(frame.luma()) for frame in footage.frames()] == list(range(11))
        media = footage.media()
        assert media.pts is not None
        assert [media.time_of(k) for k in range(11)] == [Fraction(t, 1000) for t in truth]
        assert media.frame_at(Fraction(399, 1000)) == 7 and media.frame_at(Fraction(4, 10)) == 8
        assert Fraction(1440, 1000) < media.duration_s < Fraction(2500, 1000)
        assert [read_number(frame.luma()) for frame in footage.at([9, 4])] == [4, 9]


def test_a_rate_that_was_asked_for_holds(tmp_path, film, numbered):
    path = film(tmp_path / "film.mp4", numbered(20), rate=25)
    with open_footage(path, ReadOptions(rate="23.976")) as footage:
        list(footage.frames())
        assert (footage.info.rate, footage.media().rate, footage.media().pts) == (NTSC, NTSC, None)


def test_first_shown_frame_is_number_0(tmp_path, film, numbered, read_number):
    """An edit list that begins at frame 7, in the middle of a group of pictures: the frames before it are not footage."""
    path = film(tmp_path / "trimmed.mp4", numbered(40), options={"g": "12", "bf": "2"})
    _edit(path, start_frame=7, frames=25)
    with open_footage(path) as footage:
        assert [read_number(frame.luma()) for frame in footage.frames()] == list(range(7, 32))
        media = footage.media()
        assert (media.frames, media.pts, media.rate, media.lost) == (25, None, 25, 0)
        assert [(frame.number, read_number(frame.luma())) for frame in footage.at([0, 10, 24])] == [(0, 7), (10, 17), (24, 31)]


def test_a_late_start_is_no_time_of_the_footage(tmp_path, film, numbered):
    path = film(tmp_path / "late.mkv", numbered(10), pts=[k + 50 for k in range(10)])
    with open_footage(path) as footage:
        frames = list(footage.frames())
        assert (frames[0].number, footage.info.first_pts) == (0, 2000)
        assert footage.media().time_of(0) == 0 and footage.media().lost == 0


@pytest.mark.parametrize(
    ("rate", "code", "frame"),
    [(25, "10:00:00:05", 900005), (NTSC, "01:00:00:00", 86400), (Fraction(30000, 1001), "01:00:00;02", 107894)],
)
def test_timecode_track(tmp_path, film, numbered, rate, code, frame):
    def setup(_, stream):
        stream.metadata["timecode"] = code

    path = film(tmp_path / "camera.mov", numbered(5), rate=rate, setup=setup)
    with open_footage(path) as footage:
        list(footage.frames())
        media = footage.media()
    assert (media.timecode, media.start_frame) == (code, frame)


def test_timecode_that_cannot_be_is_kept_but_not_counted(tmp_path, film, numbered):
    def setup(container, _):
        container.metadata["timecode"] = "01:00:00;02"

    path = film(tmp_path / "odd.mkv", numbered(5), rate=25, setup=setup)
    with open_footage(path) as footage:
        assert (footage.info.timecode, footage.info.start_frame) == ("01:00:00;02", 0)


def _edit(path, start_frame: int, frames: int) -> None:
    """Rewrite the one entry of an mp4's edit list (elst, version 0): where it starts in the media, and how long it is."""
    body = bytearray(path.read_bytes())
    at = body.index(b"elst") + 4 + 8
    media_time = int.from_bytes(body[at + 4 : at + 8], "big")
    body[at : at + 4] = (frames * 1000 // 25).to_bytes(4, "big")
    body[at + 4 : at + 8] = (media_time + start_frame * 512).to_bytes(4, "big")
    path.write_bytes(body)
