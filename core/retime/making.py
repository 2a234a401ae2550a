"""Makes the output frames of a plan, one after the other; memory does not grow with the length of the film."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..errors import UsageError
from ..media.plates import Plate, Plates
from ..settings_retime import RetimeSettings
from .cadence import Cadence, boxes_for
from .clear import Clear
from .contracts import Interpolator
from .light import Light
from .methods.contract import Boxes, Method, mixed
from .methods.passes import Passes
from .methods.plain import Plain
from .methods.resample import Resample
from .methods.respect import Respect
from .plan import Moment, Plan, Stretch
from .scan import Scan
from .window import Window


@dataclass(frozen=True)
class Made:
    """One output frame."""

    moment: Moment
    picture: Plate | np.ndarray
    """The input's own frame, or (H, W, 3) float32 in its encoding; (H, W, 4) where that has alpha."""


def method_for(settings: RetimeSettings, interpolator: Interpolator) -> Method:
    """The method that the settings name."""
    if settings.intent == "respect":
        return Respect(interpolator)
    name = settings.method if settings.dedup == "smooth" else "plain"
    if name == "plain":
        return Plain(interpolator)
    if name == "resample":
        return Resample(interpolator)
    if name in ("multipass", "auto"):
        return Passes(interpolator)
    raise UsageError(f"there is no method {name!r}", "choose auto, multipass, resample or plain")


def boxes_of(settings: RetimeSettings, cadence: Cadence) -> Boxes:
    """Over how many frames motion is averaged in a stretch."""
    if settings.method == "multipass":
        return (2,) * (settings.n_forward or cadence.n_forward)
    return boxes_for(cadence.holds)


def made(
    plates: Plates, seen: Scan, plan: Plan, settings: RetimeSettings, interpolator: Interpolator, first: int = 0, end: int = -1
) -> Iterator[Made]:
    """Output frames first … end - 1 (-1: all), in order. Each depends on the input alone, and not on where the making began.

    Raises MediaError, GenlockError of the interpolator.
    """
    end = plan.count if end < 0 else end
    maker = _Maker(plates, seen, settings, interpolator)
    for moment in plan.moments(first, end):
        yield Made(moment, maker.picture(moment))


class _Maker:
    def __init__(self, plates: Plates, seen: Scan, settings: RetimeSettings, interpolator: Interpolator) -> None:
        self._plates, self._seen = plates, seen
        self._method = method_for(settings, Clear(interpolator) if plates.info.alpha else interpolator)
        self._boxes = [boxes_of(settings, cadence) for cadence in seen.cadences]
        self._begins = [stretch.first for stretch in seen.stretches]
        self._light = Light(plates.info)
        self._window: Window | None = None

    def picture(self, moment: Moment) -> Plate | np.ndarray:
        n = bisect_right(self._begins, moment.frame) - 1
        stretch, boxes = self._seen.stretches[n], self._boxes[n]
        low = max(stretch.first, moment.frame - self._method.reach(boxes))
        if self._window is None:
            self._window = Window(self._plates, low, self._seen.beats.frames, self._light)
        self._window.forget(low)
        self._method.forget(low)
        shown = self._shown(self._window, stretch, boxes, moment.frame, moment.share)
        return self._window.plate(shown) if isinstance(shown, int) else self._light.back(shown)

    def _shown(self, window: Window, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        if frame == stretch.last and frame + 1 < self._seen.beats.frames and share:
            way = self._seen.ways[frame]
            if way == "blend":
                return mixed(window.look(frame), window.look(frame + 1), float(share))
            return frame
        return self._method.picture(window.look, stretch, boxes, frame, share)
