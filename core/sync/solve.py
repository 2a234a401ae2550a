"""The whole solve: locks one after another until nothing more of the clip is found, then one path through all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .. import threads
from ..progress import Progress
from .analysis import Analysis
from .backwards import Backwards, as_like, lock_backwards
from .coarse import Among
from .drift import as_lock, follow, windows_fields
from .exact import ExactPath, exact_path
from .framing import Lock, search, slopes
from .given import given_field, lock_on, margins
from .hints import NO_HINTS, Hints
from .pace import EVEN, pace_of
from .path import NOTHING
from .scores import LOSS, Field, anchored, field_of
from .segments import Segment, segments
from .together import together
from .tune import Tuned, choose, tune

LOCKS = {"draft": 1, "standard": 8, "final": 12}
"""Framings looked for, one after another."""
LATER = 0.3
"""Of the time, what comes after the first lock; each lock is taken to need half of what is left."""
LEAST_ALIKE = 0.3
"""Correlation of fine detail that a run needs; unrelated footage stays under 0.15."""
WEED, AROUND, DETAILED = 0.85, 6, 8.0
"""Likeness, as a share of the best tenth, that the better frames within AROUND need, where there are DETAILED squared grey levels."""
LEAST_CORRELATION = 0.25
"""Of registered pictures."""
DOUBTFUL = 0.96
"""Likeness of tuned frames under which other frames at other places are tried too."""
MIN_STRETCH_S = 1.0
"""A hole in the time map shorter than this is not searched for another framing."""
ANCHOR_REACH_S = 5.0
"""How far from a frame known by hand the line through it is followed, where nothing else supports it."""


@dataclass(frozen=True)
class Solved:
    """Frames, and for each the lock that explains it."""

    path: ExactPath
    fields: list[Field]
    owner: list[int]
    """Which lock each field came from."""
    locks: list[Lock]
    tuned: list[Tuned]


def solve(clip: Analysis, ref: Analysis, progress: Progress, hints: Hints = NO_HINTS, space: bool = True, quality: str = "standard") -> Solved | None:
    """Which clip frame each ref frame shows, and under which framing; None where nothing of the clip is in the ref.

    space  whether the framing is looked for; False lays the whole clip over the whole ref
    """
    found: Solved | None = None
    wanted = hints.rows(ref.frames)
    among = Among(hints.around(ref.frames), None, hints.anchors, not space)
    for turn in range(LOCKS[quality] if space else 1):
        before = 0.0 if turn == 0 else 1 - LATER * 0.5 ** (turn - 1)
        part = progress.part(before, 1 - LATER if turn == 0 else (1 - before) / 2)
        fresh = _lock(clip, ref, among, part)
        if fresh is None:
            break
        found = _joined(found, fresh, clip, ref, hints, part)
        if space and quality != "draft":
            found = _moving(found, clip, ref, hints)
        rows = _open_rows(found, ref) & (wanted if wanted is not None else True)
        columns = _open_columns(found, clip)
        if not rows.any() or not columns.any():
            break
        among = Among(rows, columns)
    if found is not None and space and quality != "draft":
        found = _reversed(found, clip, ref, hints, progress)
    return found if found is None or wanted is None else replace(found, path=_only(found.path, wanted))


def _only(path: ExactPath, rows: np.ndarray) -> ExactPath:
    """The path in these rows, and nothing elsewhere."""
    at, low, high, segment = (np.where(rows, x, NOTHING) for x in (path.at, path.low, path.high, path.segment))
    return replace(path, at=at, low=low, high=high, segment=segment)


def _reversed(found: Solved, clip: Analysis, ref: Analysis, hints: Hints, progress: Progress) -> Solved:
    """What is still open may play backwards."""
    wanted = hints.rows(ref.frames)
    rows = _open_rows(found, ref) & (wanted if wanted is not None else True)
    if not rows.any():
        return found
    turned = Backwards(clip)
    lock = lock_backwards(turned, ref, found.locks, rows)
    tuned = tune(turned, ref, lock) if lock is not None else None
    if lock is None or tuned is None or not as_like(tuned, found.tuned):
        return found
    return _joined(found, (lock, tuned), turned, ref, hints, progress.part(1.0, 0.0))


def _moving(found: Solved, clip: Analysis, ref: Analysis, hints: Hints) -> Solved:
    """Follow the framings that move, and let their windows take part in the path."""
    slope = found.locks[0].slope
    still = [k if found.locks[k].chain < 0 else -1 for k in found.owner]
    chains = follow(clip, ref, found.path, still, found.tuned, slope)
    if not chains:
        return found
    fields, owner, locks, tuned = list(found.fields), list(found.owner), list(found.locks), list(found.tuned)
    before = 1 + max(lock.chain for lock in locks)
    for number, chain in enumerate(chains, before):
        inside = range(chain[0].segment.first, chain[-1].segment.last + 1)
        kept = [k for k, field in enumerate(fields) if field.segment.first not in inside or field.segment.last not in inside]
        fields, owner = [fields[k] for k in kept], [owner[k] for k in kept]
        for window, field in zip(chain, windows_fields(chain), strict=True):
            fields.append(_confined(field, hints, ref))
            owner.append(len(locks))
            locks.append(as_lock(window, found.locks[0], number))
            tuned.append(window.tuned)
    fields = [anchored(field, hints.anchors) for field in _weeded(fields)]
    return Solved(exact_path(fields, ref.frames, Progress()), fields, owner, locks, tuned)


def solve_given(clip: Analysis, ref: Analysis, at: np.ndarray, space: bool = True) -> Solved | None:
    """The framing alone, for a time map that is given; None where the pictures do not bear it out."""
    lock = lock_on(clip, ref, at, not space)
    tuned = tune(clip, ref, lock, space, time=False) if lock is not None else None
    if lock is None or tuned is None or tuned.alike < LEAST_CORRELATION:
        return None
    field = given_field(tuned, at)
    earlier, later = margins(tuned, at)
    path = replace(exact_path([field], ref.frames, Progress()), earlier=earlier, later=later)
    return Solved(path, [field], [0], [lock], [tuned])


def _lock(clip: Analysis, ref: Analysis, among: Among, progress: Progress) -> tuple[Lock, Tuned] | None:
    for lock in search(clip, ref, progress.part(0.0, 0.3), among)[:3]:
        tuned = tune(clip, ref, lock, space=not among.whole_only)
        if tuned is not None and not among.whole_only and tuned.alike < DOUBTFUL:
            moved = together(clip, ref, replace(lock, clip_to_ref=tuned.clip_to_ref), choose(lock.at, lock.sure, 8))
            if moved is not None:
                lock, tuned = moved, tune(clip, ref, moved)
        if tuned is not None and min(tuned.correlation, 2 * tuned.alike) > LEAST_CORRELATION:
            return lock, tuned
    return None


def _joined(found: Solved | None, fresh: tuple[Lock, Tuned], clip: Analysis, ref: Analysis, hints: Hints, progress: Progress) -> Solved:
    lock, tuned = fresh
    fields = list(found.fields) if found else []
    owner = list(found.owner) if found else []
    number = len(found.locks) if found else 0
    parts = segments(lock.at, lock.sure, slopes(clip, ref), 2 * lock.step, EVEN if lock.backwards else pace_of(clip.media, ref.media))
    made = _believed(_fields(clip, ref, lock, tuned, parts, progress))
    if number == 0:
        made += _by_hand(clip, ref, lock, tuned, made, hints)
    for field in made:
        fields.append(_confined(replace(field, back=clip.frames if lock.backwards else 0), hints, ref))
        owner.append(number)
    fields = [anchored(field, hints.anchors) for field in _weeded(fields)]
    path = exact_path(fields, ref.frames, progress.part(0.85, 0.1))
    return Solved(path, fields, owner, [*(found.locks if found else []), lock], [*(found.tuned if found else []), tuned])


def _fields(clip: Analysis, ref: Analysis, lock: Lock, tuned: Tuned, parts: list[Segment], progress: Progress) -> list[Field]:
    """Each segment compared frame by frame, a few segments at a time."""
    reach, stray = 2 * lock.step + 24, 3 + 2 * lock.step
    made = []
    with threads.pool(4) as pool:
        jobs = [pool.submit(field_of, tuned.comparer, part, reach, stray, tuned.tone, tuned.trust, tuned.alike) for part in parts]
        try:
            for k, job in enumerate(jobs):
                made.append(job.result())
                progress.at(0.4 + 0.44 * (k + 1) / len(parts), "comparing frames")
        finally:
            for job in jobs:
                job.cancel()
    return made


def _by_hand(clip: Analysis, ref: Analysis, lock: Lock, tuned: Tuned, made: list[Field], hints: Hints) -> list[Field]:
    """A field for each anchor that no other field passes through."""
    out = []
    reach = int(ANCHOR_REACH_S * float(ref.media.rate))
    for j, i in hints.anchors:
        if not any(f.first <= i < f.end and 0 <= j - f.base[i - f.first] - f.low < f.score.shape[1] for f in made):
            out.append(field_of(tuned.comparer, Segment(i, i, lock.slope, j + 0.5, 0, 0), reach, 3, tuned.tone, tuned.trust, tuned.alike))
    return out


def _confined(field: Field, hints: Hints, ref: Analysis) -> Field:
    """The field without what lies outside the range asked for, and what has to be looked at around it."""
    rows = hints.around(ref.frames)
    if rows is None:
        return field
    return replace(field, score=np.where(rows[field.first : field.end, None], field.score, -np.inf))


def _believed(fields: list[Field]) -> list[Field]:
    """Fields whose frames are as alike as those of the lock's other fields.

    The same scene shot twice, or the same material framed otherwise, is like the clip but not as like it as what is the clip.
    """
    cores = [field.alike[field.core] for field in fields]
    if not cores:
        return []
    usual = 1 - float(np.quantile(np.concatenate(cores), 0.75))
    least = max(LEAST_ALIKE, 1 - max(0.12, 6 * usual))
    return [field for field, core in zip(fields, cores, strict=True) if float(np.median(core)) >= least]


def _weeded(fields: list[Field]) -> list[Field]:
    """The fields without the stretches that are much less alike than this pair of files can be.

    Under a framing that is not theirs, frames are answered by other moments of the same shot; left open, they find their own.
    """
    if not fields:
        return []
    best = float(np.quantile(np.concatenate([field.alike[field.core] for field in fields]), 0.9))
    out = []
    for field in fields:
        padded = np.pad(field.alike, AROUND, mode="edge")
        around = np.quantile(np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1), 0.75, axis=1)
        poor = (around < WEED * best) & (field.energy > DETAILED)
        out.append(replace(field, score=np.where(poor[:, None], np.minimum(field.score, -LOSS), field.score)) if poor.any() else field)
    return out


def _open_rows(found: Solved, ref: Analysis) -> np.ndarray:
    """(ref frames,) bool: stretches that nothing explains yet, long enough to be a shot of their own."""
    least = max(8, int(MIN_STRETCH_S * float(ref.media.rate)))
    return _long_stretches(found.path.at == NOTHING, least)


def _open_columns(found: Solved, clip: Analysis) -> np.ndarray:
    """(clip frames,) bool: stretches that no ref frame shows yet."""
    used = np.zeros(clip.frames, bool)
    used[found.path.at[found.path.at != NOTHING]] = True
    return _long_stretches(~used, max(8, int(MIN_STRETCH_S * float(clip.media.rate))))


def _long_stretches(wanted: np.ndarray, least: int) -> np.ndarray:
    """(N,) bool: the stretches of True at least this long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wanted.astype(np.int8), [0]])))
    out = np.zeros(len(wanted), bool)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        if end - first >= least:
            out[first:end] = True
    return out
