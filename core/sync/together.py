"""Frames and place at once: under a camera that pans evenly, a wrong frame at a wrong place explains all but what moves by itself.

Neither alone leads out of it: at the wrong place the wrong frames are the nearest, and of the wrong frames the wrong place is the best.
So both are moved together, a frame at a time with a new fit each, for as long as the pictures agree better. Agreement is counted
without weights: what moves by itself is what robust weights leave out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..space.register import Registered, Registrar
from .analysis import Analysis
from .framing import Lock
from .path import NOTHING

BETTER = 0.004
"""Correlation by which a neighbour in time has to agree better; a right place is told from its neighbours by ten times that."""
FARTHEST = 40
STRIDES = (1, 2, 4, 7)
POINTS = 2500


def together(clip: Analysis, ref: Analysis, lock: Lock, rows: np.ndarray) -> Lock | None:
    """The lock moved in time and place to where the pictures agree best; None where that is where it is.

    rows  ref frames to look at
    """
    shown, clip_wh, ref_wh = lock.at[rows], (clip.media.width, clip.media.height), (ref.media.width, ref.media.height)
    refs = list(ref.thumbs_at(rows))

    def fitted(off: int, start: np.ndarray) -> Registered | None:
        at = shown + off
        inside = (at >= 0) & (at < clip.frames)
        if inside.sum() < max(3, len(at) // 2):
            return None
        clips = list(clip.thumbs_at(at[inside]))
        some = [r for r, keep in zip(refs, inside, strict=True) if keep]
        return Registrar(clips, some, clip_wh, ref_wh, start, POINTS).fit(start, "affine", 8)

    best, off = fitted(0, lock.clip_to_ref), 0
    if best is None:
        return None
    going = True
    while going and abs(off) < FARTHEST:
        going, a_frame = False, np.zeros((3, 3))
        for stride in STRIDES:
            back, on = (fitted(off + d, best.clip_to_ref + d * a_frame) for d in (-stride, stride))
            if stride == 1 and back is not None and on is not None:
                a_frame = (on.clip_to_ref - back.clip_to_ref) / 2
            for found, d in ((back, -stride), (on, stride)):
                if found is not None and found.correlation > best.correlation + BETTER:
                    best, off, going = found, off + d, True
                    break
            if going:
                break
    if off == 0:
        return None
    at = np.where(lock.at == NOTHING, NOTHING, np.clip(lock.at + off, 0, clip.frames - 1))
    return replace(lock, at=at, clip_to_ref=best.clip_to_ref)
