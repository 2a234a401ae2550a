"""Where the thing ends: colours inside against colours outside (GrabCut; Rother, Kolmogorov & Blake, SIGGRAPH 2004)."""

from __future__ import annotations

import cv2
import numpy as np

from .keys import INSIDE, UNKNOWN

FIRST_ROUNDS, BAND_ROUNDS = 5, 2
MARGIN_PX = 24
"""Around what is unknown: pixels that are looked at to learn the colours outside."""
LEAST_PX = 12
"""Of either kind, to learn its colours from."""


def cut(picture: np.ndarray, told: np.ndarray) -> np.ndarray:
    """(h, w) bool: the thing, from a picture (h, w, 3) uint8 and what is told of it (h, w), as Strokes has it."""
    known = told == INSIDE
    if not (told == UNKNOWN).any():
        return known
    labels = np.where(known, cv2.GC_FGD, np.where(told == UNKNOWN, cv2.GC_PR_FGD, cv2.GC_BGD)).astype(np.uint8)
    found = _graph_cut(picture, labels, FIRST_ROUNDS)
    return _whole(found, known if known.any() else None)


def refined(picture: np.ndarray, guess: np.ndarray, band_px: int) -> np.ndarray:
    """(h, w) bool: a guess (h, w) bool, its edge put where the colours change, no farther off than the band."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band_px + 1, 2 * band_px + 1))
    solid = guess.astype(np.uint8)
    outer, inner = cv2.dilate(solid, kernel) > 0, cv2.erode(solid, kernel, borderValue=1) > 0
    labels = np.full(guess.shape, cv2.GC_BGD, np.uint8)
    labels[outer] = cv2.GC_PR_BGD
    labels[guess] = cv2.GC_PR_FGD
    labels[inner] = cv2.GC_FGD
    return _whole(_graph_cut(picture, labels, BAND_ROUNDS), guess)


def _graph_cut(picture: np.ndarray, labels: np.ndarray, rounds: int) -> np.ndarray:
    """(h, w) bool, worked out around what is not plainly outside."""
    where = np.argwhere(labels != cv2.GC_BGD)
    if not len(where):
        return np.zeros(labels.shape, bool)
    (top, left), (bottom, right) = np.maximum(where.min(0) - MARGIN_PX, 0), where.max(0) + 1 + MARGIN_PX
    part = np.ascontiguousarray(labels[top:bottom, left:right])
    inside = (part == cv2.GC_FGD) | (part == cv2.GC_PR_FGD)
    out = np.zeros(labels.shape, bool)
    if inside.sum() >= LEAST_PX and (~inside).sum() >= LEAST_PX:
        cv2.setRNGSeed(0)
        seen = np.ascontiguousarray(picture[top:bottom, left:right])
        cv2.grabCut(seen, part, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_MASK)
        inside = (part == cv2.GC_FGD) | (part == cv2.GC_PR_FGD)
    out[top:bottom, left:right] = inside
    return out


def _whole(found: np.ndarray, like: np.ndarray | None) -> np.ndarray:
    """Without specks: the parts that lie on what the thing was thought to be, or the largest one; holes of a speck's size filled."""
    count, parts, facts, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    if count <= 1:
        return found
    areas = facts[1:, cv2.CC_STAT_AREA]
    if like is None:
        keep = areas >= areas.max() // 4
    else:
        on = np.bincount(parts[like], minlength=count)[1:]
        keep = on * 4 >= areas
    out = np.concatenate([[False], keep])[parts]
    closed = cv2.morphologyEx(out.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray(closed > 0)
