"""The still that is looked for: its luma, the part of it that counts, and its keypoints at several sizes.

A logo's transparent part counts for nothing: it is filled from what surrounds it, so that no edge stands where there is none. Where the
opaque part is one flat colour, its outline is all there is to know: then it is laid over a ground that lets the outline be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..media.footage import Footage
from ..space.features import Features, detect
from ..space.geometry import apply, resize_matrix

MOST_PX = 2048
"""A larger picture is shrunk to this on its longer side."""
SIZES_PX = (900, 400, 160)
"""Longer sides at which keypoints are looked for: a still may be shown at a tenth of its size."""
LEAST_DETAIL = 1.2
"""Standard deviation of fine detail, in levels of 255, under which a picture is flat."""
OPAQUE = 128


@dataclass(frozen=True)
class Subject:
    """A still, ready to be looked for."""

    full_wh: tuple[int, int]
    """Size that matrices are told in."""
    luma: np.ndarray
    """(h, w) uint8, at most MOST_PX long."""
    mask: np.ndarray
    """(h, w) bool: the part that counts."""

    @property
    def wh(self) -> tuple[int, int]:
        """Width and height of luma."""
        return self.luma.shape[1], self.luma.shape[0]

    @property
    def masked(self) -> bool:
        """Whether part of it counts for nothing."""
        return not bool(self.mask.all())


def read_subject(footage: Footage) -> Subject:
    """The first frame of some footage as a still. Raises MediaError where it cannot be read."""
    frame = next(iter(footage.frames()))
    wh = (footage.info.width, footage.info.height)
    share = min(1.0, MOST_PX / max(wh))
    size = (max(1, round(wh[0] * share)), max(1, round(wh[1] * share)))
    alpha = frame.alpha(size)
    luma = frame.luma(size)
    if alpha is None:
        return Subject(wh, luma, np.ones(luma.shape, bool))
    return cut_out(wh, luma, alpha)


def cut_out(full_wh: tuple[int, int], luma: np.ndarray, alpha: np.ndarray) -> Subject:
    """A still with a transparent part. luma, alpha  (h, w) uint8, of one size."""
    mask = alpha >= OPAQUE
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if inner.any() and _detail(luma, inner) >= 3 * LEAST_DETAIL:
        return Subject(full_wh, filled(luma, mask), mask)
    level = float(luma[mask].mean()) if mask.any() else 0.0
    ground = 40.0 if level > 110 else 200.0
    share = alpha.astype(np.float32) / 255
    laid = luma * share + ground * (1 - share)
    reach = max(2, round(0.02 * max(luma.shape)))
    around = cv2.dilate(mask.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    return Subject(full_wh, (laid + 0.5).astype(np.uint8), around)


def without_ground(subject: Subject, tolerance: float = 6.0) -> Subject | None:
    """The still without the one flat colour that surrounds it; None where there is no such thing, or nothing else.

    The colour is that of the border; what is joined to the border and has it is ground.
    """
    border = np.concatenate([subject.luma[0], subject.luma[-1], subject.luma[:, 0], subject.luma[:, -1]]).astype(np.float32)
    level = float(np.median(border))
    if subject.masked or (np.abs(border - level) > tolerance).mean() > 0.1:
        return None
    flat = (np.abs(subject.luma.astype(np.float32) - level) <= tolerance).astype(np.uint8)
    _, labels = cv2.connectedComponents(cv2.copyMakeBorder(flat, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1))
    ground = (labels == labels[0, 0])[1:-1, 1:-1]
    if not 0.05 < ground.mean() < 0.95:
        return None
    alpha = np.where(ground, 0, 255).astype(np.uint8)
    return cut_out(subject.full_wh, subject.luma, alpha)


def filled(luma: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture with everything outside the mask filled from the nearest inside, ever smoother: (h, w) uint8."""
    out, known = luma.astype(np.float32), mask.copy()
    sigma = 2.0
    while not known.all() and sigma < 4 * max(luma.shape):
        weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)
        spread = cv2.GaussianBlur(np.where(mask, luma, 0).astype(np.float32), (0, 0), sigma)
        near = ~known & (weight > 0.02)
        out[near] = spread[near] / weight[near]
        known |= near
        sigma *= 2
    out[~known] = float(luma[mask].mean()) if mask.any() else 0.0
    return (out + 0.5).astype(np.uint8)


def shrunk(subject: Subject, longest: int) -> Subject:
    """The same still in a smaller picture."""
    if max(subject.wh) <= longest:
        return subject
    size = tuple(max(4, round(side * longest / max(subject.wh))) for side in subject.wh)
    mask = cv2.resize(subject.mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 127
    return Subject(subject.full_wh, cv2.resize(subject.luma, size, interpolation=cv2.INTER_AREA), mask)


def flat(subject: Subject) -> bool:
    """Whether there is nothing in the still that a place could be told by."""
    return _detail(subject.luma, subject.mask) < LEAST_DETAIL


def keypoints(subject: Subject, count: int) -> Features:
    """Keypoints of the part that counts, at every size of SIZES_PX that it has, in full-size pixels."""
    found = at_sizes(subject.luma, subject.full_wh, count)
    if not subject.masked or not len(found.points):
        return found
    at = np.round(apply(resize_matrix(subject.full_wh, subject.wh), found.points)).astype(int)
    keep = subject.mask[np.clip(at[:, 1], 0, subject.wh[1] - 1), np.clip(at[:, 0], 0, subject.wh[0] - 1)]
    return Features(found.points[keep], found.descriptors[keep])


def at_sizes(luma: np.ndarray, full_wh: tuple[int, int], count: int) -> Features:
    """Keypoints of a picture (h, w) uint8 and of smaller copies of it."""
    longer = max(luma.shape)
    sizes = [size for size in SIZES_PX if size < longer] if longer > SIZES_PX[-1] else []
    sizes = [longer, *sizes] if longer <= 1.3 * SIZES_PX[0] else sizes
    parts = []
    for n, size in enumerate(sizes):
        share = size / longer
        small = luma if share == 1 else cv2.resize(luma, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        parts.append(detect(small, full_wh, count >> n))
    return Features(np.concatenate([p.points for p in parts]), np.concatenate([p.descriptors for p in parts]))


def _detail(luma: np.ndarray, mask: np.ndarray) -> float:
    """Standard deviation of what is finer than a twelfth of the picture, in levels."""
    if mask.sum() < 16:
        return 0.0
    x = luma.astype(np.float32)
    side = max(3, max(luma.shape) // 12) | 1
    return float((cv2.GaussianBlur(x, (0, 0), 1.0) - cv2.blur(x, (side, side)))[mask].std())
