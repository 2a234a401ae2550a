"""What steps are handed that core does not make by itself: painters and models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...errors import GenlockError
from ...retime.contracts import Interpolator
from ..contract import Inpainter


class Tools(Protocol):
    """Made by the worker from the project's settings; each is made when it is first asked for."""

    def inpainter(self) -> Inpainter:
        """Who paints keyframes. Raises UsageError, PaintError."""
        ...

    def interpolator(self) -> Interpolator:
        """Who makes frames in between."""
        ...


def _no_inpainter() -> Inpainter:
    raise GenlockError("this project needs a painter, and none was handed in", "this is a fault; please report it")


def _built_in() -> Interpolator:
    from ...retime.between import BetweenSettings, FlowBetween

    return FlowBetween(BetweenSettings())


@dataclass(frozen=True)
class Given:
    """Tools that are handed in one by one; the defaults are what core has itself."""

    paint: Callable[[], Inpainter] = _no_inpainter
    between: Callable[[], Interpolator] = _built_in

    def inpainter(self) -> Inpainter:
        return self.paint()

    def interpolator(self) -> Interpolator:
        return self.between()
