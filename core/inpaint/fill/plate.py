"""What most frames agree on: a background plate, so that who walks by in one source does not walk into the fill."""

from __future__ import annotations

import cv2
import numpy as np

from .choosing import Pick
from .composing import Canvas, Scale, gather, tone_of
from .ways import Region, Way

SAMPLES = 9
"""Frames that vote, spread evenly over the reach."""
LEAST = 3
SOFT_PX = 2.0
"""Of the view: how coherent the choice between plate and source is."""


def steadied(scale: Scale, region: Region, ways: list[Way], canvas: Canvas, values: np.ndarray, blocked: np.ndarray) -> np.ndarray:
    """Values (N, 3) of the hole, replaced by the plate where they differ from it by more than noise does.

    The plate is the median of aligned frames, and has no grain; a single source has the grain of the footage, and is kept wherever it shows the same.
    ways  every way there is;  blocked  (rh, rw) bool: what of the region is not known
    """
    useful = sorted((way for way in ways if (way.fits & region.hole).any()), key=lambda way: way.source)
    spaced = [useful[k] for k in sorted(set(np.linspace(0, len(useful) - 1, min(SAMPLES, len(useful))).round().astype(int)))]
    if len(spaced) < LEAST:
        return values
    points = canvas.points(canvas.hole)
    samples = np.full((len(spaced), *values.shape), np.inf, np.float32)
    for k, way in enumerate(spaced):
        tones = {way.source: tone_of(scale, region, way, blocked)}
        found, total = gather(scale, region, [Pick(way, way.fits.astype(np.float32))], points, tones, sharp=False)
        samples[k][total > 0.95] = found[total > 0.95]
    count = np.isfinite(samples[..., 0]).sum(0)
    samples.sort(axis=0)
    middle = np.take_along_axis(samples, np.maximum(count - 1, 0)[None, :, None] // 2, 0)[0]
    upper = np.take_along_axis(samples, np.minimum(count, len(spaced) - 1)[None, :, None] // 2, 0)[0]
    enough = count >= LEAST
    plate = np.where(enough[:, None], (middle + np.where(np.isfinite(upper), upper, middle)) / 2, values)
    return values + _doubt(canvas, values - plate, enough, SOFT_PX * scale.stretch)[:, None] * (plate - values)


def _doubt(canvas: Canvas, off: np.ndarray, enough: np.ndarray, sigma_px: float) -> np.ndarray:
    """(N,) 0 to 1: how much of the plate is taken: none where source and plate differ by noise, all where by three times that."""
    if not enough.any():
        return np.zeros(len(off), np.float32)
    image, weight = np.zeros(canvas.hole.shape, np.float32), np.zeros(canvas.hole.shape, np.float32)
    image[canvas.hole], weight[canvas.hole] = np.abs(off).mean(1) * enough, enough
    local = (cv2.GaussianBlur(image, (0, 0), sigma_px) / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma_px), 1e-6))[canvas.hole]
    usual = max(float(np.percentile(local[enough], 30)), 1e-6)
    return np.asarray(np.clip((local / usual - 2) / 2, 0, 1) * enough, np.float32)
