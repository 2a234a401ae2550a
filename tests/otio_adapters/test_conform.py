"""An edit in the new footage plays, frame by frame, the new frames of what it played of the old."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError, UsageError
from genlock.core.pieces import fit
from genlock.otio_adapters.conform import Pair, conform
from genlock.otio_adapters.conform.pairs import Named, pair_for, pairs_of

from .test_edl import label_to_frame

RATES = [Fraction(x) for x in ("24000/1001 24 25 30000/1001 50".split())]
OLD, NEW = "/old/reel 1.mov", "/new/reel 1.mov"
T = otio.opentime.RationalTime
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def between(shown: list[int | None], old_rate: Fraction, new_rate: Fraction, new_frames: int, old_start: int = 0, new_start: int = 0) -> Alignment:
    """The alignment of the new footage to the old that plays a map."""
    old = Media(OLD, len(shown), old_rate, 640, 480, start_frame=old_start)
    new = Media(NEW, new_frames, new_rate, 1920, 1080, start_frame=new_start)
    runs, first = [], 0
    while first < len(shown):
        end = first
        while end < len(shown) and (shown[end] is None) == (shown[first] is None):
            end += 1
        pieces = () if shown[first] is None else fit([None if x is None else (x, x) for x in shown[first:end]], first, new, old)
        runs.append(Run(first, end - first, Verdict.EXACT if pieces else Verdict.UNMATCHED, pieces))
        first = end
    return Alignment(new, old, tuple(runs))


@st.composite
def maps(draw) -> Alignment:
    """Re-edits, lost scenes and pull-downs between two versions."""
    old_rate, new_rate = draw(st.sampled_from(RATES)), draw(st.sampled_from(RATES))
    shown: list[int | None] = []
    while len(shown) < 60:
        at, length = draw(st.integers(0, 150)), draw(st.integers(5, 40))
        speed = draw(st.sampled_from((Fraction(1), Fraction(1), new_rate / old_rate, Fraction(4, 5))))
        gone = draw(st.integers(0, 5)) == 0
        shown += [None if gone else min(199, math.floor(at + k * speed)) for k in range(length)]
    return between(shown, old_rate, new_rate, 200, draw(st.sampled_from((0, 86400))), draw(st.sampled_from((0, 1001))))


def sampled(items, rate: Fraction, count: int) -> list[tuple[str, int] | None]:
    """(file, frame counted from its first) in the middle of each record frame: OTIO's documented meaning, in doubles."""
    out: list[tuple[str, int] | None] = [None] * count
    for item in items:
        if not isinstance(item, otio.schema.Clip):
            continue
        place, zero = item.range_in_parent(), item.media_reference.available_range.start_time
        scalar = math.prod([effect.time_scalar for effect in item.effects])
        for frame in range(count):
            t = (frame + 0.5) / float(rate) - place.start_time.to_seconds()
            if 0 <= t < place.duration.to_seconds():
                at = item.source_range.start_time.to_seconds() - zero.to_seconds() + t * scalar
                out[frame] = (item.media_reference.target_url, math.floor(at * float(zero.rate) + 1e-7))
    return out


def edit(alignment: Alignment, events: list[tuple[int, int, float]], rate: Fraction) -> otio.schema.Timeline:
    """A timeline of (first old frame, record frames, speed) events of the old footage."""
    old = alignment.ref
    available = otio.opentime.TimeRange(T(old.start_frame, float(old.rate)), T(old.frames, float(old.rate)))
    timeline = otio.schema.Timeline("edit", global_start_time=T(86400, float(rate)))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for first, count, speed in events:
        span = otio.opentime.TimeRange(T(old.start_frame + first, float(old.rate)), T(count, float(rate)))
        reference = otio.schema.ExternalReference(OLD, available)
        item = otio.schema.Clip(f"shot {first}", reference, span, metadata={"studio": {"keep": first}})
        if speed != 1:
            item.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
        track.append(item)
    timeline.tracks.append(track)
    return timeline


