"""OTIO's JSON written and read by hand, against OpenTimelineIO itself and against genlock's own timelines."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import opentimelineio as otio
import pytest

from genlock.core.alignment import IDENTITY, Alignment, Key, Media, Piece, Run, Verdict
from genlock.hosts.blender import otio_in, otio_out
from genlock.hosts.blender.lines import Line, lines, simplest
from genlock.hosts.blender.refusing import CannotLay
from genlock.otio_adapters.timeline import to_timeline


def sampled(timeline, track):
    """The frame that plays in the middle of each timeline frame, by OpenTimelineIO alone; None in gaps."""
    out = []
    rate = Fraction(timeline.metadata["genlock"]["rate"])
    for item in timeline.tracks[track]:
        count = round(item.duration().to_seconds() * float(rate))
        if isinstance(item, otio.schema.Gap):
            out += [None] * count
            continue
        scalar = next((effect.time_scalar for effect in item.effects if hasattr(effect, "time_scalar")), 1.0)
        start = item.source_range.start_time
        for k in range(count):
            value = start.value + (k + 0.5) / float(rate) * scalar * start.rate
            out.append(int((value - item.media_reference.available_range.start_time.value + 1e-9) // 1))
    return out


FRAMES = {
    "cuts": (*range(10, 30), *range(70, 90)),
    "pulled down": tuple(int((k + Fraction(1, 2)) * Fraction(24, 25)) for k in range(60)),
    "held and back": (*range(5, 20), *[19] * 12, *range(19, 4, -1)),
    "two by two": tuple(range(4, 60, 2)),
    "at random": tuple(random.Random(4).randrange(90) for _ in range(40)),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001)])
def test_opentimelineio_plays_the_frames_that_were_written(name, rate):
    shown = otio_out.Shown(7, FRAMES[name], "/footage/a b#1.mov", Fraction(24), 100, "a b#1.mov", {"transform": list(IDENTITY)})
    text = json.dumps(otio_out.timeline("made", rate, [[shown]]))
    timeline = otio.adapters.read_from_string(text, "otio_json")
    assert sampled(timeline, 0) == [None] * 7 + list(FRAMES[name])
    assert timeline.tracks[0][1].media_reference.target_url == "file:///footage/a%20b%231.mov"


def test_lines_are_as_long_as_they_go():
    assert lines(FRAMES["pulled down"]) == [Line(0, 60, Fraction(0), Fraction(24, 25))]
    assert [line.count for line in lines(FRAMES["cuts"])] == [20, 20]
    assert simplest(Fraction(3, 10), Fraction(4, 10)) == Fraction(1, 3)


def alignment_of(clip: Media, ref: Media, *pieces: Piece, keys=(Key(0, IDENTITY),)) -> Alignment:
    matched = Run(pieces[0].ref_first, sum(p.ref_count for p in pieces), Verdict.EXACT, pieces, keys, 0.9, 0.99)
    before = (Run(0, matched.ref_first, Verdict.UNMATCHED),) if matched.ref_first else ()
    after = (Run(matched.ref_end, ref.frames - matched.ref_end, Verdict.UNMATCHED),) if matched.ref_end < ref.frames else ()
    return Alignment(clip, ref, (*before, matched, *after))


CLIP, REF = (
    Media("/c.mov", 90, Fraction(25), 160, 90),
    Media("/r.mov", 60, Fraction(24000, 1001), 320, 180, timecode="01:00:00:07", start_frame=86407),
)
ALIGNED = {
    "ramp": alignment_of(
        CLIP, REF, Piece(5, 20, Fraction(3, 25), Fraction(1)), Piece(25, 12, Fraction(1), Fraction(0)), Piece(37, 20, Fraction(3), Fraction(-7, 5))
    ),
    "pal": alignment_of(CLIP, REF, Piece(0, 60, Fraction(1, 100), Fraction(1001, 1000) * Fraction(24, 25))),
    "moving": alignment_of(CLIP, REF, Piece(9, 40, Fraction(0), Fraction(1)), keys=(Key(9, IDENTITY), Key(40, (2.0, 0, 5.0, 0, 2.0, 1.0, 0, 0, 1)))),
    "variable": alignment_of(
        Media("/v.mkv", 30, Fraction(24), 160, 90, tuple(n * 40 + n * n for n in range(30)), Fraction(1, 1000)),
        REF,
        Piece(2, 40, Fraction(1, 50), Fraction(1)),
    ),
}


@pytest.mark.parametrize("name", ALIGNED)
def test_what_genlock_writes_is_read_frame_for_frame(name, tmp_path):
    alignment = ALIGNED[name]
    path = tmp_path / "x.otio"
    otio.adapters.write_to_file(to_timeline(alignment), str(path))
    read = otio_in.load(str(path))
    shown = {event.at + n: frame for event in read.tracks[1] for n, frame in enumerate(event.frames)}
    assert [shown.get(n) for n in range(alignment.ref.frames)] == alignment.clip_frames()
    for event in read.tracks[1]:
        for n in range(len(event.frames)):
            matrix = event.matrices[0] if len(event.matrices) == 1 else event.matrices[n]
            assert matrix == pytest.approx(alignment.matrix_at(event.at + n))
    assert read.tracks[0][0].frames == tuple(range(alignment.ref.frames))


def test_what_cannot_be_read_is_named(tmp_path):
    clip = otio.schema.Clip("lost", source_range=otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(10, 24)))
    inner = otio.schema.Stack("inside", source_range=clip.source_range)
    known = clip.deepcopy()
    known.media_reference = otio.schema.ExternalReference("sub/x.mov")
    timeline = otio.schema.Timeline("t")
    timeline.tracks.append(otio.schema.Track("v", [clip, inner, otio.schema.Transition(), known]))
    path = tmp_path / "x.otio"
    otio.adapters.write_to_file(timeline, str(path))
    read = otio_in.load(str(path))
    assert read.tracks[0][0].path == str(tmp_path / "sub" / "x.mov") and read.tracks[0][0].at == 20
    assert [note.split(",")[0] for note in read.notes] == [
        "lost names no file",
        "what is nested is left out: Stack inside",
        "transitions are laid as cuts",
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"OTIO_SCHEMA": "Clip.1"}', '{"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": []}}', '{"OTIO_SCHEMA": "Timeline.1"}']
)
def test_what_is_no_timeline_is_refused(text, tmp_path):
    (tmp_path / "x.otio").write_text(text)
    with pytest.raises(CannotLay):
        otio_in.load(str(tmp_path / "x.otio"))


@pytest.mark.parametrize(
    ("said", "exact"), [(24.0, "24"), (23.976, "24000/1001"), (24000 / 1001, "24000/1001"), (29.97, "30000/1001"), (12.5, "25/2"), (60, "60")]
)
def test_rates(said, exact):
    assert otio_in.exact_rate(said) == Fraction(exact)
