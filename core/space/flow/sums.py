"""Sums over a whole field that come out the same with any number of threads: torch cuts a long one into as many parts as it has threads."""

from __future__ import annotations

from torch import Tensor

_ALONE = 1 << 15
"""torch sums fewer numbers than these in one thread."""
_BLOCK = 1 << 12


def total(values: Tensor) -> Tensor:
    """Sum of all numbers, of shape (): of blocks of one size, then of these."""
    if values.numel() < _ALONE:
        return values.sum()
    flat = values.reshape(-1)
    whole = len(flat) // _BLOCK * _BLOCK
    return flat[:whole].view(-1, _BLOCK).sum(1).sum() + flat[whole:].sum()
