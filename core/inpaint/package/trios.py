"""Pictures for the page: some keyframes before, with the mask, and after, as data URIs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ...report.stills import jpeg
from ..finish import Finish
from ..project import Project

MOST = 12
WIDE_PX = 560
TOGETHER_BYTES = 900_000
_TINT = np.array([255, 64, 51], np.float32)


@dataclass(frozen=True)
class Trio:
    """Of one frame."""

    number: int
    said: str
    pictures: tuple[tuple[str, str], ...]
    """What it is, and a JPEG as a data URI."""


def trios(project: Project, keyframes: Sequence[int], flagged: Sequence[int] = ()) -> list[Trio]:
    """Of some keyframes: flagged ones first to be taken, the others evenly; then the middle frame of each group, where motion tells most."""
    groups = {group.keyframe: group for group in project.groups()}
    chosen = list(flagged)[: MOST // 2]
    rest = [k for k in keyframes if k not in chosen]
    room = max(0, MOST - len(chosen))
    chosen += [rest[round(at)] for at in np.linspace(0, len(rest) - 1, min(room, len(rest)))] if rest else []
    finish = Finish(project)
    look = project.look
    budget = TOGETHER_BYTES // max(1, 3 * len(chosen))
    out = []
    for keyframe in sorted(set(chosen)):
        group = groups[keyframe]
        number = (group.first + group.last) // 2
        before, after, mask = finish.of(number)
        one, other = (_small(look.to_painter(picture)) for picture in (before, after))
        share = _small(mask)[..., None] / np.float32(255) * np.float32(0.55)
        tinted = (one * (1 - share) + _TINT * share + 0.5).astype(np.uint8)
        said = f"between keyframe {keyframe} and the next" if number != keyframe else "a keyframe"
        pictures = tuple((what, jpeg(part, budget)) for what, part in (("before", one), ("the mask", tinted), ("after", other)))
        out.append(Trio(number, said, pictures))
    return out


def _small(picture: np.ndarray) -> np.ndarray:
    """uint8, no wider than WIDE_PX."""
    scale = min(1.0, WIDE_PX / max(picture.shape[:2]))
    size_wh = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA)
    return small if small.dtype == np.uint8 else (small // 257).astype(np.uint8)