def run(timeline: otio.schema.Timeline, alignment: Alignment):
    done = conform(timeline.to_json_string().encode(), ".otio", [Pair(OLD, NEW)], lambda pair: alignment)
    return otio.adapters.read_from_string(done.body.decode(), "otio_json"), done


@given(maps(), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from((1.0, 1.0, 0.5, 2.0, -1.0, 0.96))), min_size=1, max_size=4),
       st.sampled_from(RATES))  # fmt: skip
@QUICK
def test_every_frame_of_an_otio_edit(alignment: Alignment, events: list[tuple[int, int, float]], rate: Fraction) -> None:
    timeline = edit(alignment, events, rate)
    count = sum(count for _, count, _ in events)
    before = sampled(timeline.video_tracks()[0], rate, count)
    shown = alignment.clip_frames()
    after, done = run(timeline, alignment)
    wanted = []
    for played in before:
        assert played is not None
        new = shown[played[1]] if 0 <= played[1] < len(shown) else None
        wanted.append(played if new is None else (NEW, new))
    edges = [k for k in range(count) if before[k] is not None and _near_edge(timeline.video_tracks()[0], rate, k, alignment.ref)]
    got = sampled(after.video_tracks()[0], rate, count)
    assert [g for k, g in enumerate(got) if k not in edges] == [w for k, w in enumerate(wanted) if k not in edges]
    assert done.events == len(events) and (done.moved == len(events)) == (not done.missing)
    assert after.video_tracks()[0].duration().to_seconds() == pytest.approx(timeline.video_tracks()[0].duration().to_seconds(), abs=1e-6)
    assert {item.metadata["studio"]["keep"] for item in after.find_clips()} == {first for first, _, _ in events}


def _near_edge(items, rate: Fraction, frame: int, old: Media) -> bool:
    """Whether the middle of a record frame lies on the edge of two old frames, where the edit itself is undecided."""
    for item in items:
        place = item.range_in_parent()
        t = (frame + 0.5) / float(rate) - place.start_time.to_seconds()
        if 0 <= t < place.duration.to_seconds():
            scalar = math.prod([effect.time_scalar for effect in item.effects])
            begin = item.source_range.start_time.to_seconds() - item.media_reference.available_range.start_time.to_seconds()
            at = (begin + t * scalar) * float(old.rate)
            return abs(at - round(at)) < 1e-4
    return False


def test_speeds_are_put_together_and_handles_stay() -> None:
    """A PAL version at 25 of a film at 24: an event at half speed becomes one event at 12/25, not a row of cuts."""
    old, new = Media(OLD, 200, Fraction(25), 8, 8), Media(NEW, 200, Fraction(24), 8, 8, start_frame=86400)
    alignment = Alignment(new, old, (Run(0, 200, Verdict.EXACT, (Piece(0, 200, Fraction(0), Fraction(25, 24)),)),))
    timeline = edit(alignment, [(50, 40, 0.5)], Fraction(25))
    after, done = run(timeline, alignment)
    (item,) = after.find_clips()
    assert item.source_range.start_time == T(86450, 24) and item.source_range.duration == T(40, 25)
    assert item.effects[0].time_scalar == pytest.approx(25 / 48)
    assert item.media_reference.available_range == otio.opentime.TimeRange(T(86400, 24), T(200, 24))
    assert (done.events, done.moved, done.missing) == (1, 1, [])


