"""A framing that moves: a pan and scan, a zoom laid over the clip, a stabilised copy.

Where one matrix fits a stretch only in places, it is followed from where it fits best, window by window and both ways, each window
registered from its neighbour's matrix. What the windows find becomes keys.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from ..space.geometry import distance
from ..space.register import Registrar
from .analysis import Analysis
from .compare import Comparer, tone_curve, trust_map
from .exact import ExactPath
from .framing import Lock
from .scores import Field, field_of
from .segments import Segment
from .tune import Tuned

WINDOW = 8
"""Ref frames a window."""
PAIRS = 4
POINTS = 2500
AROUND = 6
UNEVEN = 0.97
"""A stretch whose frames are this much less alike in places than in others may be one that moves."""
MOVED_PX = 0.75
"""Ref pixels by which windows have to differ before the framing is said to move."""
LEAST = 0.5
"""Share of the best window's likeness under which the trail is lost."""


@dataclass(frozen=True)
class Window:
    """A few ref frames and the framing around their middle."""

    segment: Segment
    tuned: Tuned


def follow(clip: Analysis, ref: Analysis, path: ExactPath, owner: list[int], tuned: list[Tuned], slope: float) -> list[list[Window]]:
    """Chains of windows for the stretches whose framing moves; empty where none does.

    owner  the lock of each field that the path went through; -1 for those that are windows already
    """
    out = []
    taken = np.zeros(ref.frames, bool)
    for first, end, number in _stretches(path, owner):
        if taken[first:end].any() or end - first < 2 * WINDOW or not _uneven(path, first, end):
            continue
        best = first + int(np.argmax(np.convolve(path.alike[first:end], np.ones(WINDOW), "same")))
        chain = _chain(clip, ref, path, tuned[number], best, slope)
        if _moves(chain, clip, ref):
            out.append(chain)
            taken[chain[0].segment.first : chain[-1].segment.last + 1] = True
    return out


def windows_fields(chain: list[Window]) -> list[Field]:
    """The windows compared frame by frame, a little beyond their ends."""
    return [field_of(w.tuned.comparer, w.segment, WINDOW // 2, 3, w.tuned.tone, w.tuned.trust, w.tuned.alike) for w in chain]


def as_lock(window: Window, like: Lock, chain: int) -> Lock:
    """A lock of its own for a window."""
    return replace(like, clip_to_ref=window.tuned.clip_to_ref, chain=chain)


def _stretches(path: ExactPath, owner: list[int]) -> list[tuple[int, int, int]]:
    """(first, end, lock) of ref frames in a row under one lock."""
    lock = np.array([owner[s] if s >= 0 else -1 for s in path.segment])
    edges = [0, *(np.flatnonzero(np.diff(lock)) + 1).tolist(), len(lock)]
    return [(a, b, int(lock[a])) for a, b in itertools.pairwise(edges) if lock[a] >= 0]


def _uneven(path: ExactPath, first: int, end: int) -> bool:
    """Whether a stretch fits clearly better in places. Of the frames around each, the better ones speak: single ones may lie between two."""
    padded = np.pad(path.alike[first:end], AROUND, mode="edge")
    around = np.quantile(np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1), 0.75, axis=1)
    top = float(np.quantile(around, 0.9))
    return top > 0.5 and float(np.quantile(around, 0.15)) < UNEVEN * top


def _chain(clip: Analysis, ref: Analysis, path: ExactPath, seed: Tuned, best: int, slope: float) -> list[Window]:
    """Windows from the best place on, forwards and backwards, until the trail is lost."""
    start = _window(clip, ref, best, int(path.at[best]), seed.clip_to_ref, slope)
    if start is None:
        return []
    out = [start]
    for way in (1, -1):
        here = start
        before = start
        while True:
            row = here.segment.first + WINDOW // 2 + way * WINDOW
            shown = round(here.segment.origin - 0.5 + (row - here.segment.first) * slope)
            guess = here.tuned.clip_to_ref + (here.tuned.clip_to_ref - before.tuned.clip_to_ref)
            found = _window(clip, ref, row, shown, guess, slope) or _window(clip, ref, row, shown, here.tuned.clip_to_ref, slope)
            if found is None or found.tuned.alike < LEAST * start.tuned.alike:
                break
            before, here = here, found
            out.append(found)
    return sorted(out, key=lambda w: w.segment.first)


def _window(clip: Analysis, ref: Analysis, middle: int, shown: int, guess: np.ndarray, slope: float) -> Window | None:
    """Register the frames around one; None beyond either file's end, or where they do not fit."""
    rows = middle - WINDOW // 2 + np.arange(WINDOW)
    rows = rows[(rows >= 0) & (rows < ref.frames)]
    at = np.floor(shown + 0.5 + (rows - middle) * slope).astype(int)
    good = (at >= 0) & (at < clip.frames)
    rows, at = rows[good], at[good]
    if len(rows) < WINDOW // 2:
        return None
    pick = np.linspace(0, len(rows) - 1, PAIRS).round().astype(int)
    clip_wh, ref_wh = (clip.media.width, clip.media.height), (ref.media.width, ref.media.height)
    registrar = Registrar(list(clip.thumbs_at(at[pick])), list(ref.thumbs_at(rows[pick])), clip_wh, ref_wh, guess, POINTS)
    found = registrar.fit(guess, "affine")
    if found is None or distance(found.clip_to_ref, guess, clip_wh) > 0.08 * max(ref_wh):
        return None
    try:
        comparer = Comparer(clip, ref, found.clip_to_ref)
    except ValueError:
        return None
    clips, refs = comparer.pictures(at[pick], rows[pick])
    mask = comparer.mask > 0
    tone = tone_curve(clips, refs, mask)
    trust = trust_map(clips, refs, tone, mask)
    alike = float(np.median(comparer.alike(clips, refs, tone, trust)))
    tuned = Tuned(comparer, found.clip_to_ref, "affine", tone, trust, found.correlation, alike, np.stack([rows[pick], at[pick]], 1))
    return Window(Segment(int(rows[0]), int(rows[-1]), slope, at[0] + 0.5, 0, 0), tuned)


def _moves(chain: list[Window], clip: Analysis, ref: Analysis) -> bool:
    """Whether the windows' framings lie apart by more than registration errs."""
    if len(chain) < 3:
        return False
    wh = (clip.media.width, clip.media.height)
    across = distance(chain[0].tuned.clip_to_ref, chain[-1].tuned.clip_to_ref, wh)
    farthest = max(distance(chain[0].tuned.clip_to_ref, window.tuned.clip_to_ref, wh) for window in chain)
    return max(across, farthest) > MOVED_PX
