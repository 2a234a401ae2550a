"""One picture over another: in stored samples where that is enough, else in float RGB with alpha.

The modes are those of the W3C's Compositing and Blending Level 1 (add and subtract as compositors have them); colours are
multiplied by alpha throughout: co = cs (1 - ab) + cb (1 - as) + as ab B(cb / ab, cs / as).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..media.plates import Samples
from .cover import reduced_share

Mode = Callable[[np.ndarray, np.ndarray], np.ndarray]

MODES: dict[str, Mode] = {
    "normal": lambda below, above: above,
    "multiply": lambda below, above: below * above,
    "screen": lambda below, above: below + above - below * above,
    "add": lambda below, above: below + above,
    "subtract": lambda below, above: below - above,
    "difference": lambda below, above: np.abs(below - above),
    "darken": np.minimum,
    "lighten": np.maximum,
    "overlay": lambda below, above: np.where(below <= 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
}


def samples_over(above: Samples, below: Samples, share: np.ndarray) -> Samples:
    """Each plane mixed by the share of the upper one, (H, W) float32: bits stay where it is 0 or 1. Both of the same form and size."""
    planes = []
    for top, base in zip(above.planes, below.planes, strict=True):
        part = reduced_share(share, (top.shape[1], top.shape[0]))
        out = np.where(part >= 1, top, base)
        mixed = (part > 0) & (part < 1)
        if mixed.any():
            a = part[mixed]
            values = top[mixed] * a + base[mixed] * (1 - a)
            out[mixed] = values if above.form.is_float else np.rint(values)
        planes.append(out)
    return Samples(above.form, tuple(planes))


def light_over(above: np.ndarray, below: np.ndarray, share: np.ndarray, mode: str = "normal") -> np.ndarray:
    """(H, W, 4) float32, colours multiplied by alpha, both ways.

    share  (H, W) of what `above` shows of itself: opacity, a soft edge, a wipe
    """
    source = above * share[..., None]
    a_s, a_b = source[..., 3:], below[..., 3:]
    if mode == "normal":
        return np.asarray(source + below * (1 - a_s), np.float32)
    mixed = MODES[mode](_plain(below), _plain(above))
    colour = source[..., :3] * (1 - a_b) + below[..., :3] * (1 - a_s) + a_s * a_b * mixed
    return np.concatenate([colour, a_s + a_b * (1 - a_s)], axis=2).astype(np.float32)


def difference(one: np.ndarray, other: np.ndarray, gain: float) -> np.ndarray:
    """(H, W, 4) float32: how far two pictures differ, times `gain`; black where they do not both show something."""
    both = np.minimum(one[..., 3:], other[..., 3:]) >= 1
    colour = np.where(both, np.abs(_plain(one) - _plain(other)) * np.float32(gain), 0)
    return np.concatenate([colour, np.ones_like(one[..., 3:])], axis=2).astype(np.float32)


def _plain(rgba: np.ndarray) -> np.ndarray:
    """(H, W, 3) colours not multiplied by alpha; 0 where there is none."""
    alpha = rgba[..., 3:]
    return np.divide(rgba[..., :3], alpha, out=np.zeros_like(rgba[..., :3]), where=alpha > 0)
