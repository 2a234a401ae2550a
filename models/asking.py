"""What everything that makes frames in between asks of its arguments."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..core.errors import UsageError
from ..core.retime.contracts import Time


def require_pair(a: np.ndarray, b: np.ndarray) -> None:
    """Raise UsageError unless both are pictures (H, W, 3) float32 of one size."""
    for picture in (a, b):
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.float32 or not picture.size:
            raise UsageError(f"a picture is {picture.dtype} of shape {picture.shape}", "give (height, width, 3) in float32")
    if a.shape != b.shape:
        raise UsageError(f"the pictures are {a.shape[1]} x {a.shape[0]} and {b.shape[1]} x {b.shape[0]}", "give two of one size")


def require_time(t: Time, hw: tuple[int, int]) -> None:
    """Raise UsageError unless the time, or each of a map (H, W) of them, lies from 0 to 1."""
    if isinstance(t, np.ndarray):
        if t.shape != hw or not (t.min() >= 0 and t.max() <= 1):
            raise UsageError(f"a map of times is of shape {t.shape}", f"give {hw}, each from 0 to 1")
    elif not Fraction(0) <= t <= Fraction(1):
        raise UsageError(f"a time is {t}", "give one from 0, the first picture, to 1, the second")


def end_of(t: Time) -> int | None:
    """0 or 1 where the time is that of a given picture."""
    if isinstance(t, np.ndarray) or t not in (0, 1):
        return None
    return int(t)
