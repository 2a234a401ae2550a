"""Changes that know nothing of a format: bits, bytes, numbers, pieces cut out, moved, repeated or taken from another file."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Change = Callable[[Random, bytes], bytes]
EDGES: tuple[int, ...] = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
EDGES += (1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
"""Numbers at which counts, sizes and offsets turn over."""
_MOST = 4 << 20
"""Bytes that a changed file may have: what is large comes from what a header claims."""


def flip(rng: Random, data: bytes) -> bytes:
    """Some bits, near one another or anywhere."""
    out = bytearray(data)
    near = rng.randrange(len(out)) if rng.random() < 0.5 else None
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        at = rng.randrange(len(out)) if near is None else min(len(out) - 1, near + rng.randrange(16))
        out[at] ^= 1 << rng.randrange(8)
    return bytes(out)


def number(rng: Random, data: bytes) -> bytes:
    """An edge value in place of some bytes, in either order; more often near the beginning, where headers are."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        size = rng.choice((1, 2, 4, 4, 8))
        at = rng.randrange(min(len(out), rng.choice((64, 512, len(out)))))
        value = (rng.choice(EDGES) + rng.choice((-1, 0, 0, 1))) % (1 << 8 * size)
        out[at : at + size] = value.to_bytes(size, rng.choice(("big", "little")))
    return bytes(out)


def cut(rng: Random, data: bytes) -> bytes:
    """Ended early: an upload that broke off."""
    return data[: rng.randrange(len(data))]


def hole(rng: Random, data: bytes) -> bytes:
    """A piece taken out."""
    begin = rng.randrange(len(data))
    return data[:begin] + data[begin + rng.choice((1, 3, 64, len(data) // 4)) :]


def again(rng: Random, data: bytes) -> bytes:
    """A piece repeated."""
    begin = rng.randrange(len(data))
    piece = data[begin : begin + rng.choice((1, 8, 100, 3000))]
    return (data[:begin] + piece * rng.choice((2, 3, 50, 500)) + data[begin:])[:_MOST]


def noise(rng: Random, data: bytes) -> bytes:
    """Random bytes put in, or in place of what was there."""
    begin, count = rng.randrange(len(data)), rng.choice((1, 4, 100, 2000))
    return data[:begin] + rng.randbytes(count) + data[begin + rng.choice((0, count)) :]


def zeros(rng: Random, data: bytes) -> bytes:
    """A stretch without content: a copy from a bad disk."""
    begin, count = rng.randrange(len(data)), rng.choice((4, 512, 4096))
    return data[:begin] + bytes(min(count, len(data) - begin)) + data[begin + count :]


def splice(rng: Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    return (data[: rng.randrange(1, len(data) + 1)] + other[rng.randrange(len(other)) :])[:_MOST]


BLIND: tuple[Change, ...] = (flip, flip, number, number, cut, hole, again, noise, zeros)


def blind(rng: Random, data: bytes) -> bytes:
    """One of them."""
    return rng.choice(BLIND)(rng, data or b"\0")
