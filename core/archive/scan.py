"""Which codes of an archive are near the codes that are asked for: one pass over all of them, in a table's time each.

A code is four keys of 16 bits. Two codes that differ in few bits have a key in common (M. Norouzi, A. Punjani, D. Fleet, Fast Search
in Hamming Space with Multi-Index Hashing, CVPR 2012). The keys of the question go into a table of 65,536 marks, the archive's codes
are read past it, and only those that share a key are counted bit by bit. The archive keeps no tables of its own: a thousand hours of
codes are read faster than an index of them is loaded, and there is nothing that could disagree with the fingerprints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..threads import limit, pool

NEAR = 12
"""Bits that two codes of one picture may differ in. Unrelated ones differ in 32 on average, and one pair in 10^7 by so few."""
_BLOCK = 1 << 19
_KEYS = 4
_PAIRS = 1 << 21
"""Pairs counted at once."""
_ONES = np.array([bin(n).count("1") for n in range(1 << 16)], np.uint8)


@dataclass(frozen=True)
class Hits:
    """Pairs of a code of the archive and one that was asked for; H of them."""

    entry: np.ndarray
    """(H,) int: which code of the archive."""
    asked: np.ndarray
    """(H,) int: which code of the question."""
    apart: np.ndarray
    """(H,) uint8: bits they differ in."""


def near(kept: np.ndarray, asked: np.ndarray) -> Hits:
    """Pairs that differ in at most NEAR bits and share a key.

    kept   (N,) uint64; asked (Q,) uint64
    Pairs that share no key are missed: of those 8 bits apart two in three. A clip asks often enough.
    """
    keys = asked.astype("<u8").view("<u2").reshape(-1, _KEYS)
    tables = []
    for k in range(_KEYS):
        order = np.argsort(keys[:, k], kind="stable")
        first = np.searchsorted(keys[order, k], np.arange(1 << 16)).astype(np.int32)
        count = np.bincount(keys[:, k], minlength=1 << 16).astype(np.int32)
        tables.append((order, first, count))
    starts = range(0, len(kept), _BLOCK)
    with pool(limit()) as threads:
        parts = list(threads.map(lambda a: _block(kept[a : a + _BLOCK], asked, tables, a), starts))
    if not parts:
        return Hits(np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.uint8))
    return Hits(*(np.concatenate([part[k] for part in parts]) for k in range(3)))


def _block(kept: np.ndarray, asked: np.ndarray, tables: list[tuple[np.ndarray, np.ndarray, np.ndarray]], offset: int) -> tuple[np.ndarray, ...]:
    keys = np.ascontiguousarray(kept).astype("<u8", copy=False).view("<u2").reshape(-1, _KEYS)
    entries, askeds, aparts = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0, np.uint8)]
    for k, (order, first, count) in enumerate(tables):
        column = np.ascontiguousarray(keys[:, k])
        rows = np.flatnonzero((count > 0)[column])
        ends = np.cumsum(count[column[rows]])
        for a in _cuts(ends):
            some = rows[a]
            times = count[column[some]]
            entry = np.repeat(some, times)
            within = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
            which = order[np.repeat(first[column[some]], times) + within]
            apart = ones(kept[entry] ^ asked[which])
            keep = np.flatnonzero(apart <= NEAR)
            entries.append(entry[keep] + offset)
            askeds.append(which[keep])
            aparts.append(apart[keep])
    entry, which, apart = np.concatenate(entries), np.concatenate(askeds), np.concatenate(aparts)
    _, once = np.unique(entry * len(asked) + which, return_index=True)
    return entry[once], which[once], apart[once]


def _cuts(ends: np.ndarray) -> list[slice]:
    """Slices of rows whose pairs together are about _PAIRS, so that memory stays flat whatever is asked."""
    cuts, a = [], 0
    while a < len(ends):
        done = int(ends[a - 1]) if a else 0
        b = max(a + 1, int(np.searchsorted(ends, done + _PAIRS)))
        cuts.append(slice(a, b))
        a = b
    return cuts


def ones(words: np.ndarray) -> np.ndarray:
    """Bits that are set in each of some 64-bit words: (N,) uint8."""
    counted = getattr(np, "bitwise_count", None)
    if counted is not None:
        return np.asarray(counted(words))
    return _ONES[np.ascontiguousarray(words).view(np.uint16).reshape(-1, _KEYS)].sum(1, dtype=np.uint8)