def test_everything_else_stays() -> None:
    shown: list[int | None] = [*range(10, 110), *[None] * 20, *range(150, 230)]
    alignment = between(shown, Fraction(24), Fraction(24), 400)
    timeline = edit(alignment, [(0, 24, 1.0), (90, 20, 1.0), (150, 24, 1.0)], Fraction(24))
    track = timeline.video_tracks()[0]
    track[0].markers.append(otio.schema.Marker("eye", otio.opentime.TimeRange(T(5, 24), T(1, 24)), "RED"))
    track[1].markers.append(otio.schema.Marker("late", otio.opentime.TimeRange(T(104, 24), T(1, 24)), "RED"))
    track.insert(1, otio.schema.Transition("dissolve", "SMPTE_Dissolve", T(4, 24), T(4, 24)))
    other = otio.schema.Clip("title", otio.schema.ExternalReference("/other/title.mov"), otio.opentime.TimeRange(T(0, 24), T(68, 24)))
    timeline.tracks.append(otio.schema.Track("V2", [other], kind=otio.schema.TrackKind.Video))
    sound = copy.deepcopy(track[0])
    sound.markers[:] = []
    timeline.tracks.append(otio.schema.Track("A1", [sound], kind=otio.schema.TrackKind.Audio))
    before = timeline.to_json_string()
    after, done = run(timeline, alignment)
    assert timeline.to_json_string() == before
    assert after.tracks[1].is_equivalent_to(timeline.tracks[1]) and after.tracks[2].is_equivalent_to(timeline.tracks[2])
    v1 = after.tracks[0]
    assert [type(item).__name__ for item in v1] == ["Clip", "Transition", "Clip", "Clip", "Clip"]
    assert [item.media_reference.target_url for item in v1 if isinstance(item, otio.schema.Clip)] == [NEW, NEW, OLD, NEW]
    assert v1[1].is_equivalent_to(track[1])
    assert v1[0].markers[0].marked_range.start_time == T(15, 24)
    assert v1[3].markers[0].name == "late" and v1[3].markers[0].marked_range.start_time == T(104, 24)
    assert done.missing == ["V1 01:00:01:00 shot 90: 10 of 20 frames are not found in reel 1.mov; they stay on reel 1.mov"]
    assert "sound stays" in done.notes[0]


def test_another_framing_is_told() -> None:
    """Half the size is no other framing; a crop is."""
    alignment = between([*range(60)], Fraction(24), Fraction(24), 200)
    half, crop = (1 / 3, 0, -1 / 3, 0, 480 / 1080, (480 / 1080 - 1) / 2, 0, 0, 1), (0.5, 0, -30.0, 0, 0.5, -20.0, 0, 0, 1)
    for matrix, notes in ((half, 0), (crop, 1)):
        laid = replace(alignment, runs=tuple(replace(run, transform=(Key(0, tuple(map(float, matrix))),)) for run in alignment.runs))
        after, done = run(edit(alignment, [(0, 24, 1.0)], Fraction(24)), laid)
        assert len(done.notes) == notes and all("framed otherwise" in note for note in done.notes)
        about = next(iter(after.find_clips())).metadata.get("genlock")
        assert about is None if not notes else list(about["transform"][0]) == list(map(float, crop))


def test_a_transition_into_other_material_is_told() -> None:
    alignment = between([*range(0, 30), *range(100, 170)], Fraction(24), Fraction(24), 400)
    timeline = edit(alignment, [(6, 24, 1.0), (60, 24, 1.0)], Fraction(24))
    timeline.video_tracks()[0].insert(1, otio.schema.Transition("dissolve", "SMPTE_Dissolve", T(4, 24), T(4, 24)))
    _, done = run(timeline, alignment)
    assert len(done.missing) == 1 and "transition" in done.missing[0] and done.moved == 2


EDIT = """TITLE: reel\r
FCM: NON-DROP FRAME\r
\r
001  AX       V     C        00:00:01:00 00:00:02:00 01:00:00:00 01:00:01:00\r
* FROM CLIP NAME: reel 1.mov\r
* LOC: 01:00:00:05 RED     LOOK\r
002  AX       A     C        00:00:01:00 00:00:02:00 01:00:00:00 01:00:01:00\r
* FROM CLIP NAME: reel 1.mov\r
003  AX       V     C        00:00:02:00 00:00:03:00 01:00:01:00 01:00:02:00\r
M2   AX             048.0                00:00:02:00\r
* FROM CLIP NAME: reel 1.mov\r
* SOURCE FILE: /old/reel 1.mov\r
004  AX       V     C        00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00\r
* FROM CLIP NAME: title.mov\r
005  AX       V     C        00:00:03:00 00:00:03:00 01:00:03:00 01:00:03:00\r
005  AX       V     D    012 00:00:03:00 00:00:04:00 01:00:03:00 01:00:04:00\r
* FROM CLIP NAME: reel 1.mov\r
"""


