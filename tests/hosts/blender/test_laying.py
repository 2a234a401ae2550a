"""The alignment as the add-on reads it against core's own reading, and the strips that are made of it."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.hosts import aligned
from genlock.hosts.aligned import NotAligned
from genlock.hosts.blender import laying
from genlock.hosts.blender.placing import IDENTITY

STAGE = laying.Stage(ref_at=101, first=101, end=200, canvas_wh=(160, 90))


def read(alignment: Alignment) -> aligned.Aligned:
    return aligned.from_json(json.loads(json.dumps(alignment.to_json())))


def made(*pieces: tuple[int, Fraction, Fraction], clip: Media | None = None, ref: Media | None = None, keys=(Key(0, IDENTITY),)) -> Alignment:
    clip = clip or Media("/c.mov", 80, Fraction(24), 160, 90)
    at, out = 0, []
    for count, start, speed in pieces:
        out.append(Piece(at, count, start / clip.rate, speed))
        at += count
    ref = ref or Media("/r.mov", at, Fraction(24), 160, 90)
    return Alignment(clip, ref, (Run(0, at, Verdict.EXACT, tuple(out), tuple(keys), 0.9, 0.9),))


ODD = [
    made((20, Fraction(3), Fraction(1)), (9, Fraction(23), Fraction(0)), (30, Fraction(60), Fraction(-1, 2))),
    made(
        (50, Fraction(0), Fraction(24, 25)), clip=Media("/c.mov", 80, Fraction(25), 160, 90), ref=Media("/r.mov", 50, Fraction(24000, 1001), 160, 90)
    ),
    made(
        (12, Fraction(1), Fraction(1)),
        clip=Media("/c.mkv", 20, Fraction(24), 160, 90, tuple(range(7, 807, 40)), Fraction(1, 1000), length_s=Fraction(4, 5)),
    ),
    made((30, Fraction(70), Fraction(3))),
]


@pytest.mark.parametrize("alignment", ODD)
def test_frames_are_those_of_core(alignment):
    found = read(alignment)
    frames = [frame for run in found.runs for piece in run.pieces for frame in found.frames_of(piece)]
    assert frames == alignment.clip_frames()
    laid = laying.lay(found, laying.Stage(1, 1, 10**6, (160, 90)))
    assert [frame for strip in laid.strips for frame in strip.clip_frames] == frames


def test_matrices_are_those_of_core():
    keys = [Key(3, IDENTITY), Key(10, (1.5, 0, 7, 0, 1.5, -2, 0, 0, 1))]
    alignment = made((20, Fraction(0), Fraction(1)), keys=keys)
    found = read(alignment)
    for frame in range(20):
        assert found.runs[0].matrix_at(frame) == pytest.approx(alignment.matrix_at(frame))


def test_what_plays_frame_for_frame_is_plain_and_the_rest_is_one():
    layout = laying.lay(read(made((20, Fraction(3), Fraction(1)), (9, Fraction(22), Fraction(0)), (10, Fraction(50), Fraction(-1)))), STAGE)
    assert [(strip.at, len(strip.clip_frames), strip.plain) for strip in layout.strips] == [(101, 20, True), (121, 19, False)]
    cut = laying.lay(read(made((20, Fraction(3), Fraction(1)), (20, Fraction(40), Fraction(1)))), STAGE)
    assert [strip.clip_frames[0] for strip in cut.strips] == [3, 40]
    joined = laying.lay(read(made((20, Fraction(3), Fraction(1)), (20, Fraction(23), Fraction(1)))), STAGE)
    assert len(joined.strips) == 1


def test_only_what_is_seen_of_the_ref_is_laid():
    layout = laying.lay(read(made((40, Fraction(3), Fraction(1)))), laying.Stage(101, 110, 120, (160, 90)))
    (strip,) = layout.strips
    assert (strip.at, strip.end, strip.clip_frames[0], strip.ref_first) == (110, 120, 12, 9)


def test_keys_only_where_the_frame_changes():
    assert laying.changes((5, 5, 5, 6, 6, 2)) == [(0, 5), (3, 6), (5, 2)]


def test_perspective_is_pinned_where_that_can_be_and_else_nothing():
    leaning = ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1e-3, 0.0, 1.0),)
    assert laying.space_of(leaning, (160, 90), (160, 90), can_pin=True).pins
    assert laying.space_of(leaning, (160, 90), (160, 90), can_pin=False) == laying.Space()


@pytest.mark.parametrize(
    "body", [[], {"genlock_alignment": 2}, {"genlock_alignment": 1}, {"genlock_alignment": 1, "clip": {"path": "x", "rate": "1/0"}}]
)
def test_what_is_no_alignment_is_refused(body):
    with pytest.raises(NotAligned):
        aligned.from_json(body)


def test_a_file_that_is_no_json(tmp_path):
    (tmp_path / "x.json").write_text("{")
    for name in ("x.json", "none.json"):
        with pytest.raises(NotAligned, match=name):
            aligned.load(str(tmp_path / name))
