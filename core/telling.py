"""A solve told as an Alignment: runs with their verdicts, and the final matrix of each framing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import __version__
from .alignment import Alignment, Key, Run, Verdict
from .errors import NotSameFootage
from .progress import Progress
from .settings import AlignSettings
from .space.geometry import as_tuple
from .space.refine import Refined, refine
from .sync.analysis import Analysis
from .sync.path import NOTHING
from .sync.runs import Stretch, stretches, to_run
from .sync.solve import Solved

PAIRS = {"draft": 0, "standard": 6, "final": 20}
"""Pairs of full-size frames that the final matrix comes from."""


def nothing(clip: Analysis, ref: Analysis, settings: AlignSettings) -> Alignment:
    """The alignment of two that have nothing in common."""
    return Alignment(clip.media, ref.media, (Run(0, ref.frames, Verdict.UNMATCHED),), settings.to_json(), {}, __version__)


def told(clip: Analysis, ref: Analysis, solved: Solved | None, settings: AlignSettings, progress: Progress) -> Alignment:
    """The solve as an Alignment. Raises NotSameFootage where there is nothing to tell."""
    empty = nothing(clip, ref, settings)
    if solved is None or not (solved.path.at != NOTHING).any():
        raise NotSameFootage(
            f"{clip.media.path} and {ref.media.path} do not show the same footage: no frame of one is in the other",
            "check that these are the right two files, or name a frame of each with --anchor CLIP=REF",
            empty,
        )
    lies = {}
    limit = 3 + 3 * max(lock.slope for lock in solved.locks)
    runs = []
    for part in stretches(solved, ref.frames, limit):
        for number in part.locks:
            if number not in lies:
                lies[number] = _matrix(clip, ref, solved, number, settings, progress)
        model = lies[part.locks[0]].model if part.locks else ""
        runs.append(to_run(part, solved.path, clip.media, ref.media, _keys(part, solved, lies), model))
    evidence = {
        "scores": [None if j == NOTHING else round(float(s), 3) for j, s in zip(solved.path.at, np.clip(solved.path.alike, 0, 1), strict=True)],
        "framings": [
            {"model": lie.model, "error_px": round(lie.error_px, 4), "correlation": round(lie.correlation, 4)} for lie in lies.values()
        ],
        "decoded_again": clip.decoded + ref.decoded,
    }
    return replace(empty, runs=tuple(runs), evidence=evidence)


def _keys(part: Stretch, solved: Solved, lies: dict[int, Refined]) -> tuple[Key, ...]:
    """One key where the picture lies still; where it moves, one in the middle of each window."""
    if len(part.locks) == 1:
        return (Key(part.first, as_tuple(lies[part.locks[0]].clip_to_ref)),)
    keys = {}
    for number in part.locks:
        segment = next(field.segment for field, owner in zip(solved.fields, solved.owner, strict=True) if owner == number)
        middle = min(max((segment.first + segment.last) // 2, part.first), part.end - 1)
        keys[middle] = Key(middle, as_tuple(lies[number].clip_to_ref))
    return tuple(keys[frame] for frame in sorted(keys))


def _matrix(clip: Analysis, ref: Analysis, solved: Solved, number: int, settings: AlignSettings, progress: Progress) -> Refined:
    """The final matrix of one lock."""
    progress.at(0.0, "placing the picture")
    tuned = solved.tuned[number]
    clip_wh, ref_wh = (clip.media.width, clip.media.height), (ref.media.width, ref.media.height)
    if settings.space == "off":
        return Refined(tuned.clip_to_ref, "identity" if clip_wh == ref_wh else "stretch", 0.0, tuned.correlation)
    rough = Refined(tuned.clip_to_ref, tuned.model, 0.3, tuned.correlation)
    count = PAIRS[settings.quality] if solved.locks[number].chain < 0 else 0
    pairs = _pairs(clip, ref, solved, number, count) if count else []
    if not pairs:
        return rough
    clips, refs = clip.full(j for _, j in pairs), ref.full(i for i, _ in pairs)
    clip.hold(clips)
    ref.hold(refs)
    richest = "homography" if settings.space == "auto" else settings.space
    found = refine([clips[j] for _, j in pairs], [refs[i] for i, _ in pairs], clip_wh, ref_wh, tuned.clip_to_ref, richest)
    return found or rough


def _pairs(clip: Analysis, ref: Analysis, solved: Solved, number: int, count: int) -> list[tuple[int, int]]:
    """Matched frames of one lock, spread over it, each the cheapest to decode of the more alike half of those around it.

    A clip that lacks frames answers with their neighbours: under a moving camera, those lie elsewhere.
    """
    path, lock = solved.path, solved.locks[number]
    mine = (path.segment >= 0) & (np.array(solved.owner)[path.segment] == number)
    good = np.flatnonzero(mine & (path.high - path.low <= 1) & (lock.sure > 0))
    if len(good) < count:
        good = np.flatnonzero(mine & (lock.sure > 0)) if (mine & (lock.sure > 0)).any() else np.flatnonzero(mine)
    if not len(good):
        return []
    cost = _cost(ref, good) + _cost(clip, path.at[good])
    out = []
    for part in np.array_split(np.arange(len(good)), min(count, len(good))):
        part = part[path.alike[good[part]] >= np.median(path.alike[good[part]])]
        best = part[int(np.argmin(cost[part]))]
        out.append((int(good[best]), int(path.at[good[best]])))
    return out


def _cost(analysis: Analysis, frames: np.ndarray) -> np.ndarray:
    """Frames to decode for each of these: how far the key frame before it lies.

    Also where they are at hand: the answer from the cache has to be the answer of the first run.
    """
    keys = np.array(analysis.index.keys or (0,))
    return frames - keys[np.maximum(np.searchsorted(keys, frames, side="right") - 1, 0)]
