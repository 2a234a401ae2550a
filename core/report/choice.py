"""Which frames the report shows: the worst, the best, and one of each run that a person would ask about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..alignment import Alignment, Matrix, Run, Verdict
from .table import frame_scores

MOST = 8


@dataclass(frozen=True)
class Choice:
    """One frame to be shown, and why."""

    ref_frame: int
    clip_frame: int | None
    """None: nothing of the clip shows it."""
    matrix: Matrix | None
    """Clip pixel to ref pixel; None: the two are shown side by side as they are."""
    why: str
    score: float | None = None


def choose(alignment: Alignment, shown: list[int | None]) -> list[Choice]:
    """At most MOST frames, in the ref's order; shown is alignment.clip_frames()."""
    if not alignment.matched:
        return _refused(alignment)
    scores = frame_scores(alignment)
    picked: dict[int, str] = {}
    known = [(score, frame) for frame, score in enumerate(scores) if score is not None and shown[frame] is not None]
    if known and max(known)[0] > min(known)[0]:
        picked[min(known)[1]] = "Lowest score"
        picked[max(known)[1]] = "Highest score"
    for number, run, why in _notable(alignment):
        if len(picked) >= MOST:
            break
        if not any(run.ref_first <= frame < run.ref_end for frame in picked) or run.notes:
            picked.setdefault(_middle(run, shown), f"Run {number}: {why}")
    return [_choice(frame, why, shown[frame], scores[frame], alignment) for frame, why in sorted(picked.items())]


def _choice(frame: int, why: str, clip_frame: int | None, score: float | None, alignment: Alignment) -> Choice:
    if clip_frame is None:
        return Choice(frame, None, None, why)
    return Choice(frame, clip_frame, alignment.matrix_at(frame), why, score)


def _refused(alignment: Alignment) -> list[Choice]:
    """Of two that do not belong together: three moments of each, side by side."""
    out: dict[int, Choice] = {}
    for share in (1, 2, 3):
        frame, other = alignment.ref.frames * share // 4, alignment.clip.frames * share // 4
        out[frame] = Choice(frame, other, None, ("A quarter in", "Half way", "Three quarters in")[share - 1])
    return list(out.values())


def _notable(alignment: Alignment) -> list[tuple[int, Run, str]]:
    """Runs worth a look, most telling first: with notes, ambiguous, then the longest missing and the longest found."""
    numbered = list(enumerate(alignment.runs, 1))
    noted = [(n, run, _short(run.notes[0])) for n, run in numbered if run.notes]
    alike = [(n, run, "other frames look the same") for n, run in numbered if run.verdict is Verdict.AMBIGUOUS and not run.notes]
    missing = [(n, run, "not in the clip") for n, run in numbered if run.verdict is Verdict.UNMATCHED and not run.notes]
    found = [(n, run, "as found") for n, run in numbered if run.verdict is Verdict.EXACT and not run.notes]
    for group in (alike, missing, found):
        group.sort(key=lambda item: -item[1].ref_count)
    return noted[:3] + alike[:2] + missing[:2] + found


def _short(note: str) -> str:
    """A note's first clause, where the whole is too long for a caption."""
    return note if len(note) <= 60 else re.split(r"[:;,.] ", note)[0]


def _middle(run: Run, shown: list[int | None]) -> int:
    """A run's middle frame, of those that show something."""
    frames = [frame for frame in range(run.ref_first, run.ref_end) if shown[frame] is not None]
    return frames[len(frames) // 2] if frames else run.ref_first + run.ref_count // 2
