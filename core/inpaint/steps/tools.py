"""What steps are handed that core does not make by itself: painters and models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...errors import GenlockError
from ...progress import Progress
from ...retime.contracts import Interpolator
from ..contract import Inpainter
from ..masks import Carried, Key, carried_masks
from ..upscaling import Upscaler

Frames = Callable[[int], np.ndarray]
MaskMaker = Callable[[Frames, int, Mapping[int, Key], Sequence[int], Progress], Iterator[Carried]]
"""As masks.carried_masks: a frame by number from 0, how many, what a person said by frame, cuts, progress."""


class Tools(Protocol):
    """Made by the worker from the project's settings; each is made when it is first asked for."""

    def inpainter(self) -> Inpainter:
        """Who paints keyframes. Raises UsageError, PaintError."""
        ...

    def mask_maker(self) -> MaskMaker:
        """Who finds the thing in every frame. Raises UsageError, GenlockError of a model."""
        ...

    def interpolator(self) -> Interpolator:
        """Who makes frames in between."""
        ...

    def upscaler(self, path: str) -> Upscaler:
        """A model that enlarges, from its file. Raises UsageError, GenlockError of a model."""
        ...


def _no_inpainter() -> Inpainter:
    raise GenlockError("this project needs a painter, and none was handed in", "this is a fault; please report it")


def _no_upscaler(path: str) -> Upscaler:
    raise GenlockError(f"{path} cannot be used: no models that enlarge were handed in", "this is a fault; please report it")


def _built_in() -> Interpolator:
    from ...retime.between import BetweenSettings, FlowBetween

    return FlowBetween(BetweenSettings())


@dataclass(frozen=True)
class Given:
    """Tools that are handed in one by one; the defaults are what core has itself."""

    paint: Callable[[], Inpainter] = _no_inpainter
    masks: Callable[[], MaskMaker] = lambda: carried_masks
    between: Callable[[], Interpolator] = _built_in
    enlarge: Callable[[str], Upscaler] = _no_upscaler

    def inpainter(self) -> Inpainter:
        return self.paint()

    def mask_maker(self) -> MaskMaker:
        return self.masks()

    def interpolator(self) -> Interpolator:
        return self.between()

    def upscaler(self, path: str) -> Upscaler:
        return self.enlarge(path)
