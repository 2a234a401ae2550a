"""Samples of one form as samples of another, touching only what differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..plates.colour import Encoding, alpha_of, from_rgb, to_rgb
from ..plates.form import Form
from ..plates.samples import Samples, opaque, same_but_alpha


def fit(samples: Samples, form: Form, own: Encoding, wanted: Encoding) -> Samples:
    """The same picture in another form.

    Equal forms pass bit for bit. Depth alone: shifts of limited-range YUV, exact scales of full range, rounded to the nearest code on the
    way down. Everything else goes over float RGB.
    """
    alike = form.model == "rgb" or own.full_range == wanted.full_range
    if form.model == "yuv":
        alike &= own.matrix == wanted.matrix and (own.location == wanted.location or form.sub_wh == (1, 1))
    if alike and same_but_alpha(samples.form, form):
        return _alpha_fitted(samples, form)
    like = replace(samples.form, bits=form.bits, is_float=form.is_float)
    if alike and same_but_alpha(like, form) and not (form.is_float or samples.form.is_float):
        return _alpha_fitted(_deepened(samples, form.bits, samples.form.model == "rgb" or own.full_range), form)
    alpha = alpha_of(samples) if form.alpha else None
    return from_rgb(to_rgb(samples, own), form, wanted, alpha)


def _deepened(samples: Samples, bits: int, full: bool) -> Samples:
    form = samples.form
    planes = []
    for number, plane in enumerate(samples.planes):
        is_alpha = form.alpha and number == len(samples.planes) - 1
        centred = form.model == "yuv" and number in (1, 2)
        planes.append(_scaled(plane, form.bits, bits, full or is_alpha, centred and full))
    return Samples(replace(form, bits=bits), tuple(planes))


def _scaled(plane: np.ndarray, old: int, new: int, full: bool, centred: bool) -> np.ndarray:
    """Codes of `old` bits as codes of `new` bits. centred: full-range chroma, whose zero is 2^(bits - 1)."""
    dtype = np.uint8 if new == 8 else np.uint16
    wide = plane.astype(np.int64)
    top = 2**new - 1
    if not full:
        out = wide << (new - old) if new >= old else (wide + (1 << (old - new - 1))) >> (old - new)
    elif centred:
        num, den = top, 2**old - 1
        out = ((wide - 2 ** (old - 1)) * 2 * num + den) // (2 * den) + 2 ** (new - 1)
    else:
        num, den = top, 2**old - 1
        out = (wide * 2 * num + den) // (2 * den)
    return np.clip(out, 0, top).astype(dtype)


def _alpha_fitted(samples: Samples, form: Form) -> Samples:
    if samples.form.alpha == form.alpha:
        return samples
    if not form.alpha:
        return samples.without_alpha()
    plane = np.full_like(samples.planes[0], opaque(form))
    return Samples(replace(samples.form, alpha=True), (*samples.planes, plane))


def straightened(rgba: np.ndarray) -> np.ndarray:
    """Colours divided by alpha, (h, w, 4) float32: associated to straight. Where alpha is 0, colours stay as they are."""
    alpha = rgba[..., 3:]
    return np.concatenate([np.divide(rgba[..., :3], alpha, out=rgba[..., :3].copy(), where=alpha > 0), alpha], axis=2)


def associated(rgba: np.ndarray) -> np.ndarray:
    """Colours times alpha, (h, w, 4) float32: straight to associated."""
    return np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=2)


def evened(rgb: np.ndarray, even_wh: tuple[int, int]) -> np.ndarray:
    """(h, w, c) cut or, by its last column and row, filled up to a size one larger or smaller."""
    height, width = rgb.shape[:2]
    cut = rgb[: even_wh[1], : even_wh[0]]
    return np.pad(cut, ((0, max(0, even_wh[1] - height)), (0, max(0, even_wh[0] - width)), (0, 0)), mode="edge")
