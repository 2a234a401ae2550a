"""Holds a ref frame that is claimed to be missing against the clip frames that it would have been, had the map gone on."""

from __future__ import annotations

from ..alignment import Alignment, Matrix, Run, matrix_between
from .detail import contest, correlation
from .eye import Eye
from .figures import Claim, Seen, State
from .shown_claims import empty

AROUND = 6
"""Clip frames looked at on either side of where a neighbouring run's time goes on to."""
SPREAD = 24
"""Where no run is matched at all: clip frames looked at, evenly spread."""
SHOWN = 0.6
"""Correlation from which a clip frame may be said to show a ref frame after all."""

Candidate = tuple[int, Matrix]


def look_for(ref_frame: int, n: int, alignment: Alignment, used: dict[int, int], small: Eye, eye: Eye) -> Seen:
    """Look for a ref frame of run n, claimed to be missing.

    used  a ref frame for each clip frame that is claimed to be shown
    """
    tries = candidates(ref_frame, n, alignment)
    ref = small.ref(ref_frame)
    if empty(ref):
        return _seen(ref_frame, 0.0, None, State.OPEN, "the frame is all but empty")
    best: tuple[float, Candidate] | None = None
    for matrix in dict.fromkeys(matrix for _, matrix in tries):
        numbers = sorted({number for number, its in tries if its == matrix})
        for number in numbers:
            told = correlation(ref, small.clip(number, matrix))
            if best is None or told > best[0]:
                best = told, (number, matrix)
    if best is None or best[0] < SHOWN * 0.75:
        words = "nothing of the clip near by shows it" if best else "there is no clip frame near by to compare"
        return _seen(ref_frame, best[0] if best else 0.0, best[1][0] if best else None, State.HOLDS if best else State.OPEN, words)
    return _second_look(ref_frame, best[1], alignment, used, eye)


def _second_look(ref_frame: int, candidate: Candidate, alignment: Alignment, used: dict[int, int], eye: Eye) -> Seen:
    """At full size, and against the ref frame that the candidate is claimed to be, where there is one."""
    number, matrix = candidate
    here, shown = eye.ref(ref_frame), eye.clip(number, matrix)
    told = correlation(here, shown)
    if told < SHOWN:
        return _seen(ref_frame, told, number, State.HOLDS if told < 0.75 * SHOWN else State.OPEN, f"clip frame {number} is the nearest, and differs")
    if number not in used:
        return _seen(ref_frame, told, number, State.FAILS, f"is said to be missing, but clip frame {number} shows it (correlation {told:.2f})")
    rightful = eye.ref(used[number])
    outcome = contest(shown, rightful, here)
    if outcome.won:
        return _seen(ref_frame, told, number, State.HOLDS, f"clip frame {number} is the nearest, and shows ref frame {used[number]}")
    return _seen(ref_frame, told, number, State.OPEN, f"clip frame {number} looks the same, and is used for ref frame {used[number]}")


def candidates(ref_frame: int, n: int, alignment: Alignment) -> list[Candidate]:
    """Clip frames that might show a missing ref frame of run n, and where they would lie."""
    out: list[Candidate] = []
    before = next((run for run in reversed(alignment.runs[:n]) if run.pieces), None)
    after = next((run for run in alignment.runs[n + 1 :] if run.pieces), None)
    for run, at_end in ((before, True), (after, False)):
        if run is not None:
            out += _carried_on(ref_frame, run, at_end, alignment)
    if before is None and after is None:
        clip, ref = alignment.clip, alignment.ref
        x, y = ref.width / clip.width, ref.height / clip.height
        filled: Matrix = (x, 0.0, (x - 1) / 2, 0.0, y, (y - 1) / 2, 0.0, 0.0, 1.0)
        count = min(SPREAD, clip.frames)
        out = [((2 * k + 1) * clip.frames // (2 * count), filled) for k in range(count)]
    return out


def _carried_on(ref_frame: int, run: Run, at_end: bool, alignment: Alignment) -> list[Candidate]:
    """The clip frames round the one that a run would show if it went on to the ref frame at its own speed."""
    piece = run.pieces[-1 if at_end else 0]
    time_s = piece.clip_start_s + (alignment.ref.middle_of(ref_frame) - alignment.ref.time_of(piece.ref_first)) * piece.speed
    middle = alignment.clip.frame_at(time_s)
    matrix = matrix_between(run.transform, ref_frame)
    if matrix is None:
        return []
    return [(k, matrix) for k in range(middle - AROUND, middle + AROUND + 1) if 0 <= k < alignment.clip.frames]


def _seen(ref_frame: int, told: float, rival: int | None, state: State, words: str) -> Seen:
    claim = Claim("missing", ref_frame, state, words)
    return Seen(ref_frame, None, round(told, 4), None, rival, None, None, None, 0, (claim,))
