"""Exact paths told as runs: where they break, what is said of them, and that what plays stays within what is right."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genlock.core.alignment import Key, Media, Piece, Verdict, played
from genlock.core.sync.exact import ExactPath
from genlock.core.sync.framing import Lock
from genlock.core.sync.path import NOTHING
from genlock.core.sync.runs import Stretch, by_looks, confidence, stretches, to_run
from genlock.core.sync.solve import Solved

FILM = Fraction(24000, 1001)
IDENTITY = (Key(0, (1.0, 0, 0, 0, 1, 0, 0, 0, 1)),)


def media(frames: int, rate: Fraction = FILM) -> Media:
    return Media("made", frames, rate, 320, 180)


def path(at: list[int], segment: list[int] | None = None, margin: float = 5.0, room: int = 0) -> ExactPath:
    """A path whose frames are told from their neighbours by a margin, or cannot be told from `room` on either side."""
    where = np.array(at)
    plays = where != NOTHING
    owner = np.where(plays, 0, -1) if segment is None else np.array(segment)
    told = np.where(plays, margin, 0.0)
    low, high = (np.where(plays, where + off, NOTHING) for off in (-room, room))
    return ExactPath(where, low, high, np.where(plays, 0.9, 0.1), owner, told, told.copy())


def told(at: list[int], owner: list[int] | None = None, segment: list[int] | None = None) -> list[tuple[int, int, int]]:
    count = max(owner or [0]) + 1
    lock = Lock(np.eye(3), np.array(at), 1, 1.0, 1.0, np.ones(len(at)))
    solved = Solved(path(at, segment), [], owner or [0], [lock] * count, [])
    return [(s.first, s.end, s.locks[0] if s.locks else -1) for s in stretches(solved, len(at), 6)]


def test_one_run():
    assert told(list(range(40))) == [(0, 40, 0)]


def test_holes_jumps_and_turns_break():
    at = [NOTHING] * 3 + list(range(5)) + list(range(50, 55)) + [NOTHING] * 2 + list(range(10, 14)) + list(range(2, 6))
    assert told(at) == [(0, 3, -1), (3, 8, 0), (8, 13, 0), (13, 15, -1), (15, 19, 0), (19, 23, 0)]


def test_another_lock_breaks_and_another_field_of_the_same_lock_does_not():
    at = list(range(30))
    assert told(at, [0, 0, 1], [0] * 10 + [1] * 10 + [2] * 10) == [(0, 20, 0), (20, 30, 1)]


def test_nothing_at_all_is_one_stretch():
    assert told([NOTHING] * 7) == [(0, 7, -1)]


def test_drops_and_doubles_do_not_break():
    at = [0, 1, 2, 2, 3, 5, 6, 6, 7]
    assert told(at) == [(0, 9, 0)]


@pytest.mark.parametrize("clip_rate", [FILM, Fraction(25), Fraction(30000, 1001)], ids=str)
def test_a_run_plays_the_path(clip_rate):
    """Whatever the rates: in the middle of each ref frame, the path's frame."""
    ref, clip = media(90), media(200, clip_rate)
    at = [int((n + Fraction(1, 2)) / FILM * clip_rate) + 7 for n in range(20, 80)]
    whole = path([NOTHING] * 20 + at + [NOTHING] * 10)
    run = to_run(Stretch(20, 80, (0,)), whole, clip, ref, IDENTITY, "identity")
    assert dict(played(run.pieces, clip, ref)) == dict(zip(range(20, 80), at, strict=True))
    assert (run.verdict, run.ref_first, run.ref_count, run.also, run.notes) == (Verdict.EXACT, 20, 60, (), ())
    assert run.score == pytest.approx(0.9) and run.confidence > 0.99


def test_frames_that_look_the_same_are_ambiguous_and_named():
    whole = path(list(range(10, 40)), margin=0.01, room=3)
    run = to_run(Stretch(0, 30, (0,)), whole, media(60), media(30), IDENTITY, "identity")
    assert run.verdict is Verdict.AMBIGUOUS and run.also == ((7, 42),)
    assert run.notes


def test_bounds_never_leave_the_clip():
    """The last frames of the clip: what would match as well beyond its end does not exist."""
    whole = path(list(range(50, 60)), margin=0.01, room=4)
    run = to_run(Stretch(0, 10, (0,)), whole, media(60), media(10), IDENTITY, "identity")
    assert run.also == ((46, 59),)
    assert all(0 <= j < 60 for _, j in played(run.pieces, media(60), media(10)))


def test_an_unmatched_stretch_has_nothing_to_tell():
    run = to_run(Stretch(4, 9, ()), path([NOTHING] * 12), media(60), media(12), (), "")
    assert (run.verdict, run.pieces, run.transform, run.ref_first, run.ref_count) == (Verdict.UNMATCHED, (), (), 4, 5)


@pytest.mark.parametrize(("margin", "count", "low", "high"), [(0.0, 50, 0.0, 0.0), (6.0, 1, 0.63, 0.64), (0.1, 600, 0.99, 1.0), (-3.0, 10, 0.0, 0.0)])
def test_confidence(margin, count, low, high):
    """1 - exp(-sum of margins / 6): 0.632 for one frame of 6 nats."""
    assert low <= confidence(path(list(range(count)), margin=margin), slice(0, count)) <= high


def test_confidence_is_of_the_weaker_side():
    whole = path(list(range(10)), margin=5.0)
    whole.later[:] = 0
    assert confidence(whole, slice(0, 10)) == 0


def test_looks_move_a_piece_within_its_bounds():
    """A clip of 25 over a ref of 30 fits many starts; the looks say which frames, the bounds what is allowed."""
    clip, ref = media(100, Fraction(25)), media(60, Fraction(30))
    true = Piece(0, 60, Fraction(3, 4) / 25, Fraction(1))
    want = np.array([j for _, j in played((true,), clip, ref)])
    bounds = [(int(j) - 1, int(j) + 1) for j in want]
    plain = Piece(0, 60, Fraction(1, 4) / 25, Fraction(1))
    (moved,) = by_looks((plain,), bounds, want, clip, ref)
    assert [j for _, j in played((moved,), clip, ref)] == want.tolist()


def test_looks_never_leave_the_bounds():
    """All looks ask for a frame later than is allowed: nothing moves."""
    clip, ref = media(100), media(40)
    piece = Piece(0, 40, Fraction(0), Fraction(1))
    bounds = [(n, n) for n in range(40)]
    (same,) = by_looks((piece,), bounds, np.arange(1, 41), clip, ref)
    assert [j for _, j in played((same,), clip, ref)] == list(range(40))
