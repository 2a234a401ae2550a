"""A model run once on made pictures: whether it answers at all, and with numbers."""

from __future__ import annotations

import numpy as np

from .errors import ModelError
from .load import interpolator
from .store import Entry, Store

_WH = (97, 65)
"""Odd on purpose: no network's own multiple."""


def try_out(entry: Entry, store: Store) -> None:
    """Raise ModelError (or what opening raises) unless the model gives a picture of finite numbers in the size that it was given."""
    a, b = made_pair(_WH)
    got = interpolator(entry.name if entry.digest else str(entry.file), store=store).middle(a, b, 0.5)
    if got.shape != a.shape or not np.isfinite(got).all():
        raise ModelError(f"{entry.name} gives pictures of shape {got.shape}, or numbers that are not finite", "its weights are damaged")


def made_pair(wh: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Two pictures (H, W, 3) float32 of crossed waves, the second a pixel and a half further right."""
    width, height = wh
    y, x = np.mgrid[:height, :width].astype(np.float32)
    channels = (0.11, 0.17, 0.23)
    both = [np.stack([0.5 + 0.25 * np.sin(f * (x - shift)) + 0.2 * np.cos(f * 1.3 * y) for f in channels], -1) for shift in (0, 1.5)]
    return both[0].astype(np.float32), both[1].astype(np.float32)
