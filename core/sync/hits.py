"""Where in a long clip frames like those of the ref lie, without comparing all with all.

Each vector is cut by random planes into a short word of signs; vectors that point the same way often share it (locality-sensitive
hashing by random hyperplanes, Charikar 2002). Several words each, from planes of their own, make up for those that differ. Words
are a bit longer for every doubling of the clip and at most CAP frames are taken of any one word, so the work for each frame of the
ref does not grow with the clip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .packed import Packed

WORDS = 16
"""Words a vector."""
BITS = (8, 18)
"""Length of a word, at least and at most."""
CAP = 24
"""Clip frames taken of those that share a word with a ref frame."""
BLOCK = 4096
SEED = 20
_LEARNT = 2048
"""Vectors that the mean of a file is taken from."""


@dataclass(frozen=True)
class Hits:
    """Pairs of rows that may show the same, as (pairs,) arrays; a pair comes once for each word that is shared."""

    ref: np.ndarray
    clip: np.ndarray
    weight: np.ndarray
    """Of each: 1 over how many clip rows share the word, over WORDS: what is common says little, and a ref row says 1 at most."""
    looked: int
    """Pairs that were looked at, for whoever counts the work."""


def hits(ref: Packed, ref_rows: np.ndarray, clip: Packed, clip_rows: np.ndarray) -> Hits:
    """Pairs of rows whose vectors point alike.

    ref_rows, clip_rows  the rows that take part, ascending; those of flat pictures say nothing
    """
    bits = int(np.clip(np.ceil(np.log2(max(2, len(clip_rows)))) - 1, *BITS))
    planes = np.random.default_rng(SEED).standard_normal((ref.levels.shape[1], WORDS * bits)).astype(np.float32)
    of_ref, of_clip = (_words(vectors, rows, planes, bits) for vectors, rows in ((ref, ref_rows), (clip, clip_rows)))
    found = [_shared(of_ref[:, k], of_clip[:, k]) for k in range(WORDS)]
    rows, columns, weights = (np.concatenate([one[part] for one in found]) for part in range(3))
    return Hits(ref_rows[rows], clip_rows[columns], weights / WORDS, len(rows))


def _words(vectors: Packed, rows: np.ndarray, planes: np.ndarray, bits: int) -> np.ndarray:
    """(rows, WORDS) int32: on which side of each plane, after the file's own mean is taken away (a logo, bars)."""
    out = np.zeros((len(rows), WORDS), np.int32)
    if not len(rows):
        return out
    mean = vectors[rows[:: max(1, len(rows) // _LEARNT)]].mean(0)
    power = (1 << np.arange(bits)).astype(np.int32)
    for a in range(0, len(rows), BLOCK):
        side = (vectors[rows[a : a + BLOCK]] - mean) @ planes > 0
        out[a : a + BLOCK] = side.reshape(-1, WORDS, bits) @ power
    return out


def _shared(of_ref: np.ndarray, of_clip: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(places in of_ref, places in of_clip, weights) of equal words; of a word with more than CAP, CAP spread over it."""
    order = np.argsort(of_clip, kind="stable")
    ranked = of_clip[order]
    low, high = np.searchsorted(ranked, of_ref, "left"), np.searchsorted(ranked, of_ref, "right")
    count = high - low
    taken = np.minimum(count, CAP)
    row = np.repeat(np.arange(len(of_ref)), taken)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(taken) - taken, taken)
    column = order[low[row] + nth * count[row] // taken[row]] if len(row) else row
    return row, column, 1 / np.maximum(count[row], 1)
