"""Full-size luma of a short file, held in memory until the last stage has picked what it needs.

Holding the decoder's own frames would be simpler and twice as slow: each frame held makes the decoder ask for fresh memory, and
the system hands that out in pages of 4 kB, 10 microseconds each on a virtual machine; a fifth of a short run went there. A copy
into large pages costs a tenth of it, and the decoder goes on in memory that it has.
"""

from __future__ import annotations

import mmap

import numpy as np

BLOCK_BYTES = 32 << 20
"""Memory is asked for in blocks of about this much."""
_LARGE_PAGES = getattr(mmap, "MADV_HUGEPAGE", None)
"""Linux only; elsewhere the blocks are ordinary memory."""


class Kept:
    """Frames 0, 1, 2, … of one file, as (height, width) uint8, up to a number of bytes."""

    def __init__(self, wh: tuple[int, int], most_bytes: int) -> None:
        self.hw = wh[::-1]
        self.size = wh[0] * wh[1]
        self.room = most_bytes // max(1, self.size)
        """Frames that may be held."""
        self.blocks: list[np.ndarray] = []
        """(frames a block, height, width) each."""
        self.count = 0

    @property
    def full(self) -> bool:
        """Whether there is no room for another frame."""
        return self.count >= self.room

    def add(self, luma: np.ndarray) -> None:
        """Hold the next frame, (height, width) uint8."""
        a_block = max(1, BLOCK_BYTES // self.size)
        if self.count == len(self.blocks) * a_block:
            self.blocks.append(_block(a_block, self.hw))
        self.blocks[-1][self.count % a_block] = luma
        self.count += 1

    def __getitem__(self, number: int) -> np.ndarray:
        if not 0 <= number < self.count:
            raise IndexError(f"frame {number} of {self.count} held")
        a_block = len(self.blocks[0])
        return self.blocks[number // a_block][number % a_block]


def _block(frames: int, hw: tuple[int, int]) -> np.ndarray:
    size = frames * hw[0] * hw[1]
    if _LARGE_PAGES is None:
        return np.empty((frames, *hw), np.uint8)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(_LARGE_PAGES)
    return np.frombuffer(memory, np.uint8).reshape(frames, *hw)
