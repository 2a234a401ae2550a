"""The coarse time map of long footage: path.py's optimum, over the few offsets that hits speak for instead of over all.

The state of path.py is an offset from a straight line. Here the ref is cut into blocks, and each block has lanes: stretches of
WIDE offsets next to one another. A lane is there where hits point, where hits a little earlier or later point, and where the last
block that was clear, or the next one, runs on: so a still shot between two that move is held by both. A block has MOST lanes at
most, so the work for a ref frame does not grow with the clip. Prices and steps are those of path.py, and with all lanes there
the answer is the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .hits import Hits
from .path import NOTHING, Path, Prices, line_at

BLOCK = 16
"""Ref steps a block."""
WIDE = 16
"""Offsets a lane."""
MOST = 8
"""Lanes a block that its own hits may call for, and as many that those around it may."""
REACH = 8
"""Blocks that a hit speaks for before and after its own, ever less."""
FADE = 0.7
"""From one block to the next."""
SPREAD = 40
"""Lanes a block that take part in that."""
CLEAR = 1.0
"""Votes for one lane, of the BLOCK that a block can give at most, from which a block is clear."""
_FAR = np.float32(-1e9)
_PART = 128 * BLOCK
"""Ref steps whose hits are counted at once."""


@dataclass(frozen=True)
class Lanes:
    """The offsets of each block, ascending. Offset k stands for clip step k - lead + base[i] at ref step i."""

    base: np.ndarray
    """(ref steps,) int: the line."""
    offsets: list[np.ndarray]
    """For each block: (offsets,) int."""

    @property
    def lead(self) -> int:
        """Room below, so that no lane begins under 0."""
        return _lead(self.base)

    @property
    def cells(self) -> int:
        """Pairs that will be compared, for whoever counts the work."""
        return sum(len(offsets) * BLOCK for offsets in self.offsets)


def lanes_of(hits: Callable[[int, int], Hits], ref_steps: int, clip_steps: int, slope: float, sure: tuple[tuple[int, int], ...] = ()) -> Lanes:
    """The lanes that hits speak for.

    hits   of the ref steps first..end-1
    slope  clip steps a ref step
    sure   (clip step, ref step) that belong together, whatever hits say
    """
    base = line_at(ref_steps, slope)
    lead, blocks = _lead(base), -(-ref_steps // BLOCK)
    across = (clip_steps + lead) // WIDE + 2
    parts = [_voted(hits(first, min(ref_steps, first + _PART)), base, across) for first in range(0, ref_steps, _PART)]
    keys, votes = (np.concatenate([part[k] for part in parts]) for k in range(2))
    clear = _clear(keys, votes, across, blocks)
    own, _ = _strongest(keys, votes, across, MOST)
    keys, _ = _strongest(*_spread(keys, votes, across, blocks), across, MOST)
    by_hand = [(i // BLOCK) * across + (j - int(base[i]) + lead) // WIDE for j, i in sure]
    keys = np.unique(np.concatenate([own, keys, clear, np.array(by_hand, np.int64)]))
    edges = np.searchsorted(keys, np.arange(blocks + 1) * across)
    inside = np.arange(WIDE)
    offsets = [((keys[a:b] % across)[:, None] * WIDE + inside).ravel() for a, b in itertools.pairwise(edges)]
    return Lanes(base, offsets)


def _voted(hits: Hits, base: np.ndarray, across: int) -> tuple[np.ndarray, np.ndarray]:
    """The lanes that the hits of whole blocks call for, the SPREAD strongest of each block, and how loudly."""
    offset = hits.clip - base[hits.ref] + _lead(base)
    lanes = [(hits.ref // BLOCK) * across + (offset + side) // WIDE for side in (-WIDE // 2, WIDE // 2)]
    return _strongest(*_summed(np.concatenate(lanes), np.tile(hits.weight, 2)), across, SPREAD)


def _lead(base: np.ndarray) -> int:
    return int(base[-1]) + WIDE


def _summed(keys: np.ndarray, votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each key once, with the sum of its votes."""
    once, where = np.unique(keys.astype(np.int64), return_inverse=True)
    return once, np.bincount(where, votes, len(once))


