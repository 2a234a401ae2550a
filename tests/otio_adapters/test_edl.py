"""What a written EDL plays, by an evaluator of its own, is the map."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pycmx
import pytest
from hypothesis import HealthCheck, given, settings

from genlock.core.alignment import Alignment, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.otio_adapters.edl import to_edl
from genlock.otio_adapters.edl_text import ascii_only, from_text, reel_names

from .maps import TIMECODE_RATES, alignments

LINE = re.compile(r"^(\d{3})  (.{8}) V     C        (\S+) (\S+) (\S+) (\S+)$")


def label_to_frame(text: str, nominal: int) -> int:
    """Frame of a timecode, by counting whole minutes; drop frame skips two (four) labels a minute, but not each tenth."""
    h, m, s, f = (int(x) for x in re.split("[:;]", text))
    frame = ((h * 60 + m) * 60 + s) * nominal + f
    skipped = sum(minute % 10 != 0 for minute in range(1, h * 60 + m + 1)) * (nominal // 15)
    return frame - (skipped if ";" in text else 0)


def evaluated(texts: list[str], alignment: Alignment, manner: str) -> list[int | None]:
    clip, ref = alignment.clip, alignment.ref
    clip_n, ref_n = math.ceil(clip.rate), math.ceil(ref.rate)
    zero = label_to_frame(ref.timecode, ref_n) if ref.timecode else 3600 * ref_n
    clip_zero = label_to_frame(clip.timecode, clip_n) if clip.timecode else clip.start_frame
    out: list[int | None] = [None] * ref.frames
    for text in texts:
        assert text.isascii() and text.count("\n") == text.count("\r\n")
        lines = text.split("\r\n")
        for at, line in enumerate(lines):
            found = LINE.match(line)
            if not found:
                continue
            source, end, record, stop = (label_to_frame(found[k], nominal) for k, nominal in ((3, clip_n), (4, clip_n), (5, ref_n), (6, ref_n)))
            clip_day, ref_day = (label_to_frame(f"24:00:00{found[k][8]}00", n) for k, n in ((3, clip_n), (5, ref_n)))
            begin = (source - clip_zero) % clip_day
            span = (end - source) % clip_day
            count = (stop - record) % ref_day
            first = (record - zero) % ref_day
            speed = Fraction(1)
            if lines[at + 1].startswith("M2"):
                assert lines[at + 1].split()[1] == found[2].strip() and lines[at + 1].split()[3] == found[3]
                speed = Fraction(lines[at + 1].split()[2]) / ref_n
            slope = speed * clip.rate / ref.rate
            if manner == "resolve" and "M2" in lines[at + 1]:
                assert span == count
            if speed < 0:
                assert span == max(1, math.floor(count * -slope + Fraction(1, 2)))
                begin += span
            for k in range(count):
                out[first + k] = math.floor(begin + (k + Fraction(1, 2)) * slope)
    return out


@pytest.mark.parametrize("manner", ["cmx", "resolve"])
def test_the_edl_plays_the_map(manner: str) -> None:
    @given(alignments(TIMECODE_RATES, vfr=False))
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def check(made: tuple[Alignment, list[int | None]]) -> None:
        alignment, shown = made
        if all(frame is None for frame in shown):
            with pytest.raises(FormatError):
                to_edl(alignment, manner)
            return
        texts, _ = to_edl(alignment, manner)
        assert evaluated(texts, alignment, manner) == shown

    check()


def one(pieces: tuple[Piece, ...], clip_rate="24", ref_rate="24", frames: int = 5000, ref_frames: int = 5000, **more) -> Alignment:
    clip = Media("/x/été clip.mov", frames, Fraction(clip_rate), 8, 8, **{k[5:]: v for k, v in more.items() if k.startswith("clip_")})
    ref = Media("/x/ref.mov", ref_frames, Fraction(ref_rate), 8, 8, **{k[4:]: v for k, v in more.items() if k.startswith("ref_")})
    end = max((p.ref_first + p.ref_count for p in pieces), default=0)
    return Alignment(clip, ref, (Run(0, end, Verdict.EXACT, pieces), Run(end, ref_frames - end, Verdict.UNMATCHED)))


PLAIN = (
    Piece(0, 48, Fraction(100, 24), Fraction(1)),
    Piece(48, 48, Fraction(200, 24), Fraction(2)),
    Piece(96, 48, Fraction(300, 24), Fraction(1, 2)),
    Piece(144, 48, Fraction(448, 24), Fraction(-1)),
    Piece(192, 48, Fraction(500, 24), Fraction(0)),
)


def test_the_text_by_hand() -> None:
    (text,), notes = to_edl(one(PLAIN), "cmx")
    assert not notes
    assert text.split("\r\n") == [
        "TITLE: ete clip",
        "FCM: NON-DROP FRAME",
        "",
        "001  AX       V     C        00:00:04:04 00:00:06:04 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME: ete clip.mov",
        "002  AX       V     C        00:00:08:08 00:00:12:08 01:00:02:00 01:00:04:00",
        "M2   AX             048.0                00:00:08:08",
        "* FROM CLIP NAME: ete clip.mov",
        "003  AX       V     C        00:00:12:12 00:00:13:12 01:00:04:00 01:00:06:00",
        "M2   AX             012.0                00:00:12:12",
        "* FROM CLIP NAME: ete clip.mov",
        "004  AX       V     C        00:00:16:16 00:00:18:16 01:00:06:00 01:00:08:00",
        "M2   AX             -024.0                00:00:16:16",
        "* FROM CLIP NAME: ete clip.mov",
        "005  AX       V     C        00:00:20:20 00:00:20:21 01:00:08:00 01:00:10:00",
        "M2   AX             000.0                00:00:20:20",
        "* FROM CLIP NAME: ete clip.mov",
        "",
    ]


@pytest.mark.parametrize("manner", ["cmx", "resolve"])
def test_other_readers_read_it(manner: str) -> None:
    (text,), _ = to_edl(one(PLAIN), manner)
    assert len(list(pycmx.parse_cmx3600(io.StringIO(text)).events)) == 5
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=24)
    clips = list(timeline.find_clips())
    assert [clip.duration().value for clip in clips[:2]] == [48, 48]
    assert clips[0].source_range.start_time.value == 100
    if manner == "cmx":
        assert [clip.effects[0].time_scalar for clip in clips[1:3]] == [2.0, 0.5]
        assert isinstance(clips[4].effects[0], otio.schema.FreezeFrame) or clips[4].effects[0].time_scalar == 0


def test_drop_frame_and_midnight() -> None:
    piece = (Piece(0, 4000, Fraction(0), Fraction(1)),)
    made = one(piece, "30000/1001", "30000/1001", ref_timecode="23:59:00;02", clip_timecode="00:58:59;28", clip_start_frame=0)
    (text,), _ = to_edl(made)
    assert "FCM: DROP FRAME" in text
    assert "00:58:59;28 01:01:13;12 23:59:00;02 00:01:13;14" in text
    assert evaluated([text], made, "cmx")[:4000] == list(range(4000))


@pytest.mark.parametrize("manner", ["cmx", "resolve"])
def test_what_one_decimal_cannot_say_becomes_cuts(manner: str) -> None:
    made = one((Piece(0, 4000, Fraction(0), Fraction(1001, 1000)),))
    (text,), notes = to_edl(made, manner)
    assert evaluated([text], made, manner) == made.clip_frames()
    assert len(notes) == 1 and f"* GENLOCK: {notes[0]}" in text and text.count("FROM CLIP NAME") <= 8


def test_more_than_999_events_go_on_in_a_second_list() -> None:
    pieces = tuple(Piece(k, 1, Fraction((k * 37) % 5000, 24), Fraction(1)) for k in range(2100))
    made = one(pieces)
    texts, notes = to_edl(made)
    assert [text.count(" V  ") for text in texts] == [999, 999, 102] and "goes on in 2 more" in notes[-1]
    assert evaluated(texts, made, "cmx") == made.clip_frames()


@pytest.mark.parametrize("side", ["clip", "ref"])
@pytest.mark.parametrize("rate", ["120", "25/2", "2997/100"])
def test_rates_that_timecode_cannot_count_are_refused(side: str, rate: str) -> None:
    made = one((Piece(0, 10, Fraction(0), Fraction(1)),))
    wrong = replace(getattr(made, side), rate=Fraction(rate))
    with pytest.raises(FormatError, match=r"write \.otio"):
        to_edl(replace(made, **{side: wrong}))


def test_variable_rate_is_refused() -> None:
    made = one((Piece(0, 2, Fraction(0), Fraction(1)),), frames=2)
    with pytest.raises(FormatError, match="variable"):
        to_edl(replace(made, clip=replace(made.clip, pts=(0, 5), time_base=Fraction(1, 100))))


def test_reels_do_not_collide() -> None:
    reels = reel_names(["longfilename_a.mov", "longfilename_b.mov", "ax.mov", "….mov", "?.mov", "longfilename_a.mov"])
    assert list(reels.values()) == ["LONGFILE", "LONGFIL2", "AX2", "REEL", "REEL2"]


def test_ascii() -> None:
    assert ascii_only("né\r\n東.mov") == "ne???.mov"


@pytest.mark.parametrize("manner", ["cmx", "resolve"])
def test_what_we_write_we_read(manner: str) -> None:
    from genlock.otio_adapters.edl_text import to_text

    (text,), _ = to_edl(one(PLAIN), manner)
    assert to_text(from_text(text)) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("TITLE: x\nrubbish here", 2),
        ("TITLE: x\n\n001  AX V C 00:00:00:00 00:00:01:00 01:00:00:00", 3),
        ("001 AX V D 012 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00", 1),
        ("001 AX V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\nM2 AX fast 00:00:00:00", 2),
    ],
)
def test_malformed_lists_name_the_line(text: str, line: int) -> None:
    with pytest.raises(FormatError, match=f"line {line}:"):
        from_text(text)


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(FormatError, match="no video event"):
        from_text("TITLE: x")
