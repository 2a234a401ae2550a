"""Keeps memory even over long films: PyAV's frames hold themselves once their side data was asked for.

Python's collector finds such frames in the end, but it counts objects and not their size, and the command line lets it run seldom.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_HELD_BYTES = 96 << 20


class Tidy:
    """Collects what was let go of every so many pictures."""

    def __init__(self, frame_bytes: int) -> None:
        self._every = min(64, max(1, _HELD_BYTES // max(1, frame_bytes)))
        self._count = 0

    def step(self) -> None:
        """One picture is done."""
        self._count += 1
        if self._count % self._every == 0:
            gc.collect()


@contextmanager
def tidy(frame_bytes: int) -> Iterator[Tidy]:
    """Within this, a collection looks only at what came after its beginning, which is little and quickly seen."""
    gc.freeze()
    try:
        yield Tidy(frame_bytes)
    finally:
        gc.unfreeze()