def test_an_edl_by_hand() -> None:
    """As Resolve writes it: the M2 event's source span is its record span. The new footage lies 10 frames later, with a hole."""
    shown: list[int | None] = [None if 30 <= n < 34 else n + 10 for n in range(200)]
    done = conform(EDIT.encode(), ".edl", [Pair(OLD, NEW)], lambda pair: between(shown, Fraction(24), Fraction(24), 300, 0, 86400))
    lines = done.body.decode().split("\r\n")
    assert lines[:7] == [
        "TITLE: reel", "FCM: NON-DROP FRAME", "",
        "001  AX       V     C        01:00:01:10 01:00:01:16 01:00:00:00 01:00:00:06", "* FROM CLIP NAME: reel 1.mov",
        "* LOC: 01:00:00:05 RED     LOOK",
        "002  AX       V     C        00:00:01:06 00:00:01:10 01:00:00:06 01:00:00:10",
    ]  # fmt: skip
    assert "003  AX       V     C        01:00:01:20 01:00:02:10 01:00:00:10 01:00:01:00" in lines
    assert "004  AX       A     C        00:00:01:00 00:00:02:00 01:00:00:00 01:00:01:00" in lines
    at = lines.index("005  AX       V     C        01:00:02:10 01:00:03:10 01:00:01:00 01:00:02:00")
    assert lines[at + 1 : at + 4] == [
        "M2   AX             048.0                01:00:02:10", "* FROM CLIP NAME: reel 1.mov", "* SOURCE FILE: /new/reel 1.mov",
    ]  # fmt: skip
    assert "006  AX       V     C        00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00" in lines
    assert [line[:3] for line in lines if " D    012" in line] == ["007"]
    assert (done.events, done.moved, len(done.missing)) == (3, 1, 2)
    assert "4 of 24 frames are not found" in done.missing[0] and "dissolve" in done.missing[1]


SPEEDS = st.sampled_from((None, None, "0.5", "2", "-1", "0"))


@given(maps(), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), SPEEDS), min_size=1, max_size=4), st.sampled_from(("cmx", "resolve")))
@QUICK
def test_every_frame_of_an_edl(alignment: Alignment, events: list[tuple[int, int, str | None]], manner: str) -> None:
    from genlock.core.timing import FrameRate, timecode

    old = alignment.ref
    fps = FrameRate(old.rate)
    lines, at, wanted = ["TITLE: x", "FCM: NON-DROP FRAME"], 3600 * fps.nominal, []
    shown = alignment.clip_frames()
    for n, (first, count, speed) in enumerate(events, 1):
        m2 = None if speed is None else round(float(speed) * fps.nominal, 1)
        slope = Fraction(1) if m2 is None else Fraction(str(m2)) / fps.nominal
        span = count if manner == "resolve" else max(1, math.floor(abs(slope) * count + Fraction(1, 2)))
        codes = [timecode(frame, fps) for frame in (old.start_frame + first, old.start_frame + first + span, at, at + count)]
        lines.append(f"{n:03d}  AX       V     C        {' '.join(codes)}")
        lines += [f"M2   AX             {m2:05.1f}                {codes[0]}"] if m2 is not None else []
        lines.append("* FROM CLIP NAME: REEL 1.MOV")
        for k in range(count):
            frame = math.floor((first + span if slope < 0 else first) + (k + Fraction(1, 2)) * slope)
            new = shown[frame] if 0 <= frame < len(shown) else None
            wanted.append(("old", frame) if new is None else ("new", new))
        at += count
    done = conform("\n".join(lines).encode(), ".edl", [Pair(OLD, NEW)], lambda pair: alignment)
    got = _edl_frames(done.body.decode(), alignment)
    there = [k for k, (who, frame) in enumerate(wanted) if who == "new" or 0 <= frame < old.frames]
    assert [got[k] for k in there] == [wanted[k] for k in there] and len(got) == len(wanted)


