"""The frame map as a table: one line a ref frame, as RFC 4180 has it (CRLF, quotes doubled)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from ..alignment import Alignment, Run, matrix_between, played
from ..errors import FormatError
from .clock import Clock

COLUMNS = (
    "ref_frame", "ref_timecode", "ref_time_s", "clip_frame", "clip_timecode", "clip_time_s",
    "verdict", "score", "confidence", "speed", "m00", "m01", "m02", "m10", "m11", "m12", "m20", "m21", "m22",
)  # fmt: skip
MOST_LINES = 6_000_000
"""A day at 60 frames a second: more than any program of tables opens."""


def to_csv(alignment: Alignment) -> str:
    """One line a ref frame under a line of names; where nothing is matched, the clip's columns are empty.

    Frames count from 0 at each file's first one. Times are seconds after the first frame's start, to the microsecond.
    Raises FormatError for more than MOST_LINES.
    score is the frame's own where the solve kept it, else its run's. m00 to m22 take clip pixel to ref pixel, row by row.
    """
    if alignment.ref.frames > MOST_LINES:
        raise FormatError(f"a table of {alignment.ref.frames} lines is more than {MOST_LINES}", "write .json or .otio")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(alignment))
    return out.getvalue()


def rows(alignment: Alignment) -> Iterator[list[Any]]:
    """The table's lines without the names."""
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    scores = frame_scores(alignment)
    for run in alignment.runs:
        shown = dict(played(run.pieces, alignment.clip, alignment.ref))
        speeds = {frame: piece.speed for piece in run.pieces for frame in range(piece.ref_first, piece.ref_first + piece.ref_count)}
        for frame in range(run.ref_first, run.ref_end):
            row: list[Any] = [frame, ref.label(frame), _seconds(alignment.ref.time_of(frame))]
            at = shown.get(frame)
            row += ["", "", ""] if at is None else [at, clip.label(at), _seconds(alignment.clip.time_of(at))]
            row += [run.verdict.value, _score(scores, run, frame), _short(run.confidence)]
            row.append(_short(float(speeds[frame])) if frame in speeds else "")
            matrix = matrix_between(run.transform, frame)
            row += [""] * 9 if matrix is None else [repr(float(value)) for value in matrix]
            yield row


def frame_scores(alignment: Alignment) -> list[float | None]:
    """The solve's scores per ref frame, 0 to 1; None where it has none. Tolerates evidence that is not what it should be."""
    told = alignment.evidence.get("scores")
    told = told if isinstance(told, list | tuple) else []
    scores: list[float | None] = [
        min(1.0, max(0.0, float(value))) if isinstance(value, int | float) and value == value else None for value in told[: alignment.ref.frames]
    ]
    return scores + [None] * (alignment.ref.frames - len(scores))


def _score(scores: list[float | None], run: Run, frame: int) -> str:
    value = scores[frame] if frame < len(scores) else None
    if value is None:
        return _short(run.score) if run.pieces else ""
    return _short(value)


def _short(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _seconds(time_s: Any) -> str:
    return f"{float(time_s):.6f}"
