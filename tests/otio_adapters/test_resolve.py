"""The timeline in Resolve's shape plays the map, by OpenTimelineIO's sampling; and what Resolve is known to refuse is not in it."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings

from genlock.core.alignment import Alignment, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.otio_adapters.formats import render

from .maps import alignments
from .test_timeline import sampled

SHAPED = SimpleNamespace(edl="cmx", otio="resolve")


@given(alignments(vfr=False))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_plays_the_map(made: tuple[Alignment, list[int | None]]) -> None:
    alignment, shown = made
    timeline = otio.adapters.read_from_string(render(alignment, ".otio", SHAPED)[0][".otio"].decode(), "otio_json")
    assert sampled(timeline, alignment.clip, alignment.ref) == shown
    for item in timeline.find_clips():
        assert item.source_range.start_time.value == int(item.source_range.start_time.value)
        assert item.source_range.duration.rate == float(alignment.ref.rate)
        assert all(effect.time_scalar > 0 for effect in item.effects)


def test_its_shape() -> None:
    clip = Media("/m/a b.mov", 200, Fraction(24), 8, 8, start_frame=86400, timecode="01:00:00:00")
    ref = Media("/m/ref.mov", 60, Fraction(24), 8, 8, timecode="02:00:00:00", start_frame=172800, sound=True)
    pieces = (Piece(0, 24, Fraction(10, 24), Fraction(1)), Piece(24, 24, Fraction(40, 24), Fraction(2)), Piece(48, 4, Fraction(1), Fraction(0)))
    body, notes = render(Alignment(clip, ref, (Run(0, 52, Verdict.EXACT, pieces), Run(52, 8, Verdict.UNMATCHED))), ".otio", SHAPED)
    assert b'"Clip.2"' in body[".otio"] and b"file://" not in body[".otio"].split(b'"tracks"')[1]
    timeline = otio.adapters.read_from_string(body[".otio"].decode(), "otio_json")
    assert [track.name for track in timeline.tracks] == ["Video 1", "Video 2", "Audio 1"]
    assert timeline.global_start_time == otio.opentime.RationalTime(172800, 24)
    plain, fast, *held, gap = timeline.tracks[1]
    assert plain.media_reference.target_url == "/m/a b.mov" and plain.media_reference.available_range.start_time.value == 86400
    assert (plain.source_range.start_time.value, plain.source_range.duration.value) == (86410, 24)
    assert (fast.source_range.start_time.value, fast.source_range.duration.value, fast.effects[0].time_scalar) == (86440, 24, 2.0)
    assert len(held) == 4 and {item.source_range.start_time.value for item in held} == {86424} and isinstance(gap, otio.schema.Gap)
    assert "holds" in notes[0]


def test_a_variable_rate_is_refused() -> None:
    vfr = Media("/c.mov", 2, Fraction(24), 8, 8, pts=(0, 5), time_base=Fraction(1, 100))
    ref = Media("/r.mov", 2, Fraction(24), 8, 8)
    with pytest.raises(FormatError, match="variable"):
        render(Alignment(vfr, ref, (Run(0, 2, Verdict.UNMATCHED),)), ".otio", SHAPED)
