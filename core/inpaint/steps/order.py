"""The pipeline: its steps in order."""

from __future__ import annotations

from . import extract, fill, keyframes, mask, paint, select
from .step import Step

STEPS: tuple[Step, ...] = (extract.STEP, mask.STEP, keyframes.STEP, fill.STEP, paint.STEP, select.STEP)
