"""The whole solve: locks one after another until nothing more of the clip is found, then one path through all of them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..progress import Progress
from .analysis import Analysis
from .exact import ExactPath, Field, exact_path, field_of
from .framing import Lock, search, slopes
from .path import NOTHING
from .segments import segments
from .tune import Tuned, tune

LOCKS = 6
LEAST_ALIKE = 0.3
"""Correlation of fine detail that a run needs; unrelated footage stays under 0.15."""
MIN_STRETCH_S = 0.4
"""A hole in the time map shorter than this is not searched for another framing."""


@dataclass(frozen=True)
class Solved:
    """Frames, and for each the lock that explains it."""

    path: ExactPath
    fields: list[Field]
    owner: list[int]
    """Which lock each field came from."""
    locks: list[Lock]
    tuned: list[Tuned]


def solve(clip: Analysis, ref: Analysis, progress: Progress) -> Solved | None:
    """Which clip frame each ref frame shows, and under which framing; None where nothing of the clip is in the ref."""
    found: Solved | None = None
    rows = columns = None
    for turn in range(LOCKS):
        part = progress.part(0 if turn == 0 else 0.7 + 0.05 * turn, 0.7 if turn == 0 else 0.05)
        fresh = _lock(clip, ref, rows, columns, part)
        if fresh is None:
            break
        found = _joined(found, fresh, clip, ref, part)
        rows = _open_rows(found, ref)
        columns = _open_columns(found, clip)
        if not rows.any() or not columns.any():
            break
    return found


def _lock(clip: Analysis, ref: Analysis, rows: np.ndarray | None, columns: np.ndarray | None, progress: Progress) -> tuple[Lock, Tuned] | None:
    for lock in search(clip, ref, progress, rows, columns)[:3]:
        tuned = tune(clip, ref, lock)
        if tuned is not None and tuned.correlation > 0.25:
            return lock, tuned
    return None


def _joined(found: Solved | None, fresh: tuple[Lock, Tuned], clip: Analysis, ref: Analysis, progress: Progress) -> Solved:
    lock, tuned = fresh
    fields = list(found.fields) if found else []
    owner = list(found.owner) if found else []
    number = len(found.locks) if found else 0
    parts = segments(lock.at, lock.sure, slopes(clip, ref), 2 * lock.step)
    reach = 2 * lock.step + 24
    made = []
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        jobs = [pool.submit(field_of, tuned.comparer, part, reach, 3 + 2 * lock.step, tuned.tone, tuned.trust, tuned.alike) for part in parts]
        try:
            for k, job in enumerate(jobs):
                made.append(job.result())
                progress.at(0.5 + 0.5 * (k + 1) / len(parts), "comparing frames")
        finally:
            for job in jobs:
                job.cancel()
    for field in _believed(made):
        fields.append(field)
        owner.append(number)
    path = exact_path(fields, ref.frames, progress.part(1.0, 0.0))
    return Solved(path, fields, owner, [*(found.locks if found else []), lock], [*(found.tuned if found else []), tuned])


def _believed(fields: list[Field]) -> list[Field]:
    """Fields whose frames are as alike as those of the lock's other fields.

    The same scene shot twice, or the same material framed otherwise, is like the clip but not as like it as what is the clip.
    """
    cores = [field.alike[field.segment.first - field.first : field.segment.last + 1 - field.first] for field in fields]
    if not cores:
        return []
    usual = 1 - float(np.median(np.concatenate(cores)))
    least = max(LEAST_ALIKE, 1 - max(0.15, 6 * usual))
    return [field for field, core in zip(fields, cores, strict=True) if float(np.median(core)) >= least]


def _open_rows(found: Solved, ref: Analysis) -> np.ndarray:
    """(ref frames,) bool: stretches that nothing explains yet, long enough to be a shot of their own."""
    least = max(8, int(MIN_STRETCH_S * float(ref.media.rate)))
    return _long_stretches(found.path.at == NOTHING, least)


def _open_columns(found: Solved, clip: Analysis) -> np.ndarray:
    """(clip frames,) bool: stretches that no ref frame shows yet."""
    used = np.zeros(clip.frames, bool)
    used[found.path.at[found.path.at != NOTHING]] = True
    gaps = ~used
    return _long_stretches(gaps, 8)


def _long_stretches(open_: np.ndarray, least: int) -> np.ndarray:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], open_.astype(np.int8), [0]])))
    out = np.zeros(len(open_), bool)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        if end - first >= least:
            out[first:end] = True
    return out
