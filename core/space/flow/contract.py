"""What every estimator of a dense flow takes and gives, this package's own and learned ones alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ...errors import UsageError


@dataclass(frozen=True)
class Flow:
    """Where each pixel of the ref is found in the clip. Pixel centres on integers, x right, y down."""

    ref_to_clip: np.ndarray
    """(H, W, 2) float32: the clip point (x, y) that each ref pixel shows; absolute, finite; outside the clip it goes on smoothly."""
    confidence: np.ndarray
    """(H, W) float32, 0 (a guess from the surroundings) to 1 (seen, and sure)."""
    memory: Any = field(default=None, repr=False, compare=False)
    """For the next frame's estimate by the same estimator; nobody else looks inside."""


class Estimator(Protocol):
    """Finds the flow of one pair of pictures of the same moment."""

    def estimate(
        self,
        clip: np.ndarray,
        ref: np.ndarray,
        start: np.ndarray,
        *,
        mask: np.ndarray | None = None,
        clip_mask: np.ndarray | None = None,
        previous: Flow | None = None,
    ) -> Flow:
        """Start from a map and correct it.

        clip       (h, w) or (h, w, 3), uint8, uint16 or float32 (0 to 1, as displayed; values outside are allowed)
        ref        (H, W) or (H, W, 3), likewise; the two may differ in size, depth and number of channels
        start      (H, W, 2) float32, ref pixel -> clip point, of the matrix say
        mask       (H, W) bool, True where the ref is not to be looked at; the flow there follows its surroundings
        clip_mask  (h, w) bool, likewise for the clip
        previous   the flow of the frame before, of this shot or another: the estimator finds out what it is worth

        Raises UsageError where shapes or kinds do not fit.
        """
        ...


def require_fit(clip: np.ndarray, ref: np.ndarray, start: np.ndarray, mask: np.ndarray | None, clip_mask: np.ndarray | None) -> None:
    """Raise UsageError unless the arguments of estimate() fit each other."""
    for name, picture in (("clip", clip), ("ref", ref)):
        plain = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)
        if not plain or picture.size == 0 or picture.dtype not in (np.uint8, np.uint16, np.float32):
            raise UsageError(
                f"the {name} is {picture.dtype} of shape {picture.shape}", "give (height, width) or (height, width, 3) in uint8, uint16 or float32"
            )
    height, width = ref.shape[:2]
    if start.shape != (height, width, 2) or start.dtype.kind != "f":
        said = f"start is {start.dtype} of shape {start.shape}, and the ref is {width} x {height}"
        raise UsageError(said, "give a map (height, width, 2) of floats")
    for name, given, picture in (("mask", mask, ref), ("clip_mask", clip_mask, clip)):
        if given is not None and (given.shape != picture.shape[:2] or given.dtype != bool):
            raise UsageError(f"{name} is {given.dtype} of shape {given.shape}", f"give bool of shape {picture.shape[:2]}")
