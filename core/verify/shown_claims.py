"""Holds one matched ref frame against what is seen: is it that clip frame, is it no neighbour, does it lie there?"""

from __future__ import annotations

import math

import numpy as np

from ..alignment import Alignment, Matrix
from .detail import Contest, Detail, contest, correlation
from .eye import Eye
from .figures import Claim, Seen, State
from .residual import Residuals, residuals

FOREIGN = 0.2
"""Details of pictures that have nothing to do with each other correlate less than this."""
SURELY = 0.4
LIMIT_PX = 0.5
"""Of the coarser of the two rasters; the median residual of a frame, above which its place fails."""
LEAST_PATCHES = 6
AROUND = (-2, -1, 1, 2)


def limit_px(matrix: Matrix) -> float:
    """How far the clip's content may lie from where it should, in ref pixels, for a place to hold."""
    scale = math.sqrt(abs(matrix[0] * matrix[4] - matrix[1] * matrix[3])) / abs(matrix[8] or 1.0)
    return LIMIT_PX * max(1.0, scale)


def neighbours(clip_frame: int, alignment: Alignment) -> list[int]:
    """The frames that a claimed one has to beat."""
    return [clip_frame + k for k in AROUND if 0 <= clip_frame + k < alignment.clip.frames]


def look_at(ref_frame: int, clip_frame: int, matrix: Matrix, alignment: Alignment, eye: Eye) -> Seen:
    """Measure one claimed pair, and judge what is claimed of it."""
    near = neighbours(clip_frame, alignment)
    ref = eye.ref(ref_frame)
    claimed = eye.clip(clip_frame, matrix)
    plain = correlation(ref, claimed)
    found = residuals(ref, claimed)
    seen = plain
    if plain < SURELY and len(found.shifts_px):
        x, y = found.middle_px
        seen = max(plain, correlation(ref, eye.clip(clip_frame, matrix, (-x, -y))))
    match = _match(ref_frame, clip_frame, seen, ref, claimed)
    lead, rival, frame = None, None, Claim("frame", ref_frame, State.OPEN, "there is no picture to compare")
    if match.state is not State.FAILS and near:
        lead, rival, frame = _against_neighbours(ref_frame, clip_frame, near, matrix, ref, claimed, eye)
    place = _place(ref_frame, found, match, limit_px(matrix), eye.ref_px)
    lengths = found.lengths_px * eye.ref_px
    measured = len(lengths) >= LEAST_PATCHES
    x, y = found.middle_px
    return Seen(
        ref_frame=ref_frame,
        clip_frame=clip_frame,
        correlation=round(seen, 4),
        lead=None if lead is None else round(lead, 4),
        rival=rival,
        shift_px=(round(x * eye.ref_px, 3), round(y * eye.ref_px, 3)) if measured else None,
        residual_px=round(float(np.median(lengths)), 3) if measured else None,
        residual_p95_px=round(float(np.percentile(lengths, 95)), 3) if measured else None,
        patches=len(lengths),
        claims=(match, place) if match.state is State.FAILS else (match, frame, place),
    )


def empty(picture: Detail) -> bool:
    """Whether a picture has too little detail anywhere to be recognised: black, a flat colour."""
    return float((picture.values**2).sum()) < 0.02 * max(1.0, float(picture.inside.sum()))


def _match(ref_frame: int, clip_frame: int, seen: float, ref: Detail, claimed: Detail) -> Claim:
    if empty(ref) and empty(claimed):
        return Claim("match", ref_frame, State.OPEN, "both frames are all but empty")
    if seen < FOREIGN:
        return Claim("match", ref_frame, State.FAILS, f"clip frame {clip_frame} shows something else (correlation {seen:.2f})")
    state = State.HOLDS if seen >= SURELY else State.OPEN
    return Claim("match", ref_frame, state, f"clip frame {clip_frame} correlates by {seen:.2f}")


def _against_neighbours(
    ref_frame: int, clip_frame: int, near: list[int], matrix: Matrix, ref: Detail, claimed: Detail, eye: Eye
) -> tuple[float, int, Claim]:
    """The claimed frame against each neighbour: (least lead, the neighbour it is over, the claim)."""
    rivals = {n: eye.clip(n, matrix) for n in near}
    contests = {n: contest(ref, claimed, rival) for n, rival in rivals.items()}
    worst = min(contests, key=lambda n: contests[n].lead)
    outcome = contests[worst]
    if any(c.lost for c in contests.values()):
        worst = min((n for n in contests if contests[n].lost), key=lambda n: contests[n].lead)
        outcome = contests[worst]
        still = _each_at_its_best(ref, clip_frame, worst, matrix, claimed, rivals[worst], eye)
        if still.lost:
            return outcome.lead, worst, Claim("frame", ref_frame, State.FAILS, f"clip frame {worst} fits better than {clip_frame}")
        return outcome.lead, worst, Claim("frame", ref_frame, State.OPEN, f"clip frame {worst} fits better, but for a shift alone")
    alike = [n for n, c in contests.items() if not c.won]
    if alike:
        return outcome.lead, worst, Claim("frame", ref_frame, State.OPEN, f"clip frame {alike[0]} looks the same")
    return outcome.lead, worst, Claim("frame", ref_frame, State.HOLDS, f"clip frame {clip_frame} fits better than its neighbours")


def _each_at_its_best(
    ref: Detail, clip_frame: int, rival: int, matrix: Matrix, first: Detail, second: Detail, eye: Eye
) -> Contest:
    """The same contest with both candidates moved to where they fit best: a camera's move alone then tells no frame from another."""
    moved = []
    for number, seen in ((clip_frame, first), (rival, second)):
        x, y = residuals(ref, seen).middle_px
        moved.append(eye.clip(number, matrix, (-x, -y)) if math.hypot(x, y) > 0.05 else seen)
    return contest(ref, moved[0], moved[1])


def _place(ref_frame: int, found: Residuals, match: Claim, limit: float, ref_px: float) -> Claim:
    """One frame that lies off proves nothing: where the clip lacks that very moment (another rate, a dropped frame), what moves in
    the nearest frame lies elsewhere. It is left open here, and decided over the run."""
    if match.state is State.FAILS or len(found.shifts_px) < LEAST_PATCHES:
        return Claim("place", ref_frame, State.OPEN, "too little detail in common to measure by")
    x, y = (value * ref_px for value in found.middle_px)
    off = float(np.median(found.lengths_px)) * ref_px
    if off <= limit:
        return Claim("place", ref_frame, State.HOLDS, f"lies within {off:.2f} px")
    return Claim("place", ref_frame, State.OPEN, f"lies {off:.2f} px off ({x:+.2f} right, {y:+.2f} down), above {limit:.2f} px")
