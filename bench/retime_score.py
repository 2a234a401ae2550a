"""What is measured of retimed pictures, by code that shares nothing with what made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from genlock.bench.retime_scenes import Figure, Scene


@dataclass(frozen=True)
class Score:
    """Of one scene and one method."""

    judder: tuple[float, ...]
    """For each figure: how far its steps are from the even step, root mean square, over the even step."""
    off_px: tuple[float, ...]
    """For each figure: distance from where even motion would have it, root mean square."""
    sharp: float
    """Gradients of the picture over those of the picture with even motion, which has no grain: where there is some, both are softened first."""
    figures_sharp: float
    """The same around the figures."""
    psnr_db: float
    restless: float
    """Levels of 255 by which what stands still changes, at most; 0 where nothing stands still."""
    seconds: float
    """A frame."""


def score(scene: Scene, pictures: Sequence[np.ndarray], moments: Sequence[float], seconds: float) -> Score:
    """Measure output frames, (h, w, 3) float32, against the same moments with even motion."""
    ideals = [scene.ideal(moment) for moment in moments]
    judder, off, near = [], [], []
    soft = 1.5 if scene.grain else 0.0
    for n, figure in enumerate(scene.figures):
        middles = [scene.middle(n, moment) for moment in moments]
        seen = np.array([centre(p, figure, m) for p, m in zip(pictures, middles, strict=True)])
        true = np.array([centre(p, figure, m) for p, m in zip(ideals, middles, strict=True)])
        way = true[-1] - true[0]
        way = way / np.linalg.norm(way)
        steps, even = np.diff(seen, axis=0) @ way, np.diff(true, axis=0) @ way
        judder.append(float(np.sqrt(((steps - even) ** 2).mean()) / even.mean()))
        off.append(float(np.sqrt(((seen - true) ** 2).sum(1).mean())))
        near += [_gradient(_box(p, figure, m), soft) / _gradient(_box(i, figure, m), soft) for p, i, m in zip(pictures, ideals, middles, strict=True)]
    loss = [float(((np.clip(p, 0, 1) - i) ** 2).mean()) for p, i in zip(pictures, ideals, strict=True)]
    return Score(
        tuple(judder), tuple(off),
        float(np.mean([_gradient(p, soft) / _gradient(i, soft) for p, i in zip(pictures, ideals, strict=True)])),
        float(np.mean(near)), float(np.mean([10 * np.log10(1 / max(v, 1e-12)) for v in loss])), restless(pictures, ideals), seconds,
    )  # fmt: skip


def centre(picture: np.ndarray, figure: Figure, near_xy: np.ndarray) -> np.ndarray:
    """(x, y): centre of gravity of the figure's colour around a place."""
    size, (x0, y0) = figure.size, near_xy
    left, top = max(0, int(x0 - 75 * size)), max(0, int(y0 - 85 * size))
    part = picture[top : int(y0 + 90 * size), left : int(x0 + 75 * size)]
    weight = np.clip(1 - np.abs(part - np.array(figure.colour, np.float32)).sum(-1) / 0.24, 0, 1)
    y, x = np.mgrid[: weight.shape[0], : weight.shape[1]]
    total = max(float(weight.sum()), 1e-6)
    return np.array([(weight * x).sum() / total + left, (weight * y).sum() / total + top])


def _box(picture: np.ndarray, figure: Figure, middle_xy: np.ndarray) -> np.ndarray:
    size, (x0, y0) = figure.size, middle_xy
    return picture[max(0, int(y0 - 55 * size)) : int(y0 + 60 * size), max(0, int(x0 - 30 * size)) : int(x0 + 55 * size)]


def _gradient(picture: np.ndarray, soft: float = 0.0) -> float:
    if soft:
        picture = cv2.GaussianBlur(picture, (0, 0), soft)
    return float(np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)).mean())


def restless(pictures: Sequence[np.ndarray], ideals: Sequence[np.ndarray]) -> float:
    """Within what stands still, and not right beside what moves."""
    moves = (np.ptp(np.stack(ideals), axis=0).max(-1) > 1e-6).astype(np.uint8)
    still = cv2.dilate(moves, np.ones((41, 41), np.uint8)) == 0
    if not still.any():
        return 0.0
    return float(np.ptp(np.stack([np.clip(p, 0, 1)[still] for p in pictures]), axis=0).max() * 255)
