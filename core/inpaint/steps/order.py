"""The pipeline: its steps in order."""

from __future__ import annotations

from . import check, composite, enhance, extract, fill, interpolate, keyframes, mask, package, paint, prepare, select, upscale, video
from .step import Step

STEPS: tuple[Step, ...] = (
    prepare.STEP, extract.STEP, mask.STEP, keyframes.STEP, fill.STEP, paint.STEP, select.STEP,
    composite.STEP, check.STEP, enhance.STEP, upscale.STEP, video.STEP, interpolate.STEP, package.STEP,
)  # fmt: skip
