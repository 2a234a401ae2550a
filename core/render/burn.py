"""Writes into a picture what is known of it: a white line of text on a black box, in the picture's own samples."""

from __future__ import annotations

import cv2
import numpy as np

from ..media.plates import Samples
from ..media.plates.colour import Encoding
from .place import ground_of
from .plan import Step

_FONT = cv2.FONT_HERSHEY_SIMPLEX


def text_of(step: Step) -> str:
    """Frame numbers, score, verdict: what `--debug` shows."""
    ref = "-" if step.ref is None else str(step.ref)
    clip = "-" if step.clip is None else str(step.clip)
    return f"ref {ref}  clip {clip}  {step.score:.3f}  {step.verdict.value}"


def burnt(picture: Samples | np.ndarray, text: str, encoding: Encoding) -> Samples | np.ndarray:
    """The picture with a line of text in its top left corner; (H, W, 3 or 4) float32 RGB or samples, as it came."""
    if isinstance(picture, np.ndarray):
        out = picture.copy()
        ink = label(text, picture.shape[1])
        box = out[: ink.shape[0], : ink.shape[1]]
        box[..., :3] = ink[: box.shape[0], : box.shape[1], None]
        box[..., 3:] = 1
        return out
    size_wh = picture.size_wh
    ink = label(text, size_wh[0])[: size_wh[1]]
    return Samples(picture.form, tuple(_burnt_plane(picture, number, plane, ink, encoding) for number, plane in enumerate(picture.planes)))


def label(text: str, width_px: int) -> np.ndarray:
    """(h, w) float32 in 0..1: white text on black, even height and width, as wide as the text or the picture at most."""
    scale = max(0.35, width_px / 1600)
    (wide, high), below = cv2.getTextSize(text, _FONT, scale, max(1, round(scale * 1.6)))
    if wide + 8 > width_px:
        scale *= width_px / (wide + 8)
        (wide, high), below = cv2.getTextSize(text, _FONT, scale, 1)
    ink = np.zeros((high + below + 8 + (high + below) % 2, min(width_px, wide + 8 + wide % 2)), np.uint8)
    cv2.putText(ink, text, (4, high + 4), _FONT, scale, 255, max(1, round(scale * 1.6)), cv2.LINE_AA)
    return ink.astype(np.float32) / 255


def _burnt_plane(picture: Samples, number: int, plane: np.ndarray, ink: np.ndarray, encoding: Encoding) -> np.ndarray:
    form = picture.form
    out = plane.copy()
    chroma = form.model == "yuv" and number in (1, 2)
    low = ground_of(form, encoding, number)
    if chroma:
        across, down = form.sub_wh
        out[: -(-ink.shape[0] // down), : -(-ink.shape[1] // across)] = 0 if form.is_float else low
        return out
    alpha = form.alpha and number == len(picture.planes) - 1
    high = _white(picture, encoding)
    level = np.full_like(ink, high if form.is_float or not alpha else 2**form.bits - 1) if alpha else low + ink * (high - low)
    out[: ink.shape[0], : ink.shape[1]] = level if form.is_float else np.rint(level)
    return out


def _white(picture: Samples, encoding: Encoding) -> float:
    form = picture.form
    if form.is_float:
        return 1.0
    limited = form.model != "rgb" and not encoding.full_range
    return 235.0 * 2 ** (form.bits - 8) if limited else float(2**form.bits - 1)
