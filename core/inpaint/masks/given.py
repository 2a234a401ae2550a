"""Masks that were made elsewhere: a matte of Nuke, Resolve or Blender, as a film, an image sequence or a still; its alpha, or its brightness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...errors import MediaError
from ...media.plates import Plate, Plates, open_plates
from .shaping import fitted

SAME_SHAPE = 0.01
"""Difference of the two aspect ratios, over the ratio, up to which a mask of another size is the same picture."""


def given_masks(path: str | Path, count: int, hw: tuple[int, int]) -> Iterator[np.ndarray]:
    """Masks (H, W) uint8 of every frame, in order, from a file; a still stands for all.

    Alpha is taken where the file has some that is not solid in its first picture, else brightness; white is what is to be changed.
    Soft edges stay soft where the sizes are equal.
    Raises MediaError: unreadable, of another shape, or of fewer frames than there are.
    """
    with open_plates(path) as plates:
        _require_shape(path, plates, hw)
        made, alpha, last = 0, False, None
        for plate in plates.frames():
            if made == count:
                break
            if not made:
                alpha = _has_alpha(plate)
            last = fitted(_mask(plate, alpha), hw)
            yield last
            made += 1
        if last is None:
            raise MediaError(f"{path}: it has no picture", "name a film, an image sequence, or a still")
    if made == 1:
        for _ in range(count - 1):
            yield last
    elif made < count:
        raise MediaError(f"{path}: it has {made} frames, and the footage has {count}", "give a mask for every frame, or a single picture for all")


def _has_alpha(plate: Plate) -> bool:
    """A solid alpha says nothing, and is what many programs write beside a grey matte."""
    return bool((plate.rgb(alpha=True)[..., 3] < 1 - 1e-3).any())


def _mask(plate: Plate, alpha: bool) -> np.ndarray:
    picture = plate.rgb(alpha=True)
    level = picture[..., 3] if alpha else picture[..., :3].max(-1)
    return np.asarray(np.clip(np.nan_to_num(level), 0, 1) * 255 + 0.5).astype(np.uint8)


def _require_shape(path: str | Path, plates: Plates, hw: tuple[int, int]) -> None:
    ours, theirs = hw[1] / hw[0], plates.info.width / plates.info.height
    if abs(ours - theirs) > SAME_SHAPE * ours:
        said = f"{path}: it is {plates.info.width} x {plates.info.height}, and the footage is {hw[1]} x {hw[0]}"
        raise MediaError(said, "give a mask of the footage's shape; its size may differ")
