"""FCP7 XML and FCPXML as readers of others play them: the stock OpenTimelineIO adapters."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.otio_adapters.formats import render
from genlock.otio_adapters.xml_text import from_bytes

from .maps import alignments

QUICK = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
BINARY = (Fraction(8), Fraction(16), Fraction(32))
"""The stock FCPXML adapter cuts seconds times rate down to a whole number, in floats: right at these, a frame low at others."""
WHOLE = tuple(Fraction(n) for n in (24, 25, 30, 50))


def played(items, ref: Media, zero: float, rate: Fraction, begin: float = 0.0) -> list[int | None]:
    """What a track of cuts, which begins at a time, shows in the middle of each ref frame; frames count from `zero` seconds of the media."""
    out: list[int | None] = [None] * ref.frames
    for item in items:
        if not isinstance(item, otio.schema.Clip):
            continue
        place = item.range_in_parent()
        for frame in range(ref.frames):
            t = begin + float(ref.middle_of(frame)) - place.start_time.to_seconds()
            if 0 <= t < place.duration.to_seconds():
                out[frame] = int((item.source_range.start_time.to_seconds() - zero + t) * float(rate))
    return out


@given(st.sampled_from(WHOLE).flatmap(lambda rate: alignments((rate,), vfr=False)))
@QUICK
def test_fcp7_as_its_otio_adapter_plays_it(made: tuple[Alignment, list[int | None]]) -> None:
    alignment, shown = made
    text = render(alignment, ".xml")[0][".xml"].decode()
    timeline = otio.adapters.read_from_string(text, "fcp_xml")
    timeline = timeline if isinstance(timeline, otio.schema.Timeline) else timeline[0]
    clip_track = timeline.video_tracks()[1] if len(timeline.video_tracks()) > 1 else []
    assert played(clip_track, alignment.ref, alignment.clip.start_frame / float(alignment.clip.rate), alignment.clip.rate) == shown


@given(st.sampled_from(BINARY).flatmap(lambda rate: alignments((rate,), vfr=False)))
@QUICK
def test_fcpxml_as_its_otio_adapter_plays_it(made: tuple[Alignment, list[int | None]]) -> None:
    alignment, shown = made
    if all(frame is None for frame in shown):
        return
    text = render(alignment, ".fcpxml")[0][".fcpxml"].decode()
    (timeline,) = otio.adapters.read_from_string(text, "fcpx_xml").find_children(descended_from_type=otio.schema.Timeline)
    zero = alignment.clip.start_frame / float(alignment.clip.rate)
    # offsets of a spine count from tcStart, as Final Cut writes them; the stock adapter takes that for a gap of an hour
    assert played(timeline.video_tracks()[0], alignment.ref, zero, alignment.clip.rate, 3600.0) == shown


def one(pieces: tuple[Piece, ...], rate: str = "24000/1001", **more) -> Alignment:
    clip = replace(Media("/m/a b & c.mov", 500, Fraction(rate), 640, 480), **{k[5:]: v for k, v in more.items() if k.startswith("clip_")})
    ref = replace(Media("/m/ref.mov", 60, Fraction(rate), 1920, 1080, sound=True), **{k[4:]: v for k, v in more.items() if k.startswith("ref_")})
    end = sum(piece.ref_count for piece in pieces)
    runs = (Run(0, end, Verdict.AMBIGUOUS, pieces, (Key(0, (2.0, 0, 0, 0, 2.0, 0, 0, 0, 1)),), notes=("look < here",)),)
    return Alignment(clip, ref, (*runs, Run(end, 60 - end, Verdict.UNMATCHED)) if end < 60 else runs)


def test_fcpxml_by_hand() -> None:
    """A reader of 23.976 is not to be had (the stock adapter stops at it), so it is read line by line."""
    made = one((Piece(0, 20, Fraction(1001, 2400), Fraction(1)),), ref_timecode="01:00:00:00", clip_timecode="02:00:00:00", clip_start_frame=172800)
    body, notes = render(made, ".fcpxml")
    root = from_bytes(body[".fcpxml"])
    item, gap = root.find(".//spine") or []
    assert item.attrib | {"name": ""} == {
        "ref": "asset1", "name": "", "offset": f"{Fraction(86400 * 1001, 24000)}s", "duration": "1001/1200s", "format": "format1",
        "start": f"{Fraction(172810 * 1001, 24000)}s",
    }  # fmt: skip
    assert (gap.tag, gap.get("duration")) == ("gap", f"{Fraction(40 * 1001, 24000)}s")
    assert [marker.get("value") for marker in item] == ["ambiguous, confidence 0.00", "look < here"]
    assert any("does not say where" in note for note in notes)


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml"])
def test_speeds_become_cuts_and_are_told(suffix: str) -> None:
    held, back = Piece(0, 10, Fraction(10, 24), Fraction(0)), Piece(10, 10, Fraction(20, 24), Fraction(-1))
    made = one((held, back, Piece(20, 5, Fraction(0), Fraction(2))), "24")
    body, notes = render(made, suffix)
    assert "written as 25 cuts" in notes[0]
    tag = "clipitem" if suffix == ".xml" else "asset-clip"
    assert body[suffix].count(f"<{tag} ".encode()) == 25 + 2 * (suffix == ".xml")


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml"])
def test_what_readers_would_play_wrongly_is_refused(suffix: str) -> None:
    steady = (Piece(0, 20, Fraction(0), Fraction(1)),)
    with pytest.raises(FormatError, match=r"25 and 24 frames a second.*write \.otio, \.edl or \.mlt"):
        render(one(steady, "24", clip_rate=Fraction(25)), suffix)
    with pytest.raises(FormatError, match=r"variable.*write \.otio"):
        render(one(steady, "24", ref_pts=tuple(range(60)), ref_time_base=Fraction(1, 24)), suffix)
    long = replace(one(steady, "24"), ref=Media("/r.mov", 6000, Fraction(24), 8, 8), clip=Media("/c.mov", 20000, Fraction(24), 8, 8))
    with pytest.raises(FormatError, match=r"as cuts they would be 6000.*write \.otio"):
        render(replace(long, runs=(Run(0, 6000, Verdict.EXACT, (Piece(0, 6000, Fraction(0), Fraction(2)),)),)), suffix)


def test_drop_frame_and_names() -> None:
    made = one((Piece(0, 60, Fraction(0), Fraction(1)),), "30000/1001", ref_timecode="00:59:59;29")
    assert b"<string>00:59:59;29</string>" in render(made, ".xml")[0][".xml"] and b"<displayformat>DF" in render(made, ".xml")[0][".xml"]
    assert b'tcFormat="DF"' in render(made, ".fcpxml")[0][".fcpxml"]
    assert b"file://localhost/m/a%20b%20%26%20c.mov" in render(made, ".xml")[0][".xml"]


def test_xml_from_others_expands_nothing() -> None:
    with pytest.raises(FormatError, match="entities"):
        from_bytes(b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]><a>&b;&d;</a>')
    with pytest.raises(FormatError, match="not XML"):
        from_bytes(b"<a>")
    assert from_bytes(b"<?xml version='1.0'?><!DOCTYPE fcpxml><fcpxml/>").tag == "fcpxml"
