"""A mask made larger or smaller, and on another size of picture."""

from __future__ import annotations

import cv2
import numpy as np


def grown(mask: np.ndarray, by_px: int) -> np.ndarray:
    """(H, W) uint8, its edge moved outwards by so many pixels; inwards where they are negative. The picture's border is no edge."""
    if not by_px:
        return mask
    reach = abs(by_px)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(mask, disc, borderValue=0) if by_px > 0 else cv2.erode(mask, disc, borderValue=255)


def fitted(mask: np.ndarray, hw: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8 of another size; an edge between pixels comes out soft within one of them, and is drawn hard again."""
    if mask.shape == hw:
        return mask
    larger = hw[0] > mask.shape[0]
    soft = cv2.resize(mask, (hw[1], hw[0]), interpolation=cv2.INTER_CUBIC if larger else cv2.INTER_AREA)
    return np.where(soft >= 128, np.uint8(255), np.uint8(0))
