"""Pairs for the bench of the dense flow, with the true map: a rigid crop, a bent picture, drawn lines on a poor copy."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from genlock.core.space.maps import map_of_matrix
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.world import paint
from genlock.hosts.demo.writing import Coding, write_file

LINES_WH = (640, 360)


@dataclass(frozen=True)
class Pair:
    """Frames of a clip and a ref that show the same moments, and one true map for all."""

    clips: list[np.ndarray]
    refs: list[np.ndarray]
    truth: np.ndarray
    """(H, W, 2) float32: ref pixel -> clip point."""
    start: np.ndarray
    """Likewise; where the flow starts."""

    @property
    def seen(self) -> np.ndarray:
        """(H, W) bool: ref pixels whose true point lies on the clip."""
        h, w = self.clips[0].shape[:2]
        x, y = self.truth[..., 0], self.truth[..., 1]
        return np.asarray((x >= 0) & (x <= w - 1) & (y >= 0) & (y <= h - 1))


def decoded(path: Path, numbers: set[int]) -> list[np.ndarray]:
    """Frames of a file by number, BGR bytes."""
    with av.open(str(path)) as box:
        return [np.asarray(f.to_ndarray(format="bgr24")) for n, f in enumerate(box.decode(video=0)) if n in numbers]


def through(images: Iterator[np.ndarray], crf: int, folder: Path, name: str) -> list[np.ndarray]:
    """Images as H.264 leaves them."""
    path = folder / name
    write_file(path, images, Fraction(30), Coding(crf=crf, preset="medium"))
    return decoded(path, set(range(10_000)))


def identity(wh: tuple[int, int]) -> np.ndarray:
    return map_of_matrix(np.eye(3), wh)


def rigid(frames: int = 10) -> Pair:
    """640 x 360 at (211, 97) of a 1280 x 720 view that pans over a painted world; ref at CRF 18, the crop of the decoded ref at CRF 28.

    The start is 2 px off in the corners.
    """
    world = paint((3200, 1900), 5)
    views = (np.asarray(cv2.getRectSubPix(world, (1280, 720), (1200.0 + 3.3 * n, 900.0 + 1.7 * n))) for n in range(frames))
    with tempfile.TemporaryDirectory() as scratch:
        refs = through(views, 18, Path(scratch), "ref.mp4")
        clips = through((np.ascontiguousarray(r[97:457, 211:851]) for r in refs), 28, Path(scratch), "clip.mp4")
    clip_to_ref = np.array([[1, 0, 211], [0, 1, 97], [0, 0, 1.0]])
    wrong = np.array([[1.003, 0.001, 210.2], [-0.001, 0.998, 98.1], [0, 0, 1.0]])
    return Pair(clips, refs, map_of_matrix(clip_to_ref, (1280, 720)), map_of_matrix(wrong, (1280, 720)))


def bent(folder: Path | None, numbers: tuple[int, ...]) -> Pair:
    """The bent pair of the bench of real footage, whose maker lies two folders beside; or, where there is none, one of made footage."""
    maker = Path(__file__).resolve().parents[2] / "shared" / "bench" / "make_cases.py"
    if folder is None or not folder.exists() or not maker.exists():
        return _made_bent(len(numbers))
    clips, refs = (decoded(folder / f"{name}.mp4", set(numbers)) for name in ("clip", "ref"))
    wh = (refs[0].shape[1], refs[0].shape[0])
    spec = importlib.util.spec_from_file_location("make_cases", maker)
    assert spec is not None and spec.loader is not None
    made: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    amount = next(case["clip"]["bend"] for case in json.loads((maker.parent / "cases.json").read_text()) if case["name"] == "bent")
    shown = np.stack(made.bend(wh, amount), -1).astype(np.float32)
    return _with_best_matrix(clips, refs, _turned_round(shown))


def _made_bent(count: int) -> Pair:
    scene = reel(9, (60,), size_wh=(1280, 720))
    x, y = np.moveaxis(identity((1280, 720)), -1, 0)
    shown = np.stack([x + 5 * np.sin(y / 170 + 0.4) + 2 * np.cos(x / 230), y + 4 * np.cos(x / 210 - 1) + 2 * np.sin(y / 140)], -1).astype(np.float32)
    with tempfile.TemporaryDirectory() as scratch:
        sources = [scene.frame(20 + n) for n in range(count)]
        refs = through(iter(sources), 16, Path(scratch), "ref.mp4")
        bent_ones = (remapped(s, shown, cv2.INTER_CUBIC) for s in sources)
        clips = through(bent_ones, 22, Path(scratch), "clip.mp4")
    return _with_best_matrix(clips, refs, _turned_round(shown))


def _turned_round(shown: np.ndarray) -> np.ndarray:
    """From the ref point that each clip pixel shows, near the identity, to the clip point of each ref pixel."""
    h, w = shown.shape[:2]
    here = identity((w, h))
    bend, back = shown - here, here.copy()
    for _ in range(60):
        back = here - remapped(bend, back, cv2.INTER_LINEAR)
    return np.asarray(back, np.float32)


def remapped(picture: np.ndarray, points: np.ndarray, kernel: int) -> np.ndarray:
    """A picture at points (h, w, 2); beyond its border, the border."""
    return np.asarray(cv2.remap(picture, points[..., 0], points[..., 1], kernel, borderMode=cv2.BORDER_REPLICATE))


def _with_best_matrix(clips: list[np.ndarray], refs: list[np.ndarray], truth: np.ndarray) -> Pair:
    """The start is the affine matrix nearest to the truth: no alignment by a matrix can be closer."""
    h, w = truth.shape[:2]
    here = identity((w, h))
    ones = np.concatenate([here, np.ones((h, w, 1), np.float32)], -1)
    some = np.s_[4:-4:8, 4:-4:8]
    fit = np.linalg.lstsq(ones[some].reshape(-1, 3), truth[some].reshape(-1, 2), rcond=None)[0]
    return Pair(clips, refs, truth, (ones @ fit).astype(np.float32))


def lines() -> tuple[np.ndarray, np.ndarray]:
    """Ends (N, 2, 2) of drawn lines, and their thickness is 3 px."""
    rng = np.random.default_rng(4)
    w, h = LINES_WH
    middle = rng.uniform((60, 50), (w - 60, h - 50), (26, 2))
    angle, half = rng.uniform(0, np.pi, 26), rng.uniform(18, 40, 26)
    along = np.stack([np.cos(angle), np.sin(angle)], -1) * half[:, None]
    return middle - along, middle + along


def degraded() -> Pair:
    """A drawing; the clip is its copy, blurred, grained, of another gamma, at CRF 35; the start is 3 px off."""
    ref = np.array(reel(8, (30,), size_wh=LINES_WH).clean(7))
    for a, b in zip(*lines(), strict=True):
        first, last = ([round(float(v) * 16) for v in end] for end in (a, b))
        cv2.line(ref, first, last, (245, 245, 245), 3, cv2.LINE_AA, 4)
    rng = np.random.default_rng(6)
    poor = cv2.GaussianBlur(ref, (0, 0), 1.2).astype(np.float32) / 255
    poor = np.clip(255 * poor**1.35 + rng.normal(0, 6, poor.shape), 0, 255)
    with tempfile.TemporaryDirectory() as scratch:
        clips = through(iter([poor.astype(np.uint8)] * 2), 35, Path(scratch), "clip.mp4")
    truth = identity(LINES_WH)
    return Pair(clips[:1], [ref], truth, truth + np.array([2.4, -1.8], np.float32))
