"""What was not to be touched, measured on the finished film: every sample of every frame outside the mask, against the shot's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np

from ...media.plates import Plate, Plates
from ...progress import Progress
from ..compose import unturned, whole_blocks


@dataclass(frozen=True)
class Proof:
    """How far the film differs from the shot where the mask is empty."""

    frames: int
    samples: int
    """Compared, of all planes."""
    worst: float
    """Largest difference: codes of integers, light of float. 0 is the same, bit for bit; not-a-number counts as equal to itself."""
    alike: bool
    """Whether both store the same kind of samples, in as many frames; else the rest says nothing."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def proof_of(shot: Plates, film: Plates, span: range, masks: Callable[[int], np.ndarray], progress: Progress = Progress()) -> Proof:
    """Compare a film with the frames of the shot that it was made of; both as they are stored."""
    seen = samples = 0
    worst, alike = 0.0, True
    written = film.frames()
    for one, other in zip(islice(shot.frames(), span.start, span.stop), written, strict=False):
        progress.at(seen / len(span), "proving what was not touched")
        if one.form != other.form or one.samples().size_wh != other.samples().size_wh:
            alike = False
            break
        count, most = _compared(one, other, unturned(masks(span.start + seen), shot.info.turn) > 0)
        samples, worst, seen = samples + count, max(worst, most), seen + 1
    return Proof(seen, samples, worst, alike and seen == len(span) and next(written, None) is None)


def _compared(one: Plate, other: Plate, masked: np.ndarray) -> tuple[int, float]:
    """(samples compared, largest difference) of one frame."""
    count, most = 0, 0.0
    form = one.form
    for number, (a, b) in enumerate(zip(one.planes(), other.planes(), strict=True)):
        sub = form.sub_wh if form.model == "yuv" and number in (1, 2) else (1, 1)
        outside = ~whole_blocks(masked, sub)
        count += int(outside.sum())
        unlike = outside & (a != b)
        if form.is_float:
            unlike &= ~(np.isnan(a) & np.isnan(b))
        if unlike.any():
            step = np.abs(a[unlike].astype(np.float64) - b[unlike].astype(np.float64))
            most = max(most, float(np.nan_to_num(step, nan=np.inf, posinf=np.inf).max()))
    return count, most
