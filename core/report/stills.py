"""Pictures for the report: ref, clip warped into it, and what is left between them, at a few telling frames."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from ..alignment import Alignment, Matrix
from ..errors import GenlockError
from ..media.footage import Footage
from ..progress import Progress
from ..verify.reopen import changed, options_for, reopen
from .choice import Choice

WIDE_PX = 480
TOGETHER_BYTES = 760_000
"""Of all pictures, before base64 makes them a third longer."""
TRIES = ((84, 1), (74, 1), (62, 1), (48, 1), (34, 1), (34, 2), (20, 3))
"""JPEG quality, and how many times smaller a picture is stored."""
STRONGER = 4
OUTSIDE = 46
"""Grey level where the clip shows nothing."""


@dataclass(frozen=True)
class Still:
    """One row of pictures; each a JPEG data URI, or "" where there is none."""

    choice: Choice
    ref: str
    clip: str
    difference: str
    size_wh: tuple[int, int]


def stills(alignment: Alignment, choices: list[Choice], progress: Progress = Progress()) -> tuple[list[Still], str]:
    """The pictures, in the choices' order, and why some are missing, in a sentence, or ""."""
    for media, which in ((alignment.ref, "ref"), (alignment.clip, "clip")):
        if changed(media):
            return [], f"No pictures: the {which} has changed since it was aligned."
    try:
        with reopen(alignment.ref, options_for(alignment, "ref")) as ref, reopen(alignment.clip, options_for(alignment, "clip")) as clip:
            return _pictures(alignment, ref, clip, choices, progress), ""
    except (GenlockError, OSError, ValueError) as error:
        progress.check()
        return [], f"No pictures: {error}."


def _pictures(alignment: Alignment, ref: Footage, clip: Footage, choices: list[Choice], progress: Progress) -> list[Still]:
    width, height = still_size(alignment)
    budget = TOGETHER_BYTES // max(1, 3 * len(choices))
    ref_rgb = _seen(ref, [c.ref_frame for c in choices], (width, height))
    progress.at(0.4, "reading pictures")
    near = _clip_size(alignment, choices, width)
    clip_rgb, opaque = _seen_through(clip, [c.clip_frame for c in choices if c.clip_frame is not None], near)
    progress.at(0.8, "reading pictures")
    out = []
    for choice in choices:
        picture = ref_rgb[choice.ref_frame]
        warped = left = ""
        if choice.clip_frame is not None:
            placed = clip_rgb[choice.clip_frame]
            if choice.matrix is not None:
                clear = opaque.get(choice.clip_frame)
                placed, inside = warp(placed, choice.matrix, alignment, (width, height), clear)
                left = jpeg(difference(picture, placed, inside), budget)
            warped = jpeg(placed, budget)
        out.append(Still(choice, jpeg(picture, budget), warped, left, (width, height)))
    return out


def still_size(alignment: Alignment) -> tuple[int, int]:
    """Width and height of a still: the ref's shape as displayed, no wider than it is stored, and no taller than a square."""
    ref = alignment.ref
    shape = ref.width * float(ref.sample_aspect or 1) / ref.height
    width = min(WIDE_PX, max(16, round(ref.width * max(1.0, float(ref.sample_aspect or 1)))))
    height = max(2, round(width / shape))
    if height > WIDE_PX:
        width, height = max(2, round(WIDE_PX * shape)), WIDE_PX
    return width, height


def _clip_size(alignment: Alignment, choices: list[Choice], width: int) -> tuple[int, int]:
    """The size to read the clip at, so that warping it neither enlarges nor skips much: no larger than it is."""
    clip = alignment.clip
    spans = [_reach(c.matrix, clip.width) for c in choices if c.matrix is not None]
    wanted = (max(spans) if spans else alignment.ref.width) * width / alignment.ref.width
    share = min(1.0, max(wanted, 32.0) / clip.width)
    return max(2, round(clip.width * share)), max(2, round(clip.height * share))


