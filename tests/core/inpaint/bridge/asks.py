"""Questions for painters, made anew in each test."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from genlock.core.inpaint.contract import Ask, Painted
from genlock.tests.core.inpaint.servers import paints


def ask(height: int = 64, width: int = 72, dtype: type = np.uint8, **more: Any) -> Ask:
    """Noise with a hole off the middle."""
    rng = np.random.default_rng(7)
    picture = rng.integers(0, np.iinfo(dtype).max + 1, (height, width, 3)).astype(dtype)
    mask = np.zeros((height, width), np.uint8)
    mask[16:40, 24:48] = 255
    values = {"seed": 5, "prompt": "a young man", "denoise": 1.0, "steps": 3, **more}
    job = hashlib.sha256(picture.tobytes() + repr(sorted(values.items())).encode()).hexdigest()
    return Ask(job, picture, mask, **values)


def shows(painted: Painted, asked: Ask) -> bool:
    """Whether the hole has the fakes' colour of this seed and prompt, and everything else is the picture that was given."""
    colour = paints.colour(asked.seed, asked.prompt).astype(asked.picture.dtype)
    if asked.picture.dtype == np.uint16:
        colour = colour * np.uint16(257)
    hole = asked.mask > 0
    same = np.abs(painted.picture[~hole].astype(int) - asked.picture[~hole]).max() <= (0 if asked.picture.dtype == np.uint8 else 128)
    return (
        painted.picture.shape == asked.picture.shape
        and painted.picture.dtype == asked.picture.dtype
        and same
        and bool((painted.picture[hole] == colour).all())
    )


def never() -> bool:
    return False
