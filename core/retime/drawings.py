"""The next frame as it would be if nothing were drawn anew: the camera goes on, and drawings that are held stay as they were.

Between a frame and that picture only the camera moves, so any interpolator can make what lies between, and figures keep the times that their
animator gave them. The aim is that of DRBA (which holds a time back where motion to the frames before and after differs); the way is our own.
"""

from __future__ import annotations

import cv2
import numpy as np

from .anew import Change
from .around import continued
from .camera import moved

_HELD = 0.12
"""What is held changes by less than this part of its area in the step before, or in the step after."""
_AROUND = 5
"""Pixels around what changed that are taken along: soft edges, shadows, halos of compression."""
_SIDES = (3, 9, 27, 81)
"""Of the windows in which it is asked whether a pixel stands still or goes with the camera, until one tells."""
_TELLS = 2.0
"""Levels."""
_NOTHING = 1.5 / 255
"""By which pixels outside of the drawings may differ without anything going on there."""


def unredrawn(a: np.ndarray, b: np.ndarray, now: Change, around: tuple[Change | None, Change | None], before: np.ndarray | None) -> np.ndarray:
    """Frame b with what is held at a. b itself, the same object, where no drawing that is held changes between the two.

    a, b    (H, W, C) float32, one frame and the next; a itself comes back where nothing but drawings changes
    around  the steps before a and after b; None beyond the ends of a shot
    before  the frame before a; None where the shot begins with a
    """
    region = _redrawn(now, around)
    if not region.any():
        return b
    base = moved(a, now.camera)
    if now.camera is None and float(np.abs((b - a)[~region]).max(initial=0)) <= _NOTHING:
        return a
    if now.camera is not None and before is not None and around[0] is not None and around[0].camera is not None:
        base = _with_what_stands(base, a, region, now.camera, _stands(a, before, around[0].camera))
    soft = cv2.blur(region.astype(np.float32), (3, 3))[..., None]
    return np.asarray(b + (base - b) * soft, np.float32)


def _redrawn(now: Change, around: tuple[Change | None, Change | None]) -> np.ndarray:
    """(H, W) bool on b's pixels: where drawings that are held before or after the step change in it."""
    known = [change for change in around if change is not None]
    out = np.zeros(now.anew.shape, bool)
    if not known or not now.anew.any():
        return out
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _AROUND + 1, 2 * _AROUND + 1))
    wide = cv2.dilate((now.apart | now.anew).view(np.uint8), kernel)
    count, labels = cv2.connectedComponents(wide)
    area = np.bincount(labels[now.anew], minlength=count)
    beside = [change.stirred if now.camera is None else change.anew for change in known]
    least = np.min([np.bincount(labels[stirs], minlength=count) for stirs in beside], axis=0)
    held = (area > 0) & (least <= _HELD * area)
    held[0] = False
    return _filled(held[labels])


def _filled(mask: np.ndarray) -> np.ndarray:
    """With what it encloses."""
    outlines, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    out = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(out, outlines, -1, 1, cv2.FILLED)
    return out.astype(bool)


def _with_what_stands(base: np.ndarray, a: np.ndarray, region: np.ndarray, camera: np.ndarray, stands: np.ndarray) -> np.ndarray:
    """The moved frame, with what stands still on the screen put back to where it was, and the ground behind it continued."""
    stands &= cv2.dilate(region.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    if not stands.any():
        return base
    there = cv2.warpAffine(stands.view(np.uint8), camera, stands.shape[::-1], flags=cv2.INTER_NEAREST)
    kernel = np.ones((3, 3), np.uint8)
    bare = cv2.dilate(there, kernel).astype(bool) & ~stands
    base = continued(base, bare, cv2.dilate(there, kernel).astype(bool) | stands)
    soft = cv2.blur(stands.astype(np.float32), (3, 3))[..., None]
    return np.asarray(base + (a - base) * soft, np.float32)


def _stands(a: np.ndarray, before: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """(H, W) bool: what stood still on the screen up to a, while the camera moved."""
    stays, goes = (np.abs(a[..., :3] - p[..., :3]).max(-1) * np.float32(255) for p in (before, moved(before, camera)))
    evidence = goes - stays
    out = np.zeros(evidence.shape, bool)
    open_ = np.ones(evidence.shape, bool)
    for side in _SIDES:
        told = cv2.blur(evidence, (side, side))
        tells = open_ & (np.abs(told) > _TELLS)
        out[tells] = told[tells] > 0
        open_ &= ~tells
    return out
