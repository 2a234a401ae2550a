"""Whether drawings keep their own times while the camera before which they stand becomes even: --intent respect against its floors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import cv2
import numpy as np

from genlock.bench.floors import Floor
from genlock.bench.retime_scenes import GREEN, RED, SCENES, Figure, Planes, Scene, background
from genlock.bench.retime_score import centre, restless
from genlock.core.retime.between import FlowBetween
from genlock.core.retime.methods.respect import Respect
from genlock.core.retime.plan import Stretch

MOMENTS = [Fraction(k, 2) for k in range(16, 33)]
PLANES = Planes("planes", (Figure(RED, (150, 190), (4, 0.3), 2), Figure(GREEN, (480, 230), (-3, 0), 3, 1)), (-2.0, 0.0), seed=5, horizon=230)
_FAR_PX = 70
"""From a figure: nothing of it is there."""


def of_respect(names: Sequence[str]) -> Iterator[Floor]:
    """The floors of some scenes, and of one with two planes, 24 to 48 frames a second."""
    for scene in (*(SCENES[name] for name in names), PLANES):
        name = scene.name
        frames = [scene.frame(k) for k in range(scene.frames)]
        method = Respect(FlowBetween())
        out = []
        for moment in MOMENTS:
            made = method.picture(frames.__getitem__, Stretch(0, len(frames)), (), moment.__floor__(), moment % 1)
            out.append(frames[made] if isinstance(made, int) else made)
        yield Floor(f"{name}, respect: figures off their drawings, px", max(_off_px(scene, out)), 0.35)
        if any(scene.pan_xy):
            yield Floor(f"{name}, respect: judder of the camera", _camera_judder(scene, out), 0.12)
        else:
            yield Floor(f"{name}, respect: background changes, of 255", restless(out, [held(scene, m) for m in MOMENTS]), 0)


def held(scene: Scene, moment: Fraction) -> np.ndarray:
    """The scene with an even camera, each figure as its drawing has it at this time; figures on ones move evenly."""
    return scene.drawn(float(moment), _drawings(scene, moment))


def _drawings(scene: Scene, moment: Fraction) -> list[float]:
    return [float(moment) if figure.hold == 1 else figure.drawn_at(moment.__floor__()) for figure in scene.figures]


def _off_px(scene: Scene, pictures: Sequence[np.ndarray]) -> list[float]:
    """For each figure, root mean square."""
    out = []
    for n, figure in enumerate(scene.figures):
        squares = []
        for picture, moment in zip(pictures, MOMENTS, strict=True):
            near = figure.place(_drawings(scene, moment)[n], scene.camera(float(moment)))
            away = centre(picture, figure, near) - centre(held(scene, moment), figure, near)
            squares.append(float((away**2).sum()))
        out.append(float(np.sqrt(np.mean(squares))))
    return out


def _camera_judder(scene: Scene, pictures: Sequence[np.ndarray]) -> float:
    """How far the background's steps are from the even step, root mean square, over the even step."""
    at = []
    for picture, moment in zip(pictures, MOMENTS, strict=True):
        camera = scene.camera(float(moment))
        free = np.ones(picture.shape[:2], np.uint8)
        for n, figure in enumerate(scene.figures):
            x, y = figure.place(_drawings(scene, moment)[n], camera)
            cv2.circle(free, (round(x), round(y)), round(_FAR_PX * figure.size) + 10, 0, cv2.FILLED)
        if isinstance(scene, Planes):
            free[scene.horizon - 30 :] = 0
        free[:8], free[-8:], free[:, :8], free[:, -8:] = 0, 0, 0, 0
        at.append(np.array(camera) + _away_px(picture, background(scene.size_wh, camera, scene.seed, scene.lines), free > 0))
    even = np.array(scene.pan_xy) / 2
    steps = np.diff(at, axis=0) - even
    return float(np.sqrt((steps**2).sum(1).mean()) / np.linalg.norm(even))


def _away_px(picture: np.ndarray, truth: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(x, y): by how much the picture lies beside the truth there; one step of least squares, which is exact enough below a pixel."""
    grey, true = (cv2.GaussianBlur(p.mean(-1), (0, 0), 2) for p in (picture, truth))
    slopes = np.stack([cv2.Sobel(true, cv2.CV_32F, 1, 0, scale=1 / 8)[where], cv2.Sobel(true, cv2.CV_32F, 0, 1, scale=1 / 8)[where]], 1)
    return np.asarray(np.linalg.lstsq(slopes, (true - grey)[where], rcond=None)[0])
