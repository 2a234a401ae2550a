"""Many unit vectors in a quarter of the memory: two hours looked at every few frames would be 220 MB of floats."""

from __future__ import annotations

import numpy as np


class Packed:
    """(N, D) vectors as signed bytes, each with a scale of its own.

    A byte is off by half a step at most, so the dot product of two unit vectors of D parts is off by about peak / 220, where
    peak is the largest part of either: under 0.002 for pictures.
    """

    def __init__(self, count: int, size: int) -> None:
        self.levels = np.zeros((count, size), np.int8)
        self.scale = np.zeros(count, np.float32)

    def __len__(self) -> int:
        return len(self.levels)

    def __setitem__(self, number: int, vector: np.ndarray) -> None:
        """Keep one vector, (D,) float32."""
        peak = float(np.abs(vector).max(initial=0.0))
        if peak > 0:
            self.levels[number] = np.rint(vector * (127 / peak))
            self.scale[number] = peak / 127

    def __getitem__(self, which: slice | np.ndarray) -> np.ndarray:
        """(n, D) float32: these vectors."""
        return self.levels[which].astype(np.float32) * self.scale[which][:, None]
