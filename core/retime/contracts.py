"""What makes frames in between, as the rest of genlock sees it. A model from models/ is handed in; core has a way of its own without weights.

Pictures are (H, W, 3) float32, display-referred: 0 is black and 1 is white, and what lies beyond is kept. Pixel centres on integers, x
right, y down. Flows are displacements in pixels, (H, W, 2), x then y. A time t between two pictures runs from 0, the first, to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

Time = Fraction | float | np.ndarray
"""One time for the whole picture, or one for each pixel: (H, W) float32."""


@dataclass(frozen=True)
class Between:
    """What lies between two pictures a and b at a time."""

    picture: np.ndarray
    """(H, W, 3) float32."""
    flow_to_a: np.ndarray
    """(H, W, 2) float32: pixel p of the picture shows what a has at p + flow_to_a[p]."""
    flow_to_b: np.ndarray
    share_of_a: np.ndarray
    """(H, W) float32, 0..1: how much of the picture is taken from a; what only one of them shows is taken from that one."""


class Pair(Protocol):
    """Two pictures, prepared: asking for several times between them costs less than asking anew."""

    def at(self, t: Time) -> np.ndarray:
        """The picture at a time, (H, W, 3) float32. At 0 and 1, the given picture itself, bit for bit."""
        ...

    def between(self, t: Time) -> Between:
        """The picture and the motion at a time."""
        ...


class Interpolator(Protocol):
    """Makes frames in between.

    Equal inputs give equal outputs: nothing is remembered from one pair to the next. Raises GenlockError where pictures differ in size.
    """

    @property
    def name(self) -> str:
        """For reports: what made these frames."""
        ...

    def pair(self, a: np.ndarray, b: np.ndarray) -> Pair:
        """Prepare two pictures of one size."""
        ...

    def middle(self, a: np.ndarray, b: np.ndarray, t: Time = 0.5) -> np.ndarray:
        """The picture at a time between two."""
        ...