def _edl_frames(text: str, alignment: Alignment) -> list[tuple[str, int]]:
    old, new = alignment.ref, alignment.clip
    out = []
    lines = text.splitlines()
    for n, line in enumerate(lines):
        if not line[:1].isdigit():
            continue
        said = lines[n + 1 : next((k for k in range(n + 1, len(lines)) if lines[k][:1].isdigit()), len(lines))]
        media, who = (old, "old") if "* FROM CLIP NAME: REEL 1.MOV" in said else (new, "new")
        source_n, record_n = math.ceil(media.rate), math.ceil(old.rate)
        codes = line.split()[4:8]
        first, end = (label_to_frame(code, source_n) for code in codes[:2])
        begin, stop = (label_to_frame(code, record_n) for code in codes[2:])
        m2 = next((Fraction(word.split()[2]) for word in said if word.startswith("M2")), None)
        slope = (Fraction(1) if m2 is None else m2 / record_n) * media.rate / old.rate
        start = (end if slope < 0 else first) - media.start_frame
        out += [(who, math.floor(start + (k + Fraction(1, 2)) * slope)) for k in range(stop - begin)]
    return out


def test_pairs() -> None:
    pairs = [Pair("/p/A001_C002_proxy.mov", "/o/A001_C002.mxf"), Pair("/p/b.mov", "/o/b.mxf")]
    assert pair_for(Named("/elsewhere/B.MOV"), pairs) == pairs[1]
    assert pair_for(Named(name="a001_c002_proxy"), pairs) == pairs[0]
    assert pair_for(Named(name="A001", reel="A001_C002"), pairs) == pairs[0]
    assert pair_for(Named("/x/other.mov"), pairs) is None and pair_for(Named(reel="AX"), pairs) is None
    assert pair_for(Named(reel="AX"), pairs[:1]) == pairs[0]
    assert pair_for(Named("/x/b.mov"), [*pairs, Pair("/q/b.mov", "/o/c.mxf")]) is None


def test_folders_pair_by_name_then_timecode(tmp_path: Path) -> None:
    for name in ("old/A001.mov", "old/day2/B002_proxy.mp4", "old/x.mov", "old/note.txt", "new/a001.MXF", "new/B002.mxf", "new/unnamed.mxf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    codes = {"x.mov": "10:00:00:00", "unnamed.mxf": "10:00:00:00"}
    found = pairs_of([str(tmp_path / "old")], [str(tmp_path / "new")], lambda path: codes.get(Path(path).name))
    named = {(Path(pair.old).name, Path(pair.new).name) for pair in found}
    assert named == {("A001.mov", "a001.MXF"), ("B002_proxy.mp4", "B002.mxf"), ("x.mov", "unnamed.mxf")}
    with pytest.raises(UsageError, match="one --to for each"):
        pairs_of(["a", "b"], ["c"])


def test_an_alignment_is_asked_for_once_and_only_where_it_is_used() -> None:
    alignment = between([*range(100)], Fraction(24), Fraction(24), 200)
    timeline = edit(alignment, [(0, 5, 1.0), (9, 5, 1.0)], Fraction(24))
    asked: list[Pair] = []

    def aligned(pair: Pair) -> Alignment:
        asked.append(pair)
        return alignment

    conform(timeline.to_json_string().encode(), ".otio", [Pair(OLD, NEW), Pair("/old/unused.mov", "/new/unused.mov")], aligned)
    assert asked == [Pair(OLD, NEW)]


@pytest.mark.parametrize(("body", "suffix"), [(b"{}", ".otio"), (b"<a>", ".xml"), (b"<a/>", ".fcpxml"), (b"\x81\x8d", ".edl")])
def test_what_is_no_edit(body: bytes, suffix: str) -> None:
    with pytest.raises(FormatError):
        conform(body, suffix, [Pair(OLD, NEW)], lambda pair: replace(between([0], Fraction(24), Fraction(24), 1)))
