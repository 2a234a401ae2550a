"""Dissolves and fades: stretches whose frames are mixtures of the first and the last one.

For a frame m between a and b, the share of a is the one that brings the mixture nearest to m. In a dissolve it falls from 1 to 0 step by
step and little is left over; across a cut it falls at once, and in a shot that moves much is left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .unlike import Thumb

LENGTHS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Joins that a mixture is looked for over."""
_SIZE_WH = (24, 14)
_LEAST = 6.0
"""Levels, root mean square, by which the outermost two differ."""
_LEFT = 0.3
"""What may be left over, in parts of that difference."""
_LEFT_SHORT, _LEFT_SINGLE = 0.12, 0.06
"""The same where there are only two frames to tell by, or one."""
_STEP, _STEP_SINGLE = 0.45, 0.7
_BACK = 0.06
_CHANGE = 0.35
"""By which the share falls over a join that belongs to the dissolve, in parts of where it falls most."""
FLAT = 5.0
"""Contrast, in levels, below which a picture is of one colour."""


@dataclass(frozen=True)
class Glance:
    """A frame, blurred to a few numbers."""

    values: np.ndarray
    """Flat, float32, levels."""
    contrast: float


@dataclass(frozen=True)
class Mixture:
    """A dissolve or a fade."""

    kind: str
    """dissolve, or fade where one end is one colour."""
    changing: tuple[int, ...]
    """The joins over which it happens, from 0."""


def glance(of: Thumb) -> Glance:
    """Of a thumbnail."""
    return Glance(cv2.resize(of.colour, _SIZE_WH, interpolation=cv2.INTER_AREA).ravel(), of.contrast)


def mixture(frames: Sequence[Glance]) -> Mixture | None:
    """Whether every frame is a mixture of the first and the last. frames  three or more."""
    a, b = frames[0], frames[-1]
    away = a.values - b.values
    size = float(np.dot(away, away))
    if len({len(frame.values) for frame in frames}) > 1 or size < _LEAST**2 * len(away):
        return None
    rest = np.stack([frame.values for frame in frames]) - b.values
    share = rest @ away / size
    left = np.sqrt(((rest - share[:, None] * away) ** 2).sum(1) / size)
    steps = share[:-1] - share[1:]
    single = len(frames) == 3
    most_left = _LEFT_SINGLE if single else _LEFT_SHORT if len(frames) == 4 else _LEFT
    if left.max() > most_left or steps.max() > (_STEP_SINGLE if single else _STEP) or steps.min() < -_BACK:
        return None
    kind = "fade" if min(a.contrast, b.contrast) < FLAT else "dissolve"
    return Mixture(kind, tuple(int(k) for k in np.flatnonzero(steps > _CHANGE * steps.max())))
