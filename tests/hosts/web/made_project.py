"""A small project as the pipeline leaves it: a pan with a spot to paint over, painted by a painter of this file, with real steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from genlock.core.errors import Cancelled
from genlock.core.inpaint.contract import Ask, Painted
from genlock.core.inpaint.project import Project, create_project, open_project
from genlock.core.inpaint.project.atomic import write_json
from genlock.core.inpaint.project.pictures import save_picture
from genlock.core.inpaint.steps import Given, extract, keyframes, mask, paint, run_project

COUNT, SIZE_HW = 18, (134, 226)
KEYFRAMES = (0, 6, 12)
TINTS = {1: (200, 60, 60), 2: (60, 180, 80), 3: (70, 90, 220), 4: (210, 180, 60), 5: (180, 80, 200)}
"""RGB that each seed is painted in."""


def picture(n: int) -> np.ndarray:
    """Frame n of the shot: soft bars that move to the left, a disc in the middle."""
    y, x = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    wave = 110 + 60 * np.sin((x + 2 * n) / 11.0) + 40 * np.sin(y / 17.0)
    rgb = np.stack([wave, wave * 0.9 + 8, wave * 0.8 + 16], -1)
    rgb[disc()] = (235, 235, 230)
    return rgb.clip(0, 255).astype(np.uint8)


def disc() -> np.ndarray:
    """(H, W) bool: where the shot is to be changed."""
    y, x = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    return (x - 120) ** 2 + (y - 66) ** 2 < 24**2


class Painter:
    """Paints the mask in one colour a seed; asked to stop, it does."""

    name = "command"

    def __init__(self, most: int = 10_000) -> None:
        self.left = most

    def identity(self) -> Mapping[str, Any]:
        return {"model": "one colour a seed"}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        if not self.left:
            raise Cancelled("enough is painted for this test")
        self.left -= 1
        tint = np.array(TINTS.get(ask.seed, (128, 128, 128)), np.float32)
        shade = np.linspace(0.7, 1.15, ask.picture.shape[0], dtype=np.float32)[:, None, None]
        painted = (tint * shade * np.ones((*ask.picture.shape[:2], 1), np.float32)).clip(0, 255).astype(np.uint8)
        return Painted(painted)

    def close(self) -> None:
        pass


def write_film(path: Path, frames: list[np.ndarray]) -> None:
    """A lossless RGB film of 23.976 frames a second."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=Fraction(24000, 1001))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="bgr0")))
        out.mux(stream.encode())


def made_project(folder: Path, most_painted: int = 10_000, checked: bool = True, composited: bool = True) -> Project:
    """The project folder/shot.genlock: extracted, masked, painted as far as asked, composited and checked by hand."""
    write_film(folder / "plate.mkv", [picture(n) for n in range(COUNT)])
    cv2.imwrite(str(folder / "matte.png"), disc().astype(np.uint8) * 255)
    root = folder / "shot.genlock"
    create_project(root, str(folder / "plate.mkv"), str(folder / "matte.png"), backend="command", manual=KEYFRAMES, size=128, padding=12)
    paint_on(root, most_painted)
    project = open_project(root)
    if composited:
        composite(project)
    if checked:
        body = {"keyframe": 6, "excess_warp": 4.2, "colour_z": 0.4, "flagged": True, "why": "the group moves against the picture"}
        write_json(project.path("checks", "groups.json"), {"groups": [body]})
    return project


def paint_on(root: Path, most: int = 10_000) -> None:
    """Run the project's steps up to paint; stop after some pictures."""
    project = open_project(root)
    try:
        run_project(project, (extract.STEP, mask.STEP, keyframes.STEP, paint.STEP), Given(paint=lambda: Painter(most)))
    except Cancelled:
        pass


def composite(project: Project) -> None:
    """comp/: the disc in the colour of the first seed."""
    for n in project.span:
        frame = project.frames()[n].copy()
        frame[disc()] = TINTS[1]
        save_picture(project.path("comp", f"{n:06d}.png"), frame)
