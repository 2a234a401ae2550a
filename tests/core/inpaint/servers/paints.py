"""What the fakes paint with: a colour made from seed and prompt, so that a test knows every pixel."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np


def colour(seed: int, prompt: str = "") -> np.ndarray:
    """RGB, three levels from 40 to 215."""
    digest = hashlib.sha256(f"{seed} {prompt}".encode()).digest()
    return np.array([40 + byte % 176 for byte in digest[:3]], np.uint8)


def read(png: bytes) -> np.ndarray:
    """(h, w, 3) RGB, or (h, w, 4)."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError("no picture")
    if picture.ndim == 2:
        return np.repeat(picture[..., None], 3, 2)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB if picture.shape[2] == 3 else cv2.COLOR_BGRA2RGBA))


def png(picture: np.ndarray) -> bytes:
    """Of an RGB or RGBA picture."""
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA))[1].tobytes()
