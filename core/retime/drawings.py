"""The next frame as it would be if nothing were drawn anew: the camera goes on, and drawings that are held stay as they were.

Between a frame and that picture only the camera moves, so any interpolator can make what lies between, and figures keep the times that their
animator gave them. The aim is that of DRBA (which holds a time back where motion to the frames before and after differs); the way is our own.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .anew import Change, differs
from .around import continued
from .camera import moved

_HELD = 0.2
"""What is held changes by less than this part of its area in the step before, or in the step after."""
_AROUND = 5
"""Pixels around what changed that are taken along: soft edges, shadows, halos of compression."""
_SIDES = (3, 9, 27, 81)
"""Of the windows in which it is asked whether a pixel stands still or goes with the camera, until one tells."""
_SIDE = 9
"""Of the window in which it is asked to which plane a pixel belongs."""
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
    if not now.planes and float(np.abs((b - a)[~region]).max(initial=0)) <= _NOTHING:
        return a
    plane = _planes(a, b, region, now)
    base = _each(plane, [moved(a, p) for p in now.planes] or [a])
    if now.planes and before is not None and around[0] is not None and around[0].planes:
        base = _with_what_stands(base, a, region, plane, now, _stands(a, before, around[0].planes))
    soft = cv2.blur(region.astype(np.float32), (3, 3))[..., None]
    return np.asarray(b + (base - b) * soft, np.float32)


def _planes(a: np.ndarray, b: np.ndarray, region: np.ndarray, now: Change) -> np.ndarray:
    """(H, W) int: the plane that each pixel of b lies in; within the region, where that cannot be seen, that of the nearest pixel around."""
    out = np.zeros(region.shape, np.int32)
    if len(now.planes) < 2:
        return out
    left = np.stack([cv2.blur(differs(moved(a, plane), b), (_SIDE, _SIDE)) for plane in now.planes])
    out = left.argmin(0).astype(np.int32)
    _, nearest = cv2.distanceTransformWithLabels(region.view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    known = ~region
    of_label = np.zeros(int(nearest.max()) + 1, np.int32)
    of_label[nearest[known]] = out[known]
    return np.where(region, of_label[nearest], out)


def _each(plane: np.ndarray, pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Each pixel from the picture of its plane."""
    out = pictures[0]
    for n, picture in enumerate(pictures[1:], 1):
        here = plane == n
        out = np.where(here[..., None] if picture.ndim == 3 else here, picture, out)
    return out


def _redrawn(now: Change, around: tuple[Change | None, Change | None]) -> np.ndarray:
    """(H, W) bool on b's pixels: where drawings that are held before or after the step change in it.

    A step beside this one in which more planes were found explains too much: there it counts what did not stand still.
    """
    known = [change for change in around if change is not None]
    if not known or not now.anew.any():
        return np.zeros(now.anew.shape, bool)
    beside = [change.anew if len(change.planes) <= len(now.planes) else change.stirred for change in known]
    count, labels = cv2.connectedComponents(cv2.dilate((now.apart | now.anew).view(np.uint8), _disc(_AROUND)))
    area = np.bincount(labels[now.anew], minlength=count)
    least = np.min([np.bincount(labels[stirs], minlength=count) for stirs in beside], axis=0)
    held = (area > 0) & (least <= _HELD * area)
    held[0] = False
    return _filled(held[labels])


def _disc(reach: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))


def _filled(mask: np.ndarray) -> np.ndarray:
    """With what it encloses."""
    outlines, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    out = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(out, outlines, -1, 1, cv2.FILLED)
    return out.astype(bool)


def _with_what_stands(base: np.ndarray, a: np.ndarray, region: np.ndarray, plane: np.ndarray, now: Change, stands: np.ndarray) -> np.ndarray:
    """The moved frame, with what stands still on the screen put back to where it was, and the ground behind it continued."""
    stands &= cv2.dilate(region.view(np.uint8), _disc(1)).astype(bool)
    if not stands.any():
        return base
    wh = stands.shape[::-1]
    there = _each(plane, [cv2.warpAffine(stands.view(np.uint8), p, wh, flags=cv2.INTER_NEAREST) for p in now.planes])
    there = cv2.dilate(there, np.ones((3, 3), np.uint8)).astype(bool)
    base = continued(base, there & ~stands, there | stands)
    soft = cv2.blur(stands.astype(np.float32), (3, 3))[..., None]
    return np.asarray(base + (a - base) * soft, np.float32)


def _stands(a: np.ndarray, before: np.ndarray, planes: Sequence[np.ndarray]) -> np.ndarray:
    """(H, W) bool: what stood still on the screen up to a, while the planes moved."""
    stays, *goes = (np.abs(a[..., :3] - p[..., :3]).max(-1) * np.float32(255) for p in (before, *(moved(before, plane) for plane in planes)))
    evidence = np.minimum.reduce(goes) - stays
    out = np.zeros(evidence.shape, bool)
    open_ = np.ones(evidence.shape, bool)
    for side in _SIDES:
        told = cv2.blur(evidence, (side, side))
        tells = open_ & (np.abs(told) > _TELLS)
        out[tells] = told[tells] > 0
        open_ &= ~tells
    return out