def _reach(matrix: Matrix, width: int) -> float:
    """About how wide the clip's width is in the ref, in ref pixels."""
    return float(width * np.hypot(matrix[0], matrix[3]) / max(abs(matrix[8]), 1e-9))


def _seen(footage: Footage, numbers: list[int], size_wh: tuple[int, int]) -> dict[int, np.ndarray]:
    return {frame.number: frame.rgb(size_wh) for frame in footage.at(numbers)}


def _seen_through(footage: Footage, numbers: list[int], size_wh: tuple[int, int]) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """The pictures, and how opaque they are, (h, w) uint8, of those that are not throughout."""
    pictures, opaque = {}, {}
    for frame in footage.at(numbers):
        pictures[frame.number] = frame.rgb(size_wh)
        alpha = frame.alpha(size_wh)
        if alpha is not None:
            opaque[frame.number] = alpha
    return pictures, opaque


def warp(
    picture: np.ndarray, clip_to_ref: Matrix, alignment: Alignment, size_wh: tuple[int, int], opaque: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A clip picture of any size where the ref has it, on a still of size_wh; and which pixels it covers (h, w, bool).

    opaque  (h, w) uint8: how opaque the picture is; None is throughout
    """
    h, w = picture.shape[:2]
    to_clip = resize_matrix((w, h), (alignment.clip.width, alignment.clip.height))
    to_still = resize_matrix((alignment.ref.width, alignment.ref.height), size_wh)
    matrix = to_still @ np.array(clip_to_ref, np.float64).reshape(3, 3) @ to_clip
    drawn = cv2.warpPerspective(picture, matrix, size_wh, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    whole = np.full((h, w), 255, np.uint8) if opaque is None else opaque
    inside = cv2.warpPerspective(whole, matrix, size_wh, flags=cv2.INTER_LINEAR) > 127
    drawn[~inside] = OUTSIDE
    return drawn, inside


def resize_matrix(from_wh: tuple[int, int], to_wh: tuple[int, int]) -> np.ndarray:
    """(3, 3): a pixel of a picture to the same point of the picture at another size; centres on integers, edges on edges."""
    x, y = to_wh[0] / from_wh[0], to_wh[1] / from_wh[1]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)


def difference(ref: np.ndarray, clip: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How far apart two pictures are once each channel's gain and offset are matched, made stronger; (h, w) uint8.

    Gain and offset are of least squares over what the clip covers, found again without the worst tenth: a logo does not pull them.
    """
    if inside.sum() < 16:
        return np.full(inside.shape, OUTSIDE, np.uint8)
    total = np.zeros(inside.shape, np.float32)
    for channel in range(3):
        a, b = clip[..., channel].astype(np.float32), ref[..., channel].astype(np.float32)
        gain, offset = _gain(a[inside], b[inside])
        off = np.abs(a * gain + offset - b)
        keep = inside & (off <= np.quantile(off[inside], 0.9))
        gain, offset = _gain(a[keep], b[keep])
        total += np.abs(a * gain + offset - b)
    strong = np.clip(total / 3 * STRONGER, 0, 255)
    strong[~inside] = OUTSIDE
    return strong.astype(np.uint8)


def _gain(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    spread = float(a.var())
    gain = float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 1e-6 else 1.0
    return gain, float(b.mean()) - gain * float(a.mean())


def jpeg(picture: np.ndarray, budget: int) -> str:
    """A data URI: RGB or grey as JPEG, as good and then as large as the budget in bytes allows."""
    stored = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    body = b""
    for quality, smaller in TRIES:
        seen = stored if smaller == 1 else cv2.resize(stored, None, fx=1 / smaller, fy=1 / smaller, interpolation=cv2.INTER_AREA)
        done, buffer = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, quality])
        body = buffer.tobytes() if done else b""
        if len(body) <= budget or min(seen.shape[:2]) < 16:
            break
    return "data:image/jpeg;base64," + base64.b64encode(body).decode("ascii")
