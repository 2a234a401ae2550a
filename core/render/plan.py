"""What an alignment says of each frame: which frame of the other shows it, where it lies, how sure that is.

Frames count from 0 at each file's first one. Nothing is held of frames that were passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..alignment import Alignment, Matrix, Media, Piece, Run, Verdict, matrix_between, played
from ..settings import AlignSettings
from ..sync.hints import read_hints

NONE = -1


@dataclass(frozen=True)
class Step:
    """One frame of what is rendered."""

    ref: int | None
    """The ref frame; None where none shows what the clip frame shows (a timeline of the clip)."""
    clip: int | None
    """The clip frame that it shows, or None."""
    clip_to_ref: Matrix | None
    verdict: Verdict
    score: float
    """How alike the two pictures are, 0 to 1: of this frame where the alignment holds it, else of its run."""


def steps(alignment: Alignment, first: int = 0, end: int | None = None, threshold: float = 0.0) -> Iterator[Step]:
    """One step for each ref frame first .. end - 1, in order.

    threshold  frames whose score is below it count as unmatched
    """
    end = alignment.ref.frames if end is None else end
    scores = _scores(alignment)
    for run in alignment.runs:
        if run.ref_end <= first or run.ref_first >= end:
            continue
        shown = _shown(alignment, run, first, end)
        for frame in range(max(first, run.ref_first), min(end, run.ref_end)):
            at = next(shown, None) if run.pieces else None
            yield _step(run, frame, None if at is None else at[1], _score(scores, run, frame), threshold)


def _shown(alignment: Alignment, run: Run, first: int, end: int) -> Iterator[tuple[int, int]]:
    """(ref frame, clip frame) of a run within first .. end - 1; pieces before are not played through."""
    for piece in run.pieces:
        if piece.ref_first + piece.ref_count > first and piece.ref_first < end:
            yield from (pair for pair in played((piece,), alignment.clip, alignment.ref) if first <= pair[0] < end)


def _step(run: Run, frame: int, shown: int | None, score: float, threshold: float) -> Step:
    if shown is None or run.verdict is Verdict.UNMATCHED or score < threshold:
        return Step(frame, None, None, Verdict.UNMATCHED, score)
    return Step(frame, shown, matrix_between(run.transform, frame), run.verdict, score)


def _scores(alignment: Alignment) -> list[float | None]:
    """Of each ref frame, where the alignment holds as many as there are frames."""
    held = alignment.evidence.get("scores")
    return held if isinstance(held, list) and len(held) == alignment.ref.frames else []


def _score(scores: list[float | None], run: Run, frame: int) -> float:
    held = scores[frame] if scores else None
    return float(held) if isinstance(held, int | float) else run.score


def counterpart(alignment: Alignment) -> np.ndarray:
    """(clip frames,) int32: the ref frame for each clip frame, or NONE.

    Where several ref frames in a row show one clip frame it is the middle one (of an even number, the earlier of the two), and of
    several such stretches the longest, then the first. A clip frame that no ref frame shows, inside a stretch that plays on, has
    the ref frame that is on screen in its middle.
    """
    out = np.full(alignment.clip.frames, NONE, np.int32)
    longest = np.zeros(alignment.clip.frames, np.int32)
    for shown, first, last in _stretches(alignment):
        if last - first + 1 > longest[shown]:
            longest[shown] = last - first + 1
            out[shown] = (first + last) // 2
    for run in alignment.runs:
        for piece in run.pieces:
            _between(alignment, piece, out)
    return out


def _stretches(alignment: Alignment) -> Iterator[tuple[int, int, int]]:
    """(clip frame, first, last ref frame) of each stretch of ref frames that show one clip frame."""
    held: tuple[int, int, int] | None = None
    for run in alignment.runs:
        for frame, shown in played(run.pieces, alignment.clip, alignment.ref):
            if held is not None and held[0] == shown and held[2] == frame - 1:
                held = (shown, held[1], frame)
                continue
            if held is not None:
                yield held
            held = (shown, frame, frame)
    if held is not None:
        yield held


def _between(alignment: Alignment, piece: Piece, out: np.ndarray) -> None:
    """Fill in the clip frames that one piece passes without a ref frame of their own."""
    if not piece.speed:
        return
    clip, ref = alignment.clip, alignment.ref
    begin_s = ref.time_of(piece.ref_first)
    stop_s = ref.time_of(piece.ref_first + piece.ref_count)
    ends = sorted((piece.clip_start_s, piece.clip_start_s + (stop_s - begin_s) * piece.speed))
    first, last = max(0, clip.frame_at(ends[0])), min(clip.frames - 1, clip.frame_at(ends[1]))
    for shown in first + np.flatnonzero(out[first : last + 1] == NONE):
        time_s = begin_s + (clip.middle_of(int(shown)) - piece.clip_start_s) / piece.speed
        if begin_s <= time_s < stop_s:
            out[shown] = ref.frame_at(time_s)


def clip_steps(alignment: Alignment, first: int = 0, end: int | None = None, threshold: float = 0.0) -> Iterator[Step]:
    """One step for each clip frame first .. end - 1, in order: the ref frame that is shown with it. See counterpart().

    A clip frame without one keeps the matrix of the nearest one before it that has one (or after, at the beginning), so a picture
    that lies still does not jump.
    """
    end = alignment.clip.frames if end is None else end
    there = counterpart(alignment)
    nearest = _nearest(there)
    scores = _scores(alignment)
    firsts = np.array([run.ref_first for run in alignment.runs])
    for shown in range(first, end):
        at = int(there[shown])
        if at != NONE:
            run = alignment.runs[int(np.searchsorted(firsts, at, "right")) - 1]
            score = _score(scores, run, at)
            if run.verdict is not Verdict.UNMATCHED and score >= threshold:
                yield Step(at, shown, matrix_between(run.transform, at), run.verdict, score)
                continue
        lies = alignment.matrix_at(int(nearest[shown])) if nearest[shown] != NONE else None
        yield Step(None, shown, lies, Verdict.UNMATCHED, 0.0)


def _nearest(there: np.ndarray) -> np.ndarray:
    """(clip frames,) int: for each clip frame the ref frame of the nearest one at or before it that has one, else after; or NONE."""
    known = np.flatnonzero(there != NONE)
    if not len(known):
        return there
    at = np.searchsorted(known, np.arange(len(there)), "right") - 1
    return there[known[np.maximum(at, 0)]]


def frames_within(text: str, media: Media) -> tuple[int, int]:
    """(first, end) of the frames of a range FIRST-LAST, both included, by timecode or number; all where the text is empty.

    Raises UsageError as align does for its range.
    """
    hints = read_hints(AlignSettings(range=text), media, media)
    return hints.first, media.frames if hints.last is None else hints.last + 1
