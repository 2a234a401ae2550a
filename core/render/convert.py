"""The form that two pictures meet in, and the way from one curve of light to another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..media.display import needs_curve
from ..media.plates import PictureInfo
from ..media.plates.form import Form

if TYPE_CHECKING:
    from ..media.space import WorkingSpace


def common_form(above: Form, below: Form) -> tuple[Form, bool]:
    """The form in which two pictures meet, without alpha, and whether it is that of the upper one (perhaps with more bits).

    Float where one of them is float; colour where one of them is; else the upper one's, with the bits of the deeper one.
    """
    upper = above.depth >= below.depth if above.is_float or below.is_float else above.model != "gray" or below.model == "gray"
    form = above if upper else below
    if form.is_float:
        return replace(form, alpha=False), upper
    return replace(form, bits=max(above.bits, below.bits), alpha=False), upper


class Bridge:
    """Brings float RGB from one footage's encoding to another's, where they differ in the curve of light (SDR, HDR, linear)."""

    def __init__(self, info: PictureInfo, wanted: PictureInfo) -> None:
        self._from: WorkingSpace | None = None
        self._to: WorkingSpace | None = None
        if _curve(info) != _curve(wanted):
            from ..media.space import working_space

            self._from, self._to = working_space(info, "linear"), working_space(wanted, "linear")

    @property
    def needed(self) -> bool:
        return self._from is not None

    def over(self, rgb: np.ndarray) -> np.ndarray:
        """(h, w, 3) float32, not multiplied by alpha."""
        return rgb if self._from is None or self._to is None else self._to.back(self._from.to(rgb))


def _curve(info: PictureInfo) -> int:
    """PQ, HLG or linear by their H.273 codes; 0 is anything display-referred."""
    if info.linear:
        return 8
    return info.colour.transfer if needs_curve(info.colour.transfer) else 0
