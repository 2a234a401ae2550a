"""Bundles, VapourSynth scripts, lists written again, and formats that are refused."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError, UsageError
from genlock.otio_adapters.bundle import write_bundle
from genlock.otio_adapters.edl import to_edl
from genlock.otio_adapters.edl_again import rewrite
from genlock.otio_adapters.formats import REFUSED, read, render
from genlock.otio_adapters.vpy import steps, to_vpy

from .maps import TIMECODE_RATES, alignments
from .test_edl import PLAIN, evaluated, one
from .test_timeline import sampled

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def small(folder: Path) -> Alignment:
    for name, text in (("a/shot.mov", b"clip"), ("b/shot.mov", b"ref")):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(text * 1000)
    clip, ref = (Media(str(folder / name), 60, Fraction(25), 8, 8) for name in ("a/shot.mov", "b/shot.mov"))
    return Alignment(clip, ref, (Run(0, 40, Verdict.EXACT, (Piece(0, 40, Fraction(1, 5), Fraction(1)),)), Run(40, 20, Verdict.UNMATCHED)))


def test_a_bundle_is_whole(tmp_path: Path) -> None:
    """Read by OpenTimelineIO's own adapter: names that clash are told apart, media is bit for bit, the map plays."""
    alignment = small(tmp_path)
    told: list[float] = []
    write_bundle(alignment, tmp_path / "x.otioz", told.append)
    (tmp_path / "out").mkdir()
    timeline = otio.adapters.read_from_file(str(tmp_path / "x.otioz"), extract_to_directory=str(tmp_path / "out"))
    assert sampled(timeline, alignment.clip, alignment.ref) == alignment.clip_frames()
    ref, clip = timeline.tracks[0][0], timeline.tracks[1][0]
    assert (tmp_path / "out" / clip.media_reference.target_url).read_bytes() == b"clip" * 1000
    assert (tmp_path / "out" / ref.media_reference.target_url).read_bytes() == b"ref" * 1000
    assert read(tmp_path / "x.otioz") == alignment and told[-1] == 1.0


def test_bundles_that_cannot_be(tmp_path: Path) -> None:
    alignment = small(tmp_path)
    with pytest.raises(FormatError, match="image sequence"):
        write_bundle(replace(alignment, clip=replace(alignment.clip, path="/m/x.%04d.exr")), tmp_path / "x.otioz")
    (tmp_path / "y.otioz").write_bytes(b"PK nothing")
    with pytest.raises(FormatError, match=r"no \.otioz bundle"):
        read(tmp_path / "y.otioz")
    with zipfile.ZipFile(tmp_path / "z.otioz", "w") as empty:
        empty.writestr("other", "")
    with pytest.raises(FormatError, match=r"no \.otioz bundle"):
        read(tmp_path / "z.otioz")


@pytest.mark.parametrize("suffix", sorted(REFUSED))
def test_what_is_refused_names_what_can(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"^\{suffix} is neither written nor read: .*; use \.") as told:
        render(small(tmp_path), suffix)
    assert "\n" not in str(told.value)


@given(alignments())
@QUICK
def test_the_steps_of_a_script_play_the_map(made: tuple[Alignment, list[int | None]]) -> None:
    _, shown = made
    out: list[int | None] = []
    for first, count, at, step in steps(shown):
        assert first == len(out)
        out += [None if at is None else at + k * step for k in range(count)]
    assert out == shown


def test_a_script_by_hand(tmp_path: Path) -> None:
    alignment = small(tmp_path)
    crop = (2.0, 0.0, -3.5, 0.0, 2.0, -1.5, 0.0, 0.0, 1.0)
    laid = replace(alignment, runs=(replace(alignment.runs[0], transform=(Key(0, crop),)), alignment.runs[1]))
    text, notes = to_vpy(laid)
    names: dict[str, object] = {"__name__": "read"}
    constants = text.split("\ndef source")[0].replace("import vapoursynth as vs\n\ncore = vs.core\n", "")
    exec(compile(constants, "x.vpy", "exec"), names)
    assert names["PIECES"] == [(0, 40, 5, 1), (40, 20, None, 0)] and names["RATE"] == (25, 1)
    # the ref's left edge, -0.5, is the clip's (-0.5 + 3.5) / 2 = 1.5, half a pixel after the edge of pixel 1.5 + 0.5 = 2
    assert names["WINDOW"] == (2.0, 1.0, 4.0, 4.0) and not notes
    compile(text, "x.vpy", "exec")
    turned = replace(alignment, runs=(replace(alignment.runs[0], transform=(Key(0, (1.0, 0.1, 0, -0.1, 1.0, 0, 0, 0, 1)),)), alignment.runs[1]))
    assert "does not say where" in to_vpy(turned)[1][0]


