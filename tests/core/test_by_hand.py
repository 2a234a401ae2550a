"""What a person fixes stays fixed: anchors, range, and time or space taken out of the solver's hands."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genlock.core.align import align
from genlock.core.alignment import IDENTITY, Media, Verdict
from genlock.core.errors import NotSameFootage, UsageError
from genlock.core.settings import AlignSettings
from genlock.core.sync.hints import read_hints
from genlock.hosts.demo.cutting import trim
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin

OFFSET = 9
"""Clip frames before the one that the ref begins with."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("by-hand")
    scene = reel(5, (60, 50), size_wh=(320, 180))
    twin = Twin("by_hand", scene, clip=Side(time=(trim(3, 108),)), ref=Side(time=(trim(3 + OFFSET, 100),)))
    twin.write(folder)
    return str(folder / "clip.mp4"), str(folder / "ref.mp4")


def lock(pair, **settings):
    return align(*pair, AlignSettings(cache="off", **settings))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"time": "audio"},
        {"time": "off", "anchor": (f"{OFFSET + 20}=20",)},
        {"time": "frames"},
        {"space": "off"},
        {"space": "shift"},
        {"quality": "final"},
    ],
    ids=str,
)
def test_every_way_leads_to_the_same_frames(pair, settings):
    found = lock(pair, **settings)
    assert found.clip_frames() == [n + OFFSET for n in range(found.ref.frames)]
    assert found.matrix_at(10) == pytest.approx(IDENTITY, abs=1e-9)
    assert {run.verdict for run in found.runs} == {Verdict.EXACT}


def test_the_clock_alone_is_believed_but_not_praised(pair):
    """Without an anchor both start together: wrong here by OFFSET frames, and the pictures say so."""
    found = lock(pair, time="off", space="off")
    assert found.clip_frames()[:50] == list(range(50))
    assert found.runs[0].verdict is Verdict.AMBIGUOUS
    assert found.runs[0].confidence < 0.5


def test_an_anchor_holds_against_the_pictures(pair):
    shown = lock(pair, anchor=("70=20",)).clip_frames()
    assert shown[20] == 70
    assert shown[:20] == [n + OFFSET for n in range(20)]


@pytest.mark.parametrize(("first", "last"), [(12, 40), (20, 23), (30, 30)])
def test_a_range_leaves_the_rest_open(pair, first, last):
    shown = lock(pair, range=f"{first}-{last}").clip_frames()
    assert {n: j for n, j in enumerate(shown) if j is not None} == {n: n + OFFSET for n in range(first, last + 1)}


def test_sound_is_told_where_it_was_heard(pair):
    heard = lock(pair, quality="final").evidence["sound"]
    rate = Fraction(lock(pair, quality="draft").ref.rate)
    assert heard["offset_s"] == pytest.approx(float(OFFSET / rate), abs=0.01)


def test_sound_that_is_not_there(pair, tmp_path):
    Twin("mute", reel(5, (30,), size_wh=(160, 90)), clip=Side(sound=False), ref=Side(sound=False)).write(tmp_path)
    with pytest.raises(NotSameFootage, match="is not heard") as caught:
        align(tmp_path / "clip.mp4", tmp_path / "ref.mp4", AlignSettings(cache="off", time="audio"))
    assert caught.value.alignment.matched == 0


def test_a_frame_of_something_else_is_a_picture_that_is_not_in_the_film(pair, tmp_path):
    Twin("one", reel(5, (1,), size_wh=(160, 90)), clip=Side(sound=False), ref=Side(sound=False)).write(tmp_path)
    with pytest.raises(NotSameFootage):
        align(tmp_path / "clip.mp4", pair[1], AlignSettings(cache="off"))


FILM = Media("film.mov", 500, Fraction(24000, 1001), 320, 180, start_frame=86400, timecode="01:00:00:00")
SHOT = Media("shot.%04d.exr", 100, Fraction(24), 320, 180, start_frame=1001)
CODED = Media("coded.%04d.dpx", 100, Fraction(24), 320, 180, start_frame=1001, timecode="02:00:00:00")


@pytest.mark.parametrize(
    ("anchor", "clip", "ref", "frames"),
    [
        ("20=30", FILM, FILM, (20, 30)),
        ("01:00:02:00=1010", FILM, SHOT, (48, 9)),
        ("1003=02:00:01:00", CODED, CODED, (2, 24)),
        (" 1001 = 00:00:01:05 ", SHOT, Media("plain.mp4", 50, Fraction(25), 8, 8), (0, 30)),
    ],
)
def test_anchors_count_as_the_files_do(anchor, clip, ref, frames):
    assert read_hints(AlignSettings(anchor=(anchor,)), clip, ref).anchors == (frames,)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"anchor": ("20",)}, "has no '='"),
        ({"anchor": ("20=600",)}, "does not have"),
        ({"anchor": ("ten=20",)}, "is not a timecode"),
        ({"anchor": ("1=20", "2=20")}, "same ref frame"),
        ({"range": "40-20"}, "ends before it starts"),
        ({"range": "40"}, "has no '-'"),
        ({"range": "40-9999"}, "does not have"),
    ],
)
def test_what_makes_no_sense_is_said(settings, says):
    with pytest.raises(UsageError, match=says):
        read_hints(AlignSettings(**settings), FILM, FILM)
