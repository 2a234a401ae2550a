"""Before, mask, change and after, side by side in one picture: what a person looks at first."""

from __future__ import annotations

import cv2
import numpy as np

from ...render.burn import label

CELL_PX = 640
"""A cell's width at the most."""
_TINT = np.array([1.0, 0.25, 0.2], np.float32)
_TITLES = ("before", "mask", "what changed", "after")


def cell_wh(size_hw: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a cell, both even."""
    scale = min(1.0, CELL_PX / size_hw[1])
    return max(2, round(size_hw[1] * scale / 2) * 2), max(2, round(size_hw[0] * scale / 2) * 2)


def grid(before: np.ndarray, after: np.ndarray, mask: np.ndarray, text: str) -> np.ndarray:
    """(2 h, 2 w, 3) float32, 0 to 1.

    before, after  (H, W, 3) float32, 0 to 1, as displayed
    text           of the frame, beside the first cell's title
    """
    size_wh = cell_wh(mask.shape)
    one, other = (cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA) for picture in (before, after))
    share = cv2.resize((mask > 0).astype(np.float32), size_wh, interpolation=cv2.INTER_AREA)[..., None] * np.float32(0.55)
    tinted = one * (1 - share) + _TINT * share
    moved = np.clip(0.5 + 2 * (other - one), 0, 1)
    titles = (f"{_TITLES[0]}  {text}", *_TITLES[1:])
    cells = [_titled(cell, title) for cell, title in zip((one, tinted, moved, other), titles, strict=True)]
    return np.asarray(np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])]), np.float32)


def _titled(cell: np.ndarray, title: str) -> np.ndarray:
    out = np.array(cell, np.float32)
    ink = label(title, cell.shape[1])[: cell.shape[0]]
    out[: ink.shape[0], : ink.shape[1]] = ink[..., None]
    return out
