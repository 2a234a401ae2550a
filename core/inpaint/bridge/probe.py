"""Whether a server obeys the mask at all: some that speak A1111's language take it, and paint the whole picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from ..contract import Ask, Painted, ServerError

SIDE = 128
_HOLE = slice(48, 80)
_NEAR = slice(32, 96)
"""Nearer to the hole than this nothing is judged: a latent pixel is eight pixels wide, and its decoder sees further."""
_MOST = 24.0
"""Of 255: an encoder and decoder change a plain picture by a few levels; a picture painted anew is off by far more."""


def probe_ask() -> Ask:
    """A small picture in two strong colours, with a hole in the middle, to be painted without a prompt in few steps."""
    picture = np.empty((SIDE, SIDE, 3), np.uint8)
    picture[:, : SIDE // 2], picture[:, SIDE // 2 :] = (230, 20, 200), (20, 220, 60)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[_HOLE, _HOLE] = 255
    job = hashlib.sha256(b"genlock: is the mask obeyed?" + picture.tobytes() + mask.tobytes()).hexdigest()
    return Ask(job, picture, mask, seed=1, denoise=1.0, steps=2)


def require_mask_obeyed(server: str, paint: Callable[[Ask], Painted]) -> None:
    """Paint the probe and compare what lies outside the hole. Raises ServerError where it was painted too, and whatever painting raises."""
    ask = probe_ask()
    painted = paint(ask)
    off = np.abs(painted.picture.astype(np.int16) - ask.picture)
    near = np.zeros(ask.mask.shape, bool)
    near[_NEAR, _NEAR] = True
    outside, inside = float(off[~near].mean()), float(off[ask.mask > 0].mean())
    if outside > _MOST and outside > 0.5 * inside:
        raise ServerError(
            f"{server} does not obey the mask: outside of it, a picture came back {outside:.0f} of 255 levels off",
            "use a server that inpaints, or an inpainting workflow; probe = false goes on all the same",
        )