def test_a_script_in_vapoursynth(tmp_path: Path) -> None:
    vs = pytest.importorskip("vapoursynth")
    clip, ref = Media("/c.mov", 60, Fraction(25), 64, 48), Media("/r.mov", 30, Fraction(24), 64, 48)
    there, back = Piece(0, 10, Fraction(1, 5), Fraction(24, 25)), Piece(10, 10, Fraction(50, 25), Fraction(-24, 25))
    pieces = (there, back, Piece(20, 5, Fraction(1), Fraction(0)))
    alignment = Alignment(clip, ref, (Run(0, 25, Verdict.EXACT, pieces), Run(25, 5, Verdict.UNMATCHED)))
    names: dict[str, object] = {"__name__": "read"}
    exec(compile(to_vpy(alignment)[0], "x.vpy", "exec"), names)
    numbered = vs.core.std.BlankClip(format=vs.GRAY16, width=64, height=48, length=60, fpsnum=25, fpsden=1)
    numbered = vs.core.std.FrameEval(numbered, lambda n: vs.core.std.BlankClip(numbered, color=100 + n, length=60))
    out = names["retimed"](numbered)
    assert (out.num_frames, out.fps) == (30, Fraction(24))
    seen = [out.get_frame(n)[0][0, 0] for n in range(30)]
    assert [None if value < 100 else value - 100 for value in seen] == alignment.clip_frames()


@given(alignments(tuple(rate for rate in TIMECODE_RATES if rate >= 24), vfr=False))
@QUICK
def test_a_list_in_the_other_manner_plays_the_same(made: tuple[Alignment, list[int | None]]) -> None:
    """cmx to resolve and back: what others write in one manner is read and written in the other."""
    alignment, shown = made
    if all(frame is None for frame in shown):
        return
    (text, *more), _ = to_edl(alignment, "resolve")
    assert not more
    (again, _) = rewrite(text.encode(), ".edl", alignment.ref.rate, alignment.clip.rate, "cmx")
    assert within_a_day(evaluated([again.decode()], alignment, "cmx"), alignment) == shown
    (back, _) = rewrite(again, ".edl", alignment.ref.rate, alignment.clip.rate, "resolve")
    assert within_a_day(evaluated([back.decode()], alignment, "resolve"), alignment) == shown


def within_a_day(frames: list[int | None], alignment: Alignment) -> list[int | None]:
    """Source timecode goes round at midnight: a list that begins a frame before the clip's first one begins a day later."""
    return [None if frame is None else frame % (86400 * math.ceil(alignment.clip.rate)) for frame in frames]


RESOLVE_WROTE = """TITLE: Timeline 1
FCM: NON-DROP FRAME

001  AX       V     C        00:00:04:04 00:00:06:04 01:00:00:00 01:00:02:00 \n* FROM CLIP NAME: clip.mov

002  AX       V     C        00:00:08:08 00:00:10:08 01:00:02:00 01:00:04:00 \nM2   AX             048.0                00:00:08:08
* FROM CLIP NAME: clip.mov

003  AX       AA/V  C        00:00:12:12 00:00:14:12 01:00:04:00 01:00:06:00 \nM2   AX            -024.0                00:00:12:12
* FROM CLIP NAME: clip.mov
 |C:ResolveColorBlue |M:look here |D:1
"""


def test_what_resolve_writes_is_read_right() -> None:
    """Its source span is the record span and the speed stands in M2 alone; backwards begins at the source out."""
    body, _ = rewrite(RESOLVE_WROTE.encode(), ".otio", Fraction(24))
    timeline = otio.adapters.read_from_string(body.decode(), "otio_json")
    plain, fast, back = timeline.find_clips()
    assert not plain.effects and (plain.source_range.start_time.value, plain.source_range.duration.value) == (100, 48)
    assert fast.effects[0].time_scalar == 2.0 and (fast.source_range.start_time.value, fast.source_range.duration.value) == (200, 48)
    assert back.effects[0].time_scalar == -1.0 and back.source_range.start_time.value == 348
    assert timeline.global_start_time == otio.opentime.RationalTime(86400, 24)
    text = rewrite(RESOLVE_WROTE.encode(), ".edl", Fraction(24), manner="cmx")[0].decode()
    assert "00:00:08:08 00:00:12:08 01:00:02:00 01:00:04:00" in text


def test_a_list_becomes_nothing_else() -> None:
    (text,), _ = to_edl(one(PLAIN))
    with pytest.raises(UsageError, match=r"cannot become \.nk"):
        rewrite(text.encode(), ".nk", Fraction(24))
