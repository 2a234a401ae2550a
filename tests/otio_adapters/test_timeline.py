"""Timelines play the map, as an independent reader in doubles plays them."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings

from genlock.core.alignment import IDENTITY, Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError, UsageError
from genlock.otio_adapters.formats import read, render
from genlock.otio_adapters.timeline import from_timeline, to_timeline

from .maps import alignments

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def sampled(timeline: otio.schema.Timeline, clip: Media, ref: Media) -> list[int | None]:
    """What track 2 plays in the middle of each ref frame: written from OTIO's documentation, in doubles."""
    edges = [float(clip.time_of(frame)) for frame in range(clip.frames + 1)]
    out: list[int | None] = [None] * ref.frames
    for item in timeline.video_tracks()[1]:
        if not isinstance(item, otio.schema.Clip):
            continue
        place = item.range_in_parent()
        first, end = place.start_time.to_seconds(), place.end_time_exclusive().to_seconds()
        scalar = math.prod([effect.time_scalar for effect in item.effects])
        begin = item.source_range.start_time.to_seconds() - item.media_reference.available_range.start_time.to_seconds()
        for frame in range(ref.frames):
            t = float(ref.middle_of(frame))
            if first <= t < end:
                at = begin + (t - first) * scalar
                if clip.pts is None:
                    out[frame] = math.floor(at * float(clip.rate) + 1e-6)
                else:
                    out[frame] = sum(edge <= at for edge in edges) - 1
    return out


@given(alignments())
@QUICK
def test_the_timeline_plays_the_map(made: tuple[Alignment, list[int | None]]) -> None:
    alignment, shown = made
    timeline = otio.adapters.read_from_string(render(alignment, ".otio")[0][".otio"].decode(), "otio_json")
    assert sampled(timeline, alignment.clip, alignment.ref) == shown
    assert timeline.duration().to_seconds() == pytest.approx(float(alignment.ref.duration_s), abs=1e-9)
    if alignment.ref.pts is None and alignment.clip.pts is None:
        assert timeline.duration() == otio.opentime.RationalTime(alignment.ref.frames, float(alignment.ref.rate))
        assert timeline.duration().rate == float(alignment.ref.rate)
    assert from_timeline(timeline) == alignment


def _small(**more) -> Alignment:
    clip = Media("/a b/clip #1 100% é.mp4", 100, Fraction(25), 640, 480, start_frame=90000, timecode="01:00:00:00")
    ref = Media("/ref?.mov", 60, Fraction(24000, 1001), 1920, 1080, start_frame=86400, timecode="01:00:00:00", sound=True)
    keys = (Key(0, IDENTITY), Key(20, (2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0)), Key(39, IDENTITY))
    pieces = (Piece(0, 30, Fraction(1, 5), Fraction(1)), Piece(30, 10, Fraction(2), Fraction(0)))
    run = Run(0, 40, Verdict.AMBIGUOUS, pieces, keys, 0.9, 0.5, ((50, 60),), "scale", ("a grade changes here",))
    return Alignment(clip, ref, (run, Run(40, 20, Verdict.UNMATCHED)), {"edl": "cmx"}, {}, "0.1", **more)


def test_what_a_timeline_holds() -> None:
    timeline = to_timeline(_small())
    assert timeline.global_start_time == otio.opentime.RationalTime(86400, 24000 / 1001)
    ref_track, clip_track, sound = timeline.tracks
    assert (sound.kind, len(sound), ref_track[0].source_range.duration.value) == (otio.schema.TrackKind.Audio, 1, 60)
    first, held, gap = clip_track
    assert otio.url_utils.filepath_from_url(first.media_reference.target_url) == "/a b/clip #1 100% é.mp4"
    at = otio.opentime.RationalTime
    assert first.media_reference.available_range == otio.opentime.TimeRange(at(90000, 25), at(100, 25))
    assert first.source_range.start_time == otio.opentime.RationalTime(90005, 25) and not first.effects
    assert isinstance(held.effects[0], otio.schema.FreezeFrame) and isinstance(gap, otio.schema.Gap)
    assert [key["frame"] for key in first.metadata["genlock"]["transform"]] == [0, 20, 39]
    assert [key["frame"] for key in held.metadata["genlock"]["transform"]] == [20, 39]
    assert {m.name for m in first.markers} == {"ambiguous: clip frames 90050 to 90060 look the same", "low confidence: 50%", "a grade changes here"}
    about = timeline.metadata["genlock"]
    assert (about["version"], about["runs"][0]["verdict"], about["runs"][0]["score"]) == ("0.1", "ambiguous", 0.9)


def test_a_timeline_without_a_readable_timecode_starts_nowhere() -> None:
    alignment = _small()
    odd = Media("/r.mov", 60, Fraction(24), 8, 8, timecode="?")
    assert to_timeline(Alignment(alignment.clip, odd, alignment.runs)).global_start_time is None


def test_an_old_reader_can_have_it() -> None:
    old = otio.versioning.fetch_map("OTIO_CORE", "0.14.0")
    assert '"Clip.1"' in otio.adapters.write_to_string(to_timeline(_small()), "otio_json", target_schema_versions=old)


def test_a_changed_timeline_is_refused() -> None:
    timeline = to_timeline(_small())
    timeline.tracks[1][0].source_range = timeline.tracks[1][1].source_range
    with pytest.raises(FormatError, match="changed since"):
        from_timeline(timeline)


@pytest.mark.parametrize("thing", [otio.schema.Clip(), otio.schema.Timeline(), otio.schema.Timeline(metadata={"genlock": {"alignment": "{"}})])
def test_what_genlock_did_not_write_is_refused(thing) -> None:
    with pytest.raises(FormatError):
        from_timeline(thing)


@pytest.mark.parametrize("suffix", [".otio", ".json"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"null", b"[]", b'{"OTIO_SCHEMA":"Nothing.1"}', b'{"OTIO_SCHEMA":"Timeline.1","tracks":3}',
     b'{"genlock_alignment": 1}', b'{"genlock_alignment": 99}', b'{"genlock_alignment": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_hostile_files_are_refused(tmp_path, suffix: str, body: bytes) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(body)
    with pytest.raises(FormatError):
        read(path)


def test_suffixes(tmp_path) -> None:
    alignment = _small()
    for suffix in (".otio", ".json"):
        (tmp_path / f"a{suffix}").write_bytes(render(alignment, suffix.upper())[0][suffix])
        assert read(tmp_path / f"a{suffix}") == alignment
    with pytest.raises(UsageError):
        render(alignment, ".xyz")
    with pytest.raises(UsageError):
        read(tmp_path / "a.edl")


def test_writing_leaves_the_alignment_as_it_was() -> None:
    alignment = _small()
    before = json.dumps(alignment.to_json())
    render(alignment, ".otio")
    render(alignment, ".edl")
    assert json.dumps(alignment.to_json()) == before
