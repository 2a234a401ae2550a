"""What an edit does to space. Each function gives a step: at a moment of the strip, a 3x3 matrix and a new size.

A matrix takes pixel (x, y, 1) before the step to pixel after it; pixel centres on integers, x right, y down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .world import Image

Matrix = NDArray[np.float64]
Size = tuple[int, int]


@dataclass(frozen=True)
class Moment:
    """Where in the footage a frame stands."""

    shot: int
    """Number of its shot."""
    part: float
    """0 to 1 through the shot."""


Placing = Callable[[Size, Moment], tuple[Matrix, Size]]


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def crop(x: float, y: float, width: int, height: int) -> Placing:
    """Keep a window; its corner may lie between pixels."""
    return lambda size, moment: (_shift(-x, -y), (width, height))


def shift(x: float, y: float) -> Placing:
    """Move the picture inside its frame."""
    return lambda size, moment: (_shift(x, y), size)


def pad(left: int, top: int, right: int, bottom: int) -> Placing:
    """Black bars around: letterbox, pillarbox."""
    return lambda size, moment: (_shift(left, top), (size[0] + left + right, size[1] + top + bottom))


def scale(across: float, down: float | None = None) -> Placing:
    """Resize; the new size is even, and the picture fills it exactly, edge to edge."""

    def step(size: Size, moment: Moment) -> tuple[Matrix, Size]:
        new = tuple(max(2, round(n * f) // 2 * 2) for n, f in zip(size, (across, across if down is None else down), strict=True))
        fx, fy = new[0] / size[0], new[1] / size[1]
        return np.array([[fx, 0, (fx - 1) / 2], [0, fy, (fy - 1) / 2], [0, 0, 1.0]]), (new[0], new[1])

    return step


def rotate(degrees: float) -> Placing:
    """Turn around the middle, clockwise as seen (y runs down)."""

    def step(size: Size, moment: Moment) -> tuple[Matrix, Size]:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
        mx, my = (size[0] - 1) / 2, (size[1] - 1) / 2
        return _shift(mx, my) @ turn @ _shift(-mx, -my), size

    return step


def corners(*offsets: tuple[float, float]) -> Placing:
    """Perspective: how far the four corners move, in pixels: top left, top right, bottom right, bottom left."""

    def step(size: Size, moment: Moment) -> tuple[Matrix, Size]:
        right, bottom = size[0] - 1, size[1] - 1
        before = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float32)
        after = before + np.array(offsets, np.float32)
        return np.asarray(cv2.getPerspectiveTransform(before, after), np.float64), size

    return step


def mirror() -> Placing:
    """Left is right."""
    return lambda size, moment: (np.array([[-1, 0, size[0] - 1], [0, 1, 0], [0, 0, 1.0]]), size)


def reframe(width: int, height: int, seed: int) -> Placing:
    """Each shot has a window of its own, placed anew, as a 4:3 version of a wide film has."""

    def step(size: Size, moment: Moment) -> tuple[Matrix, Size]:
        rng = np.random.default_rng((seed, moment.shot))
        return _shift(-rng.uniform(0, size[0] - width), -rng.uniform(0, size[1] - height)), (width, height)

    return step


def pan_and_scan(width: int, height: int, seed: int) -> Placing:
    """Each shot has a window that travels evenly through it."""

    def step(size: Size, moment: Moment) -> tuple[Matrix, Size]:
        rng = np.random.default_rng((seed, moment.shot))
        room = np.array([size[0] - width, size[1] - height])
        x, y = rng.uniform(0, 1, 2) * room * (1 - moment.part) + rng.uniform(0, 1, 2) * room * moment.part
        return _shift(-x, -y), (width, height)

    return step


def composed(steps: tuple[Placing, ...], size: Size, moment: Moment) -> tuple[Matrix, Size]:
    """All steps in order: (3x3 source -> output, output size, even)."""
    matrix: Matrix = np.eye(3)
    for step in steps:
        now, size = step(size, moment)
        matrix = now @ matrix
    return matrix, (size[0] // 2 * 2, size[1] // 2 * 2)


def draw(image: Image, matrix: Matrix, size_wh: Size) -> Image:
    """Draw a picture where a matrix puts it; black outside. Going smaller leaves no aliasing.

    image   (H, W, 3), 8 bit
    matrix  3x3, picture pixel -> output pixel; pixel centres on integers
    """
    height, width = image.shape[:2]
    sigma = [0.6 * np.sqrt(max(0.0, step * step - 1)) for step in _steps(matrix, width, height)]
    if max(sigma) > 0.2:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), max(0.05, sigma[0]), sigmaY=max(0.05, sigma[1])), np.uint8)
    options: dict[str, Any] = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_CONSTANT}
    affine = bool(np.allclose(matrix[2], (0, 0, 1)))
    out = cv2.warpAffine(image, matrix[:2], size_wh, **options) if affine else cv2.warpPerspective(image, matrix, size_wh, **options)
    return np.asarray(out, np.uint8)


def _steps(matrix: Matrix, width: int, height: int) -> tuple[float, float]:
    """How many source pixels, across and down, one output pixel steps over in the picture's middle.

    From the inverse of the matrix's derivative there, so that turning alone blurs nothing.
    """
    x, y, w = matrix @ np.array([width / 2, height / 2, 1])
    slope = (matrix[:2, :2] - np.outer(np.array([x, y]) / w, matrix[2, :2])) / w
    across, down = np.linalg.norm(np.linalg.inv(slope), axis=1)
    return float(across), float(down)
