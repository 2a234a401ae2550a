"""What a made shot shows: a big painted world, and sprites that move in front of it. Everything from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
SYLLABLES = ("ka", "lo", "mi", "ren", "tu", "sha", "vo", "pel", "an", "dri", "go", "ust", "be", "for")


def paint(size_wh: tuple[int, int], seed: int) -> Image:
    """A world of noise octaves, shapes and words, (height, width, 3) BGR. Equal seeds give equal worlds."""
    rng = np.random.default_rng(seed)
    width, height = size_wh
    colours = _palette(rng)
    world = _noise(rng, width, height)
    for _ in range(width * height // 9_000):
        _shape(rng, world, colours)
    for _ in range(width * height // 90_000):
        _word(rng, world, colours)
    return np.asarray(cv2.GaussianBlur(world, (0, 0), 0.7), np.uint8)


def _palette(rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Twelve colours that go together: three hues, four shades each, BGR."""
    hues = (rng.uniform(0, 180) + np.array([0, 22, 95])) % 180
    hsv = [(h, rng.uniform(60, 190), v) for h in hues for v in (45, 105, 165, 230)]
    bgr = cv2.cvtColor(np.array([hsv], np.uint8), cv2.COLOR_HSV2BGR)[0]
    return [tuple(int(c) for c in colour) for colour in bgr]


def _noise(rng: np.random.Generator, width: int, height: int) -> Image:
    """Noise of many sizes around one colour: value noise in octaves (Perlin, 1985, in its plainest form)."""
    total = np.zeros((height, width, 3), np.float32)
    for cell, strength in ((256, 40.0), (128, 30.0), (64, 22.0), (32, 17.0), (16, 13.0), (8, 9.0), (4, 6.0)):
        rows, columns = height // cell + 4, width // cell + 4
        grid = rng.standard_normal((rows, columns, 1), dtype=np.float32) + 0.35 * rng.standard_normal((rows, columns, 3), dtype=np.float32)
        total += cv2.resize(grid * strength, (columns * cell, rows * cell), interpolation=cv2.INTER_CUBIC)[:height, :width]
    base = rng.uniform(75, 150, 3).astype(np.float32)
    return np.clip(total + base, 8, 247).astype(np.uint8)


def _shape(rng: np.random.Generator, world: Image, colours: list[tuple[int, ...]]) -> None:
    """One polygon or ellipse, somewhere."""
    height, width = world.shape[:2]
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    size = float(np.exp(rng.uniform(np.log(6), np.log(80))))
    colour = colours[int(rng.integers(len(colours)))]
    if rng.random() < 0.35:
        axes = (int(size * rng.uniform(0.3, 1)), int(size * rng.uniform(0.3, 1)))
        cv2.ellipse(world, (int(x), int(y)), axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
        return
    around = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 7))))
    points = np.stack([x + size * np.cos(around), y + size * np.sin(around)], axis=1).astype(np.int32)
    cv2.fillPoly(world, [points], colour, cv2.LINE_AA)


def _word(rng: np.random.Generator, world: Image, colours: list[tuple[int, ...]]) -> None:
    """One made-up word, as on a sign."""
    height, width = world.shape[:2]
    text = "".join(rng.choice(SYLLABLES, int(rng.integers(2, 5))))
    at = (int(rng.uniform(0, width * 0.9)), int(rng.uniform(0, height)))
    scale = float(rng.uniform(0.5, 1.6))
    colour = colours[int(rng.integers(len(colours)))]
    cv2.putText(world, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, max(1, round(scale * 2)), cv2.LINE_AA)


@dataclass(frozen=True)
class Sprite:
    """A textured thing that moves on a closed curve in front of the world."""

    look: Image
    """(side, side, 3) BGR."""
    alpha: NDArray[np.float32]
    """(side, side), 0 to 1."""
    centre_xy: tuple[float, float]
    """Middle of the curve, in frame pixels."""
    reach_xy: tuple[float, float]
    turns: tuple[float, float]
    """Radians a frame, in x and in y."""
    phase: float

    def place(self, at: float) -> tuple[float, float]:
        """Where the sprite's centre lies at a moment of the shot (in frames), in frame pixels."""
        return (
            self.centre_xy[0] + self.reach_xy[0] * float(np.sin(self.turns[0] * at + self.phase)),
            self.centre_xy[1] + self.reach_xy[1] * float(np.cos(self.turns[1] * at + 2 * self.phase)),
        )

    def draw(self, image: Image, at: float) -> None:
        """Draw it into a frame, in place, exact to a fraction of a pixel."""
        side = self.look.shape[0]
        x, y = self.place(at)
        left, top = x - (side - 1) / 2, y - (side - 1) / 2
        x0, y0 = int(np.floor(left)), int(np.floor(top))
        shift = np.array([[1, 0, left - x0], [0, 1, top - y0]], np.float32)
        look = cv2.warpAffine(self.look, shift, (side + 1, side + 1), borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(self.alpha, shift, (side + 1, side + 1))
        height, width = image.shape[:2]
        a, b, c, d = max(0, x0), max(0, y0), min(width, x0 + side + 1), min(height, y0 + side + 1)
        if a >= c or b >= d:
            return
        part = np.s_[b - y0 : d - y0, a - x0 : c - x0]
        under = image[b:d, a:c]
        mixed = under + (look[part].astype(np.float32) - under) * alpha[part][..., None]
        image[b:d, a:c] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def sprite(size_wh: tuple[int, int], seed: int, fast: float = 1.0) -> Sprite:
    """A sprite for frames of this size; `fast` 1 moves by several pixels a frame at most."""
    rng = np.random.default_rng(seed)
    width, height = size_wh
    side = int(rng.uniform(0.16, 0.34) * height) // 2 * 2 + 1
    look = paint((side, side), seed + 1)
    cv2.circle(look, (side // 2, side // 2), side // 5, _palette(rng)[3], -1, cv2.LINE_AA)
    alpha = np.zeros((side, side), np.float32)
    cv2.ellipse(alpha, (side // 2, side // 2), (side // 2 - 2, int(side * rng.uniform(0.3, 0.47))), float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    return Sprite(
        look=look,
        alpha=np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.8), np.float32),
        centre_xy=(float(rng.uniform(0.2, 0.8) * width), float(rng.uniform(0.25, 0.75) * height)),
        reach_xy=(float(rng.uniform(0.15, 0.45) * width), float(rng.uniform(0.1, 0.3) * height)),
        turns=(float(rng.uniform(0.012, 0.03) * fast), float(rng.uniform(0.012, 0.03) * fast)),
        phase=float(rng.uniform(0, 2 * np.pi)),
    )
