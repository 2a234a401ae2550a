"""FCPXML and FCP7 XML re-pointed in place: frames by the stock adapters, and everything else as it was."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction

import opentimelineio as otio
import pytest

from genlock.core.alignment import Alignment, Media, Piece, Run, Verdict
from genlock.otio_adapters.conform import Conformed, Pair, conform
from genlock.otio_adapters.formats import render

from .test_conform import between

OLD, NEW = "/old/reel 1.mov", "/new/reel 1.mov"
RATE = Fraction(16)
SHOWN: list[int | None] = [None if 30 <= n < 34 else n + 10 if n < 60 else n + 50 for n in range(120)]


def conformed(suffix: str, pieces: tuple[Piece, ...], shown: list[int | None] = SHOWN, new_rate: Fraction = RATE) -> Conformed:
    """An edit of the old footage, re-pointed. The edit is what genlock wrote of the old footage laid on some ref."""
    old, ref = Media(OLD, 120, RATE, 8, 8), Media("/m/ref.mov", 100, RATE, 8, 8)
    end = sum(piece.ref_count for piece in pieces)
    runs = (Run(0, end, Verdict.EXACT, pieces, notes=("look",)), Run(end, 100 - end, Verdict.UNMATCHED))
    body = render(Alignment(old, ref, runs), suffix)[0][suffix]
    return conform(body, suffix, [Pair(OLD, NEW)], lambda pair: between(shown, RATE, new_rate, 300, 0, 0))


def played(done: Conformed, suffix: str) -> list[tuple[str, int] | None]:
    read = otio.adapters.read_from_string(done.body.decode(), "fcp_xml" if suffix == ".xml" else "fcpx_xml")
    if not isinstance(read, otio.schema.Timeline):
        (read,) = read.find_children(descended_from_type=otio.schema.Timeline)
    track = read.video_tracks()[1 if suffix == ".xml" else 0]
    begin = 0 if suffix == ".xml" else 3600 * 16
    out: list[tuple[str, int] | None] = [None] * 100
    for item in track:
        if isinstance(item, otio.schema.Clip):
            place = item.range_in_parent()
            path = otio.url_utils.filepath_from_url(item.media_reference.target_url)
            for k in range(int(place.duration.value)):
                out[int(place.start_time.value) - begin + k] = (path, int(item.source_range.start_time.value) + k)
    return out


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml"])
def test_frames(suffix: str) -> None:
    """One event found, one with a hole, one over a cut of the new footage."""
    pieces = tuple(Piece(first, 20, Fraction(at, 16), Fraction(1)) for first, at in ((0, 5), (20, 25), (40, 50), (60, 0)))
    done = conformed(suffix, pieces)
    wanted: list[tuple[str, int] | None] = []
    for at in (*range(5, 25), *range(25, 45), *range(50, 70), *range(20)):
        new = SHOWN[at]
        wanted.append((OLD, at) if new is None else (NEW, new))
    assert played(done, suffix) == wanted + [None] * 20
    assert (done.events, done.moved) == (4, 3) and len(done.missing) == 1 and "4 of 20 frames are not found" in done.missing[0]


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml"])
def test_another_rate_is_left_alone_and_told(suffix: str) -> None:
    done = conformed(suffix, (Piece(0, 20, Fraction(0), Fraction(1)),), new_rate=Fraction(24))
    assert done.moved == 0 and "another frame rate" in done.missing[0] and "conform the .otio" in done.missing[0]
    assert played(done, suffix)[:20] == [(OLD, n) for n in range(20)]


def test_an_fcpxml_keeps_what_hangs_on_an_event() -> None:
    body = b"""<?xml version="1.0"?><!DOCTYPE fcpxml><fcpxml version="1.9"><resources>
    <format id="r1" frameDuration="1/16s"/><asset id="r2" name="reel 1" start="0s" duration="120/16s" format="r1" src="file:///old/reel%201.mov"/>
    <asset id="r3" name="title" start="0s" duration="9s" format="r1" src="file:///old/title.mov"/></resources>
    <library><event><project><sequence format="r1" tcStart="0s"><spine>
    <asset-clip ref="r2" name="a" offset="0s" start="20/16s" duration="20/16s" audioRole="dialogue"><adjust-volume amount="-3dB"/>
      <asset-clip ref="r3" lane="1" name="t" offset="36/16s" duration="1s"/><marker start="22/16s" duration="1/16s" value="m"/></asset-clip>
    <asset-clip ref="r2" name="slow" offset="20/16s" start="0s" duration="1s"><timeMap><timept time="0s" value="0s"/></timeMap></asset-clip>
    <clip name="old manner" offset="4s" duration="1s"><video ref="r2" name="v" offset="0s" duration="1s"/></clip>
    </spine></sequence></project></event></library></fcpxml>"""
    done = conform(body, ".fcpxml", [Pair(OLD, NEW)], lambda pair: between(SHOWN, RATE, RATE, 300))
    spine = ET.fromstring(done.body).find(".//spine") or []
    first, kept, last, slow, _ = spine
    assert [item.get("ref") for item in spine] == ["genlock1", "r2", "genlock1", "r2", None]
    assert [item.get("start") for item in spine] == ["15/8s", "15/8s", "11/4s", "0s", None]
    assert [item.get("offset") for item in spine] == ["0s", "5/8s", "7/8s", "20/16s", "4s"]
    assert first.find("adjust-volume") is not None and first.get("audioRole") == "dialogue" and kept.find("marker") is None
    assert first.find("marker").get("start") == "2s" and first.find("asset-clip") is None
    assert last.find("asset-clip").attrib == {"ref": "r3", "lane": "1", "name": "t", "offset": "23/8s", "duration": "1s"}
    assert slow.find("timeMap") is not None and "changes speed" in done.missing[1] and "<video>" in done.missing[2]


def test_an_xml_with_a_speed_is_left_alone_and_told() -> None:
    body = render(Alignment(Media(OLD, 120, RATE, 8, 8), Media("/r.mov", 20, RATE, 8, 8), (
        Run(0, 20, Verdict.EXACT, (Piece(0, 20, Fraction(0), Fraction(1)),)),)), ".xml")[0][".xml"]  # fmt: skip
    slow = body.replace(b'<file id="file-clip"', b'<filter><effect><effectid>timeremap</effectid></effect></filter><file id="file-clip"')
    assert slow != body
    done = conform(slow, ".xml", [Pair(OLD, NEW)], lambda pair: between(SHOWN, RATE, RATE, 300))
    assert (done.events, done.moved) == (1, 0) and "changes speed" in done.missing[0]
