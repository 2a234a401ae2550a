"""Made scenes whose motion is known for every moment: figures that are drawn on ones, twos, threes or fours before a camera that pans.

Pictures are (h, w, 3) float32 RGB, 0 to 1; pixel centres on integers. Figures are drawn from distances to their outlines, so that any place
between pixels is as exact as any other. A figure held for n frames lags behind its even motion by (n - 1) / 2 frames; that is how it
looks to people too, so the even motion that is asked for has this lag.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

RED, GREEN, BLUE = (0.86, 0.22, 0.2), (0.25, 0.75, 0.3), (0.2, 0.35, 0.9)


@dataclass(frozen=True)
class Figure:
    """A head, a body and an arm in one colour, outlined, of a size of about 60 x 100 pixels."""

    colour: tuple[float, float, float]
    start_xy: tuple[float, float]
    step_xy: tuple[float, float]
    """Pixels a frame, on the screen or, carried, on the background."""
    hold: int = 1
    phase: int = 0
    size: float = 1.0
    carried: bool = False

    def drawn_at(self, frame: int) -> float:
        """The moment that the drawing shows which is held at a frame."""
        return float((frame + self.phase) // self.hold * self.hold - self.phase)

    @property
    def lag(self) -> float:
        return (self.hold - 1) / 2

    def place(self, moment: float, camera: tuple[float, float]) -> np.ndarray:
        """Where its middle is, (x, y); camera is how far the background has moved."""
        moved = np.array(self.start_xy) + np.array(self.step_xy) * moment
        return moved + np.array(camera) if self.carried else moved


@dataclass(frozen=True)
class Scene:
    """One shot."""

    name: str
    figures: tuple[Figure, ...]
    pan_xy: tuple[float, float] = (0.0, 0.0)
    """How far the background goes in a frame."""
    size_wh: tuple[int, int] = (640, 360)
    frames: int = 26
    grain: float = 0.0
    """Of 0 to 1, standard deviation."""
    seed: int = 0
    lines: bool = False
    """Thin lines on white in place of a painted background."""

    def frame(self, k: int) -> np.ndarray:
        """As the film has it."""
        picture = self.drawn(k, [figure.drawn_at(k) for figure in self.figures])
        if self.grain:
            picture = picture + np.random.default_rng(1000 * self.seed + k).normal(0, self.grain, picture.shape).astype(np.float32)
        return np.clip(picture, 0, 1)

    def ideal(self, moment: float) -> np.ndarray:
        """As it would be with even motion, in between too, without grain."""
        return self.drawn(moment, [moment - figure.lag for figure in self.figures])

    def middle(self, n: int, moment: float) -> np.ndarray:
        """Where figure n is, with even motion."""
        figure = self.figures[n]
        return figure.place(moment - figure.lag, self.camera(moment))

    def camera(self, moment: float) -> tuple[float, float]:
        """How far the background has moved, (x, y)."""
        return self.pan_xy[0] * moment, self.pan_xy[1] * moment

    def drawn(self, moment: float, drawings: list[float]) -> np.ndarray:
        """With the background of a moment, and each figure as its drawing of another moment has it."""
        camera = self.camera(moment)
        picture = background(self.size_wh, camera, self.seed, self.lines)
        for figure, drawing in zip(self.figures, drawings, strict=True):
            _draw(picture, figure, figure.place(drawing, camera), drawing)
        return picture


@dataclass(frozen=True)
class Planes(Scene):
    """Before the background lies the ground, which goes at another pace; figures stand before both."""

    near_xy: tuple[float, float] = (-5.0, 0.0)
    horizon: int = 0
    """Row where the ground begins, about."""

    def drawn(self, moment: float, drawings: list[float]) -> np.ndarray:
        """See Scene."""
        camera, (dx, dy) = self.camera(moment), self.near_xy
        picture, ground = background(self.size_wh, camera, self.seed, self.lines), background(self.size_wh, (dx * moment, dy * moment), self.seed + 1)
        y, x = np.mgrid[: self.size_wh[1], : self.size_wh[0]].astype(np.float32)
        covered = np.clip(y - dy * moment - self.horizon - 12 * np.sin((x - dx * moment) / 40) + 0.5, 0, 1)[..., None].astype(np.float32)
        picture = picture * (1 - covered) + ground * covered
        for figure, drawing in zip(self.figures, drawings, strict=True):
            _draw(picture, figure, figure.place(drawing, camera), drawing)
        return picture


_painted: dict[tuple[int, bool], np.ndarray] = {}
_MARGIN = 300


def background(size_wh: tuple[int, int], moved_xy: tuple[float, float], seed: int, lines: bool = False) -> np.ndarray:
    """A painted world, moved; it goes on a little beyond every edge of the picture."""
    key = (seed * 10_000 + size_wh[0], lines)
    if key not in _painted:
        _painted[key] = _paint(size_wh[0] + 2 * _MARGIN, size_wh[1] + 2 * _MARGIN, seed, lines)
    place = np.array([[1, 0, _MARGIN - moved_xy[0]], [0, 1, _MARGIN - moved_xy[1]]], np.float64)
    manner = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return np.clip(cv2.warpAffine(_painted[key], place, size_wh, flags=manner, borderMode=cv2.BORDER_REFLECT), 0, 1)


def _paint(width: int, height: int, seed: int, lines: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 0.93 if lines else 0.55, np.float32)
    if not lines:
        for cell in (96, 48, 24, 12, 6):
            noise = rng.normal(size=(height // cell + 2, width // cell + 2, 3)).astype(np.float32)
            picture += 0.006 * cell**0.55 * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(width * height // 12_000):
        points = (rng.random((int(rng.integers(3, 7)), 2)) * 70 + rng.random(2) * (width, height)).astype(np.int32)
        if not lines:
            cv2.fillPoly(picture, [points], [float(v) for v in 0.3 + 0.4 * rng.random(3)], cv2.LINE_AA)
        cv2.polylines(picture, [points], True, (0.15, 0.14, 0.15), 2 if lines else 1, cv2.LINE_AA)
    return cv2.GaussianBlur(np.clip(picture, 0, 1), (0, 0), 0.8)


def _draw(picture: np.ndarray, figure: Figure, at_xy: np.ndarray, moment: float) -> None:
    """Lay the figure over the picture, its edge one pixel soft."""
    size, (x0, y0) = figure.size, at_xy
    left, top = max(0, int(x0 - 60 * size)), max(0, int(y0 - 70 * size))
    right, bottom = int(x0 + 60 * size) + 1, int(y0 + 75 * size) + 1
    part = picture[top:bottom, left:right]
    if not part.size:
        return
    y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]].astype(np.float32)
    x, y = (x - np.float32(x0)) / size, (y - np.float32(y0)) / size
    head = np.hypot(x, y + 28) - 20
    body = np.hypot(x, (y - 22) * 0.55) - 19
    turn = 0.02 * moment
    arm = _capsule(x, y, (12.0, 10.0), (12 + 34 * np.cos(turn), 10 + 34 * np.sin(turn))) - 6
    far = np.minimum(np.minimum(head, body), arm) * size
    inner = np.array(figure.colour, np.float32) * np.ones((*far.shape, 1), np.float32)
    eyes = np.minimum(np.hypot(x - 7, y + 30), np.hypot(x + 7, y + 30)) * size - 3.2 * size
    belt = np.abs(y - 30) * size - 2.5
    for dark in (eyes, np.maximum(belt, far)):
        inner *= 1 - 0.75 * _soft(dark)[..., None]
    inner *= 1 - 0.8 * (1 - _soft(far + 2.2))[..., None]
    part += (inner - part) * _soft(far)[..., None]


def _capsule(x: np.ndarray, y: np.ndarray, a: tuple[float, float], b: tuple[float, float]) -> np.ndarray:
    """Distance to a stretch from a to b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.asarray(np.hypot(x - a[0] - t * dx, y - a[1] - t * dy), np.float32)


