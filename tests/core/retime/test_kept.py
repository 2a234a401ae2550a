"""What a retimed film keeps: depth, colour, HDR, chapters, timecode; and memory that does not grow with its length."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from genlock.bench.retime_scenes import Figure, Scene
from genlock.core.media.footage import open_footage
from genlock.core.media.info import Colour
from genlock.core.media.plates import Chapter, Form, LightLevel, Mastering, PictureInfo, open_plates
from genlock.core.media.write import WriteSettings, open_writer
from genlock.core.retime.cuts import CutSettings
from genlock.core.retime.making import made
from genlock.core.retime.output import info_of, retimed_timecode
from genlock.core.retime.plan import plan
from genlock.core.retime.scan import scan
from genlock.core.settings_retime import RetimeSettings
from genlock.tests.core.render.made import charts, film
from genlock.tests.core.retime.ideal import Exact

NTSC = Fraction(24000, 1001)
DISPLAY = Mastering(
    ((Fraction(34000, 50000), Fraction(16000, 50000)), (Fraction(13250, 50000), Fraction(34500, 50000)), (Fraction(3, 20), Fraction(3, 50))),
    (Fraction(15635, 50000), Fraction(16450, 50000)), Fraction(1, 10000), Fraction(1000),
)  # fmt: skip


class Mixing(Exact):
    """Mixes, whatever it is asked."""

    def middle(self, a, b, t=0.5):
        self.asked += 1
        return np.asarray(a + (b - a) * np.float32(float(t)), np.float32)


def retime(source, out, settings: RetimeSettings, interpolator=None):
    with open_footage(source) as footage:
        seen = scan(footage, CutSettings())
    times = plan(seen.beats, settings.out_rate(), settings.times)
    with open_plates(source) as plates:
        info = info_of(plates.info, times, 0, times.count, settings.size_wh())
        with open_writer(out, info, WriteSettings(depth=settings.depth, codec=settings.codec)) as writer:
            for one in made(plates, seen, times, settings, interpolator or Mixing()):
                writer.write(one.picture, times.pts(one.moment.number))
    return seen


def test_hdr_chapters_and_timecode_stay(tmp_path):
    scene = Scene("s", (Figure((0.8, 0.2, 0.2), (50, 60), (3, 0), 2, size=0.6),), size_wh=(160, 128))
    info = PictureInfo(
        160, 128, Form("yuv", 10, False, False, (2, 2)), NTSC, 1 / NTSC, colour=Colour(9, 16, 9, False), timecode="01:00:00:07",
        mastering=DISPLAY, light=LightLevel(900, 300),
        chapters=(Chapter(Fraction(0), Fraction(1, 4), "one"), Chapter(Fraction(1, 4), Fraction(1, 2), "two")),
        metadata={"title": "a film"},
    )  # fmt: skip
    with open_writer(tmp_path / "in.mp4", info, WriteSettings(codec="h265")) as writer:
        for k in range(8):
            writer.write(scene.frame(k))
    retime(tmp_path / "in.mp4", tmp_path / "out.mp4", RetimeSettings(fps="60", codec="h265"))
    with open_plates(tmp_path / "in.mp4") as was, open_plates(tmp_path / "out.mp4") as now:
        a, b = was.info, now.info
        assert (b.colour, b.mastering, b.light, b.bits, b.form) == (a.colour, a.mastering, a.light, 10, a.form)
        assert b.rate == 60 and b.timecode == "01:00:00:17" and b.metadata["title"] == "a film"
        assert [(c.title, c.start_s) for c in b.chapters] == [(c.title, c.start_s) for c in a.chapters]
        assert len(list(now.frames())) == round(8 / NTSC * 60)


@pytest.mark.parametrize(
    ("code", "was", "will", "after_s", "told"),
    [
        ("01:00:00:07", NTSC, NTSC, Fraction(0), "01:00:00:07"),
        ("01:00:00:12", Fraction(24), Fraction(48), Fraction(0), "01:00:00:24"),
        ("01:00:00:12", Fraction(24), Fraction(24), Fraction(2), "01:00:02:12"),
        ("00:00:10;03", Fraction(30000, 1001), Fraction(60000, 1001), Fraction(0), "00:00:10;06"),
        (None, NTSC, Fraction(60), Fraction(0), None),
    ],
)
def test_timecode_at_another_rate(code, was, will, after_s, told):
    info = PictureInfo(2, 2, Form("yuv", 8, False, False, (2, 2)), was, 1 / was, timecode=code)
    assert retimed_timecode(info, will, after_s) == told


@pytest.mark.parametrize(
    "settings", [RetimeSettings(times=2, method="plain"), RetimeSettings(fps="60"), RetimeSettings(method="multipass", n_forward=3)]
)
def test_any_part_is_as_in_the_whole(tmp_path, settings):
    source = film(tmp_path / "in.mkv", charts([0, 0, 1, 2, 2, 3, 5, 5, 9, 9, 12, 13, 13, 14]), NTSC)
    with open_footage(source) as footage:
        seen = scan(footage, CutSettings())
    seen = replace(seen, cadences=tuple(replace(c, holds=(2, 3)) for c in seen.cadences))
    times = plan(seen.beats, settings.out_rate(), settings.times)

    def pictures(first: int, end: int):
        with open_plates(source) as plates:
            out = [one.picture for one in made(plates, seen, times, settings, Mixing(), first, end)]
            return [p if isinstance(p, np.ndarray) else p.rgb() for p in out]

    whole = pictures(0, times.count)
    assert len(whole) == times.count
    for first in (1, times.count // 2, times.count - 2):
        assert all(np.array_equal(a, b) for a, b in zip(pictures(first, times.count), whole[first:], strict=True))


def test_memory_does_not_grow_with_length(tmp_path):
    peaks = []
    for frames in (30, 120):
        source = film(tmp_path / f"{frames}.mkv", charts([k // 2 for k in range(frames)], (320, 192)), NTSC)
        with open_footage(source) as footage:
            seen = scan(footage, CutSettings())
        seen = replace(seen, cadences=tuple(replace(c, holds=(2, 3)) for c in seen.cadences))
        tracemalloc.start()
        with open_plates(source) as plates:
            for _ in made(plates, seen, plan(seen.beats, times=2), RetimeSettings(times=2), Mixing()):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_a_fade_to_black_and_the_next_one_out_of_it_are_two_films_and_motion_is_not_followed_through_black(tmp_path):
    light = [1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0.2, 0.4, 0.6, 0.8, 1]
    chart = list(charts(range(12)))
    source = film(tmp_path / "in.mkv", [(chart[k] * light[k]).astype(np.uint8) for k in range(12)], NTSC)
    with open_footage(source) as footage:
        seen = scan(footage, CutSettings())
    dark = {5, 6}
    assert all(not dark & {*range(s.first, s.end)} or {*range(s.first, s.end)} <= dark for s in seen.stretches)
    assert "hold" not in (seen.ways[4], seen.ways[6])


def test_linear_light_is_brought_back_bit_for_bit_where_nothing_is_made(tmp_path):
    form = Form("rgb", 32, is_float=True, alpha=False, sub_wh=(1, 1))
    info = PictureInfo(64, 48, form, Fraction(24), Fraction(1, 24), kind="sequence", start_frame=5)
    rng = np.random.default_rng(1)
    pictures = [rng.normal(1, 3, (48, 64, 3)).astype(np.float32) for _ in range(3)]
    with open_writer(tmp_path / "in.%04d.exr", info) as writer:
        for picture in pictures:
            writer.write(picture)
    retime(tmp_path / "in.%04d.exr", tmp_path / "out.%04d.exr", RetimeSettings(times=2, method="plain"))
    with open_plates(tmp_path / "out.%04d.exr") as plates:
        out = [plate.rgb() for plate in plates.frames()]
    assert all(np.array_equal(out[2 * k], pictures[k]) for k in range(3))
    assert plates.info.start_frame == 5
    assert np.isfinite(out[1]).all() and out[1].min() < 0
