"""Where keypoints are too few: the still, at every size it could have, held against every place of a frame.

Normalised correlation (Lewis 1995, through OpenCV) of fine detail, on small pictures. It proposes places; judge.py decides.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from ..space.geometry import normalised, resize_matrix
from .film import bounded
from .match import Placing
from .subject import Subject

STEP = 1.13
"""From one size tried to the next."""
SMALLEST_PX, LARGEST = 14, 1.02
"""Longer side of the still in the small picture: pixels at least, and share of the frame's at most."""
CLEAR = 0.5
"""Correlation from which a place is proposed."""
MOST = 3
FRAME_PX = 240
"""Longer side of the frame, at most."""


def places(subject: Subject, frame: np.ndarray, frame_wh: tuple[int, int], number: int, mirrored: bool = False) -> list[Placing]:
    """The best places of a still in one frame (h, w) uint8, most alike first; at most MOST."""
    found: list[tuple[float, Placing]] = []
    frame = bounded(frame, FRAME_PX)
    fine = _detail(frame, None)
    for still, mask, matrix in _sizes(subject, frame.shape, mirrored):
        template = _detail(still, mask)
        if float(template[mask].std()) < 1.0:
            continue
        surface = _correlation(fine, template, mask)
        y, x = np.unravel_index(int(surface.argmax()), surface.shape)
        alike = float(surface[y, x])
        if alike >= CLEAR:
            move = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
            full = resize_matrix((frame.shape[1], frame.shape[0]), frame_wh) @ move @ matrix
            found.append((alike, Placing(number, normalised(full), int(mask.sum()), -alike, "correlation")))
    found.sort(key=lambda item: -item[0])
    return [placing for _, placing in found[:MOST]]


def _sizes(subject: Subject, shape: tuple[int, ...], mirrored: bool) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The still at each size: luma and mask (h, w), and the matrix full-size still -> it."""
    w, h = subject.full_wh
    largest = min(LARGEST * shape[1] / w, LARGEST * shape[0] / h)
    share = largest
    while share * max(w, h) >= SMALLEST_PX:
        size = (min(shape[1], max(4, round(w * share))), min(shape[0], max(4, round(h * share))))
        luma = cv2.resize(subject.luma, size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(subject.mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 127
        matrix = resize_matrix((w, h), size)
        if mirrored:
            luma, mask = luma[:, ::-1].copy(), mask[:, ::-1].copy()
            matrix = np.array([[-1, 0, size[0] - 1.0], [0, 1, 0], [0, 0, 1]]) @ matrix
        if mask.sum() >= 40 and min(size) >= 5:
            yield luma, mask, matrix
        share /= STEP


def _detail(picture: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    x = picture.astype(np.float32)
    if mask is not None and not mask.all():
        weight = mask.astype(np.float32)
        return np.asarray((x - cv2.blur(x * weight, (25, 25)) / np.maximum(cv2.blur(weight, (25, 25)), 1e-3)) * weight, np.float32)
    return np.asarray(cv2.subtract(x, cv2.blur(x, (25, 25))), np.float32)


def _correlation(fine: np.ndarray, template: np.ndarray, mask: np.ndarray) -> np.ndarray:
    if mask.all():
        surface = cv2.matchTemplate(fine, template, cv2.TM_CCOEFF_NORMED)
    else:
        surface = cv2.matchTemplate(fine, template, cv2.TM_CCOEFF_NORMED, mask=mask.astype(np.float32))
    return np.nan_to_num(surface, nan=-1.0, posinf=-1.0, neginf=-1.0)
