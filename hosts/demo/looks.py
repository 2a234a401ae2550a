"""What a picture goes through. Each function gives a step that takes a frame, its number and a random generator.

Nothing here moves the picture: looks come after placing, and change no matrix.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .world import Image

Look = Callable[[Image, int, np.random.Generator], Image]


def _bytes(image: np.ndarray) -> Image:
    return np.asarray(np.clip(image + 0.5, 0, 255), np.uint8)


def gamma(power: float) -> Look:
    """Darker above 1, lighter below."""
    curve = _bytes(np.linspace(0, 1, 256) ** power * 255)
    return lambda image, n, rng: np.asarray(cv2.LUT(image, curve), np.uint8)


def grade(gain_bgr: tuple[float, float, float], lift_bgr: tuple[float, float, float] = (0, 0, 0)) -> Look:
    """Gain and lift per channel."""
    curve = _bytes(np.arange(256)[:, None] * np.array(gain_bgr) + np.array(lift_bgr)).reshape(1, 256, 3)
    return lambda image, n, rng: np.asarray(cv2.LUT(image, curve), np.uint8)


def grey() -> Look:
    """Black and white."""
    return lambda image, n, rng: np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def blur(sigma_px: float) -> Look:
    """Softer."""
    return lambda image, n, rng: np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), np.uint8)


def grain(sigma: float) -> Look:
    """Noise of this standard deviation, in levels of 255, new on every frame."""
    return lambda image, n, rng: _bytes(image + sigma * rng.standard_normal(image.shape, dtype=np.float32))


def logo(text: str = "CH 5") -> Look:
    """A station's box in the upper right corner."""

    def step(image: Image, n: int, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        image = image.copy()
        left, top = int(width * 0.8), int(height * 0.06)
        cv2.rectangle(image, (left, top), (int(width * 0.95), int(height * 0.17)), (235, 235, 235), -1)
        cv2.putText(image, text, (left + 4, int(height * 0.15)), cv2.FONT_HERSHEY_SIMPLEX, height / 420, (40, 30, 190), 2, cv2.LINE_AA)
        return image

    return step


def subtitle(every: int = 40) -> Look:
    """A burnt-in line that changes every so many frames."""

    def step(image: Image, n: int, rng: np.random.Generator) -> Image:
        height, width = image.shape[:2]
        image = image.copy()
        at = (int(width * 0.16), int(height * 0.9))
        for colour, thick in (((0, 0, 0), 5), ((60, 250, 250), 2)):
            cv2.putText(image, f"a line of dialogue, the {n // every}th", at, cv2.FONT_HERSHEY_SIMPLEX, height / 400, colour, thick, cv2.LINE_AA)
        return image

    return step
