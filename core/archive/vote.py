"""From single hits to places: hits of one file that agree on when the clip begins in it (a Hough vote over the offset in time).

The offset of a clip that runs 4 % faster drifts by 0.8 s in 20 s, so the clip is voted for in pieces, and a bin is a second wide.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .looks import MIDDLE, WHOLE, Box
from .prints import RATE
from .query import Asked, View
from .scan import NEAR, Hits

PIECE_S = 20.0
BIN_S = 1.0
MOST_SEEDS = 40
LEAST_VOTES = 0.7
"""What two moments give, or one that is at most 7 bits apart; of a clip that asks with fewer than three, any one is enough."""
CLEAR, MOST_WEAK = 2.0, 8
"""Of places with fewer votes than CLEAR, chance alone makes dozens in a thousand hours; no more than this are looked at."""
FRAMINGS = 3
"""Windows that one place is looked at with."""
_COMMON = 20
"""Hits that one code may have before they count less: titles and colour bars look alike everywhere."""


@dataclass(frozen=True)
class Seed:
    """A place that is worth a look."""

    file: int
    """Position of the file in the archive."""
    mirrored: bool
    votes: float
    moments: np.ndarray
    """(P,) int: moments of the file, the likeliest first …"""
    views: np.ndarray
    """(P,) int: … and the views of the clip that look like them."""
    clip_box: Box
    """That part of the clip's picture (after mirroring) shows …"""
    file_box: Box
    """… that part of the file's."""


@dataclass(frozen=True)
class Where:
    """Which file each code of an archive belongs to."""

    starts: np.ndarray
    """(F + 1,) int: of each file's codes, and the end."""
    uneven: dict[int, np.ndarray] = field(default_factory=dict)
    """By file: the numbers of its moments, where they are not 0, 1, 2, ..."""

    def at_s(self, file: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """(H,) float: when moments of files are, in seconds, to within half of one."""
        turn = moment.astype(float)
        for k in np.intersect1d(file, np.fromiter(self.uneven, int, len(self.uneven))):
            mine = np.flatnonzero(file == k)
            turn[mine] = self.uneven[int(k)][moment[mine]]
        return turn / RATE


def seeds(found: list[tuple[Asked, Hits]], view: View, where: Where) -> list[Seed]:
    """The places that most moments of the clip vote for, best first."""
    if not any(len(hits.entry) for _, hits in found):
        return []
    entry = np.concatenate([hits.entry for _, hits in found])
    views = np.concatenate([asked.view[hits.asked] for asked, hits in found])
    mirrored = np.concatenate([asked.mirrored[hits.asked] for asked, hits in found])
    window = np.concatenate([asked.window[hits.asked] for asked, hits in found])
    middle = np.concatenate([np.full(len(hits.entry), asked.among == "middle") for asked, hits in found])
    apart = np.concatenate([hits.apart for _, hits in found])
    rare = np.concatenate([_rare(hits, len(asked.codes)) for asked, hits in found])
    weight = (1 - apart / (2 * NEAR)) * rare
    file = np.searchsorted(where.starts, entry, side="right") - 1
    clip_s = view.times_s[views]
    piece = np.floor(clip_s / PIECE_S).astype(int)
    offset = np.floor((where.at_s(file, entry - where.starts[file]) - clip_s) / BIN_S).astype(int)
    offset -= offset.min() - 1
    key = ((file * 2 + mirrored) * (int(piece.max()) + 1) + piece) * (int(offset.max()) + 3) + offset
    bins, votes = _count(key, views, weight, len(view.times_s))
    least = LEAST_VOTES if len(np.unique(np.concatenate([asked.view for asked, _ in found]))) >= 3 else 0.0
    out: list[Seed] = []
    weak = 0
    for k in _best(bins, votes):
        weak += votes[k] < CLEAR
        if votes[k] < least or weak > MOST_WEAK:
            break
        mine = np.flatnonzero((key == bins[k]) | (key == bins[k] + 1))
        for some in _by_framing(mine, window, middle, weight):
            some = some[np.argsort(apart[some], kind="stable")]
            lead = some[0]
            out.append(
                Seed(
                    int(file[lead]), bool(mirrored[lead]), float(votes[k]), entry[some] - where.starts[file[lead]], views[some],
                    Box(*(float(x) for x in window[lead])), MIDDLE if middle[lead] else WHOLE,
                )
            )
    return out


def _by_framing(hits: np.ndarray, window: np.ndarray, middle: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Some hits by their windows, those with the most votes first: under a camera that pans, another window agrees on another moment."""
    _, which = np.unique(np.column_stack([window[hits], middle[hits]]), axis=0, return_inverse=True)
    votes = np.bincount(which.ravel(), weight[hits])
    best = np.argsort(-votes, kind="stable")[:FRAMINGS]
    return [hits[which.ravel() == k] for k in best if votes[k] >= votes[best[0]] / 2]


def _rare(hits: Hits, codes: int) -> np.ndarray:
    """(H,) float 0..1: 1 where a code has few hits."""
    often = np.bincount(hits.asked, minlength=codes)
    return np.minimum(1.0, _COMMON / np.maximum(1, often))[hits.asked]


def _count(key: np.ndarray, views: np.ndarray, weight: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Bins and their votes, each with the next one's: a view of the clip votes once in a bin, with its best hit."""
    order = np.lexsort((-weight, views, key))
    pair = key[order] * most + views[order]
    once = order[np.flatnonzero(np.diff(pair, prepend=pair[0] - 1))]
    bins, which = np.unique(key[once], return_inverse=True)
    votes = np.bincount(which, weight[once])
    after = np.searchsorted(bins, bins + 1)
    beside = np.where((after < len(bins)) & (bins[np.minimum(after, len(bins) - 1)] == bins + 1), votes[np.minimum(after, len(bins) - 1)], 0)
    return bins, votes + beside


def _best(bins: np.ndarray, votes: np.ndarray) -> list[int]:
    """The bins with the most votes, without the neighbours of better ones."""
    taken: set[int] = set()
    out: list[int] = []
    for k in np.argsort(-votes, kind="stable")[: 4 * MOST_SEEDS]:
        if len(out) == MOST_SEEDS:
            break
        here = int(bins[k])
        if taken.isdisjoint((here - 1, here, here + 1)):
            taken.add(here)
            out.append(int(k))
    return out
