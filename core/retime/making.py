"""Makes the output frames of a plan, one after the other; memory does not grow with the length of the film."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..errors import UsageError
from ..media.plates import Plate, PlateOptions, Plates, open_plates
from ..render.made import black, plate_of
from ..settings_retime import RetimeSettings
from .cadence import Cadence, boxes_for
from .clear import Clear
from .contracts import Interpolator
from .light import Light
from .mapped import Mapped
from .methods.contract import Boxes, Method, mixed
from .methods.passes import Passes
from .methods.plain import Plain
from .methods.resample import Resample
from .methods.respect import Respect
from .plan import NOTHING, Moment, Plan, Stretch
from .rigid import Rigid
from .scan import Scan
from .window import Window

_BACK, _FAR = 16, 240
"""Frames that are read at once where a plan runs backwards, and beyond which it is sooner sought than read on."""


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
    plates: Plates, seen: Scan, plan: Plan | Mapped, settings: RetimeSettings, interpolator: Interpolator, first: int = 0, end: int = -1
) -> Iterator[Made]:
    """Output frames first … end - 1 (-1: all), in order. Each depends on the input alone, and not on where the making began.

    Raises MediaError, GenlockError of the interpolator.
    """
    end = plan.count if end < 0 else end
    with ExitStack() as stack:
        maker = _Maker(plates, seen, settings, interpolator, _rigid(stack, plates, seen, settings))
        for moment in plan.moments(first, end):
            yield Made(moment, maker.picture(moment))


def _rigid(stack: ExitStack, plates: Plates, seen: Scan, settings: RetimeSettings) -> Rigid | None:
    """What the settings mark as not moving with the picture."""
    if not settings.static_mask:
        return None
    masks = stack.enter_context(open_plates(settings.static_mask, PlateOptions()))
    return Rigid(masks, (plates.info.width, plates.info.height), seen.beats.frames)


class _Maker:
    def __init__(self, plates: Plates, seen: Scan, settings: RetimeSettings, interpolator: Interpolator, rigid: Rigid | None) -> None:
        self._plates, self._seen = plates, seen
        self._settings, self._interpolator = settings, Clear(interpolator) if plates.info.alpha else interpolator
        self._method = method_for(settings, self._interpolator)
        self._last = 0
        self._boxes = [boxes_of(settings, cadence) for cadence in seen.cadences]
        self._begins = [stretch.first for stretch in seen.stretches]
        self._light = Light(plates.info)
        self._window: Window | None = None
        self._rigid = rigid

    def picture(self, moment: Moment) -> Plate | np.ndarray:
        if moment.frame == NOTHING:
            info = self._plates.info
            encoding = replace(info.encoding, fields=False)
            return plate_of(black(info.form, encoding, (info.width, info.height)), encoding, info.pix_fmt, 0)
        n = bisect_right(self._begins, moment.frame) - 1
        stretch, boxes = self._seen.stretches[n], self._boxes[n]
        low = max(stretch.first, moment.frame - self._method.reach(boxes))
        back, self._last = moment.frame < self._last, moment.frame
        window = self._window = self._opened(low, stretch.first, back)
        if not back:
            window.forget(low)
        self._method.forget(low)
        if self._rigid is not None:
            self._rigid.forget(low)
        shown = self._shown(window, stretch, boxes, moment.frame, moment.share)
        if isinstance(shown, int):
            return window.plate(shown)
        if self._rigid is not None:
            nearest = min(moment.frame + round(moment.share), self._seen.beats.frames - 1)
            shown = self._rigid.over(shown, nearest, window.look(nearest))
        return self._light.back(shown)

    def _opened(self, low: int, earliest: int, back: bool) -> Window:
        """A window with what lies from frame `low` on; where the plan steps back it begins a little earlier, as that may go on."""
        if back:
            self._method = method_for(self._settings, self._interpolator)
        if self._window is None:
            return Window(self._plates, low, self._seen.beats.frames, self._light)
        if self._window.first <= low <= self._window.next + _FAR:
            return self._window
        return Window(self._plates, max(earliest, low - _BACK) if back else low, self._seen.beats.frames, self._light)

    def _shown(self, window: Window, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        if frame == stretch.last and frame + 1 < self._seen.beats.frames and share:
            way = self._seen.ways[frame]
            if way == "blend":
                return mixed(window.look(frame), window.look(frame + 1), float(share))
            return frame
        rigid = self._rigid
        look = window.look if rigid is None else lambda number: rigid.without(number, window.look(number))
        return self._method.picture(look, stretch, boxes, frame, share)