def _soft(far: np.ndarray) -> np.ndarray:
    """How much of a pixel lies within an outline that is so far away; a pixel and a half of softness, as lenses and codecs leave it."""
    return np.asarray(0.5 - 0.5 * np.tanh(far / 0.75), np.float32)


SCENES: dict[str, Scene] = {
    scene.name: scene
    for scene in (
        Scene("ones", (Figure(RED, (120, 150), (4, 0.6)),), (2.0, 0)),
        Scene("twos", (Figure(RED, (120, 150), (4, 0.6), 2),), (2.0, 0)),
        Scene("threes", (Figure(GREEN, (120, 170), (3.5, -0.5), 3),), (-2.0, 0)),
        Scene("fours", (Figure(BLUE, (120, 170), (3, -0.4), 4),), (-2.0, 0)),
        Scene("cast", (
            Figure(RED, (100, 95), (4, 0.3), 2, 1), Figure(GREEN, (540, 240), (-3.5, -0.4), 3, size=1.1),
            Figure(BLUE, (330, 280), (3, -1), 1, size=0.8),
        ), (-2.5, 0)),
        Scene("still", (Figure(RED, (120, 150), (4, 0.6), 2), Figure(GREEN, (540, 220), (-4, 0), 3))),
        Scene("carried", (Figure(RED, (160, 150), (4, 0.6), 2, carried=True),), (-3.0, 0)),
        Scene("fast", (Figure(RED, (80, 110), (9, 1), 2), Figure(GREEN, (560, 240), (-8, -0.4), 3, size=1.1)), (-4.0, 0)),
        Scene("lines", (Figure(RED, (120, 150), (4, 0.6), 2),), (-2.0, 0), lines=True),
        Scene("grain", (Figure(RED, (120, 110), (4, 0.6), 2), Figure(GREEN, (540, 240), (-4, 0), 3)), (-2.0, 0), grain=0.012),
    )
}  # fmt: skip
"""By name. Sixteen output frames in the middle are measured."""
