"""Where in a long clip frames like those of the ref lie, without comparing all with all.

Each vector is cut by random planes into a short word of signs; vectors that point the same way often share it (locality-sensitive
hashing by random hyperplanes, Charikar 2002). Several words each, from planes of their own, make up for those that differ. Some of
the words are of two vectors, a little before and a little after: where a still picture goes over into another, they alone tell
when. Words are a bit longer for every doubling of the clip and at most CAP frames are taken of any one word, so the work for each
frame of the ref does not grow with the clip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .packed import Packed

WORDS = 16
"""Words a row."""
OF_TWO = 6
"""How many of them are of what is there AROUND_S before and after."""
AROUND_S = 1.0
BITS = (8, 18)
"""Length of a word, at least and at most."""
CAP = 24
"""Clip frames taken of those that share a word with a ref frame."""
BLOCK = 4096
SEED = 20
_LEARNT = 2048
"""Rows that the mean of a file is taken from, and how alike two of them in a row may be for both to count: a slide that stands for
minutes is one picture, not what all pictures have in common."""
_ALIKE = 0.9


@dataclass(frozen=True)
class Hits:
    """Pairs of rows that may show the same, as (pairs,) arrays; a pair comes once for each word that is shared."""

    ref: np.ndarray
    clip: np.ndarray
    weight: np.ndarray
    """Of each: 1 over how many clip rows share the word, over WORDS: what is common says little, and a ref row says 1 at most."""


class Shared:
    """The words of both sides, and the pairs of rows that share one: told for some rows of the ref at a time, since there may be hundreds for each.

    ref_rows, clip_rows  the rows that take part, ascending; those of flat pictures say nothing
    around               rows of either that last AROUND_S
    """

    def __init__(self, ref: Packed, ref_rows: np.ndarray, clip: Packed, clip_rows: np.ndarray, around: tuple[int, int]) -> None:
        bits = int(np.clip(np.ceil(np.log2(max(2, len(clip_rows)))) - 1, *BITS))
        planes = np.random.default_rng(SEED).standard_normal((ref.levels.shape[1], (WORDS + OF_TWO) * bits)).astype(np.float32)
        sides = ((ref, ref_rows, around[0]), (clip, clip_rows, around[1]))
        of_ref, of_clip = (_words(vectors, rows, planes, bits, near) for vectors, rows, near in sides)
        self._ref_rows, self._clip_rows, self._of_ref = ref_rows, clip_rows, of_ref
        self._order = np.argsort(of_clip.T, axis=1, kind="stable").astype(np.int32)
        self._ranked = np.take_along_axis(of_clip.T, self._order, 1)
        self.looked = 0
        """Pairs that were looked at, for whoever counts the work."""

    def between(self, first: int, end: int) -> Hits:
        """Of the ref's rows first..end-1."""
        low, high = np.searchsorted(self._ref_rows, (first, end))
        found = [_shared(self._of_ref[low:high, k], self._ranked[k], self._order[k]) for k in range(WORDS)]
        rows, columns, weights = (np.concatenate([one[part] for one in found]) for part in range(3))
        self.looked += len(rows)
        return Hits(self._ref_rows[low + rows], self._clip_rows[columns], weights / WORDS)


def _words(vectors: Packed, rows: np.ndarray, planes: np.ndarray, bits: int, around: int) -> np.ndarray:
    """(rows, WORDS) int32, by projections on (WORDS + OF_TWO) * bits planes."""
    alone = (WORDS - OF_TWO) * bits
    out = np.zeros((len(rows), WORDS), np.int32)
    power = (1 << np.arange(bits)).astype(np.int32)
    for here, low, sides in _projected(vectors, rows, planes, around):
        both = sides[:, alone:].reshape(len(sides), 2, OF_TWO * bits)
        at = rows[here] - low
        of_two = both[np.maximum(at - around, 0), 0] + both[np.minimum(at + around, len(sides) - 1), 1]
        signs = np.concatenate([sides[at, :alone], of_two], 1) > 0
        out[here] = signs.reshape(-1, WORDS, bits) @ power
    return out


def _projected(vectors: Packed, rows: np.ndarray, planes: np.ndarray, around: int) -> Iterator[tuple[slice, int, np.ndarray]]:
    """How far on which side of each plane, for BLOCK rows after BLOCK: (which of `rows`, the row that the array begins with, (n, planes) float16).

    The array goes on for `around` rows before and after them; rows that do not take part are 0. The first half of the planes is after what all
    frames share is taken away (a logo, bars); the others as they are, for footage that is nothing but one picture.
    """
    half = planes.shape[1] // 2
    shared = _shared_by_all(vectors[rows[:: max(1, len(rows) // _LEARNT)]]) @ planes[:, :half] if len(rows) else None
    for first in range(0, len(vectors), BLOCK):
        low, high = max(0, first - around), min(len(vectors), first + BLOCK + around)
        a, b, c, d = np.searchsorted(rows, (low, first, first + BLOCK, high))
        if b == c:
            continue
        part = vectors[rows[a:d]] @ planes
        part[:, :half] -= shared
        out = np.zeros((high - low, planes.shape[1]), np.float16)
        out[rows[a:d] - low] = part
        yield slice(b, c), low, out


def _shared_by_all(vectors: np.ndarray) -> np.ndarray:
    """(D,): the mean of those that are not like the one before."""
    fresh = np.concatenate([[True], (vectors[1:] * vectors[:-1]).sum(1) < _ALIKE])
    return vectors[fresh].mean(0)


def _shared(of_ref: np.ndarray, ranked: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(places in of_ref, places in the clip, weights) of equal words; of a word with more than CAP, CAP spread over it.

    ranked  the clip's words, ascending; order: where they come from
    """
    low, high = np.searchsorted(ranked, of_ref, "left"), np.searchsorted(ranked, of_ref, "right")
    count = high - low
    taken = np.minimum(count, CAP)
    row = np.repeat(np.arange(len(of_ref)), taken)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(taken) - taken, taken)
    column = order[low[row] + nth * count[row] // taken[row]] if len(row) else row
    return row, column, 1 / np.maximum(count[row], 1)