def _strongest(keys: np.ndarray, votes: np.ndarray, across: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The keys with the most votes in each block."""
    block = keys // across
    order = np.lexsort((keys, -votes, block))
    rank = np.arange(len(order)) - np.searchsorted(block[order], block[order], "left")
    kept = np.sort(order[rank < most])
    return keys[kept], votes[kept]


def _spread(keys: np.ndarray, votes: np.ndarray, across: int, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Votes said in the blocks around as well, weaker the further off."""
    all_keys, all_votes = [keys], [votes]
    for away in range(1, REACH + 1):
        for side in (-away, away):
            moved = keys + side * across
            good = (moved >= 0) & (moved < blocks * across)
            all_keys.append(moved[good])
            all_votes.append(votes[good] * FADE**away)
    return _summed(np.concatenate(all_keys), np.concatenate(all_votes))


def _clear(keys: np.ndarray, votes: np.ndarray, across: int, blocks: int) -> np.ndarray:
    """For every block, the lane of the last block that was clear and of the next one."""
    best_keys, best_votes = _strongest(keys, votes, across, 1)
    best_keys = best_keys[best_votes >= CLEAR]
    if not len(best_keys):
        return best_keys
    at = np.searchsorted(best_keys // across, np.arange(blocks), "right")
    before, after = best_keys[np.maximum(at - 1, 0)], best_keys[np.minimum(at, len(best_keys) - 1)]
    return np.concatenate([np.arange(blocks) * across + key % across for key in (before, after)])


def lanes_path(lanes: Lanes, clip_steps: int, score: Callable[[int, int, np.ndarray], np.ndarray], prices: Prices) -> Path:
    """The best path over lanes.

    score(first, end, clip)  (end - first, offsets) float32 for ref steps first..end-1 and clip steps clip (end - first, offsets);
                             above 0 speaks for a pair, below 0 against it. Clip steps outside the clip may be asked for.
    """
    n = len(lanes.base)
    walk = _Walk(prices, n)
    for number, offsets in enumerate(lanes.offsets):
        first, end = number * BLOCK, min(n, (number + 1) * BLOCK)
        clip = offsets[None, :] - lanes.lead + lanes.base[first:end, None]
        here = score(first, end, clip) if len(offsets) else np.zeros((end - first, 0), np.float32)
        walk.block(first, offsets, np.where((clip >= 0) & (clip < clip_steps), here, _FAR).astype(np.float32))
    return walk.traced(lanes)


class _Walk:
    """Forward through the blocks, and back."""

    def __init__(self, prices: Prices, steps: int) -> None:
        self.prices = prices
        self.ways = [0, *(d for d in range(-prices.reach, prices.reach + 1) if d)]
        self.cost = np.array([prices.step * abs(d) for d in self.ways], np.float32)[:, None]
        self.offsets = np.zeros(0, np.int64)
        self.value = np.zeros(0, np.float32)
        self.nothing = np.float32(0.0)
        self.came: list[np.ndarray] = []
        self.jumped_from = np.full(steps, NOTHING, np.int64)
        self.rested_from = np.full(steps, NOTHING, np.int64)

    def block(self, first: int, offsets: np.ndarray, scores: np.ndarray) -> None:
        """One block: scores (ref steps, offsets)."""
        came = np.zeros(scores.shape, np.int8)
        from_before = self._sources(self.offsets, offsets)
        within = self._sources(offsets, offsets)
        for row, earned in enumerate(scores):
            self._step(first + row, from_before if row == 0 else within, earned, came[row])
            self.offsets = offsets
        self.came.append(came)

    def _sources(self, old: np.ndarray, new: np.ndarray) -> np.ndarray:
        """(ways, new) int: where in `old` each way into each offset comes from; len(old) where it is not there."""
        wanted = new[None, :] - np.array(self.ways)[:, None]
        at = np.searchsorted(old, wanted)
        there = np.zeros(wanted.shape, bool)
        inside = at < len(old)
        there[inside] = old[at[inside]] == wanted[inside]
        return np.where(there, at, len(old))

    def _step(self, i: int, sources: np.ndarray, earned: np.ndarray, how: np.ndarray) -> None:
        old, best = self.value, NOTHING
        jump, rise = _FAR, self.nothing - np.float32(self.prices.enter)
        if len(old):
            best = int(old.argmax())
            jump = old[best] - np.float32(self.prices.jump)
            self.jumped_from[i] = self.offsets[best]
            if old[best] - self.prices.leave > self.nothing:
                self.rested_from[i] = self.offsets[best]
                self.nothing = old[best] - np.float32(self.prices.leave)
        if not len(earned):
            self.value = np.zeros(0, np.float32)
            return
        ways = np.append(old, _FAR)[sources] - self.cost
        way = ways.argmax(0)
        here = np.take_along_axis(ways, way[None], 0)[0]
        how[:] = np.array(self.ways, np.int8)[way]
        away, mark = (rise, 100) if rise >= jump else (jump, 101)
        better = away > here
        here[better], how[better] = away, mark
        self.value = np.maximum(here + earned, _FAR)

    def traced(self, lanes: Lanes) -> Path:
        """The path that ended best."""
        at = np.full(len(lanes.base), NOTHING, int)
        k, score = NOTHING, float(self.nothing)
        if len(self.value) and self.value.max() > self.nothing:
            k, score = int(self.offsets[int(self.value.argmax())]), float(self.value.max())
        for i in range(len(at) - 1, -1, -1):
            if k == NOTHING:
                k = int(self.rested_from[i])
                continue
            at[i] = k - lanes.lead + lanes.base[i]
            how = int(self.came[i // BLOCK][i % BLOCK, np.searchsorted(lanes.offsets[i // BLOCK], k)])
            k = NOTHING if how == 100 else int(self.jumped_from[i]) if how == 101 else k - how
        return Path(at, score)
