"""Shots of a made scene, joined in ways whose truth is known."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import cv2
import numpy as np

from genlock.hosts.demo.scene import Scene, Shot

WH = (160, 90)


@dataclass
class Film:
    """Frames, and what is true of each join."""

    seed: int
    frames: list[np.ndarray] = field(default_factory=list)
    truth: list[str] = field(default_factory=list)
    shot: int = 0

    def fresh(self, count: int) -> list[np.ndarray]:
        """Frames of a shot that was not seen yet."""
        self.shot += 1
        scene = Scene((Shot(count, 1000 * self.seed + self.shot, ("moving", "moving", "locked")[self.shot % 3]),), size_wh=WH, seed=self.seed)
        return [scene.frame(n)[..., ::-1] for n in range(count)]

    def add(self, frames: list[np.ndarray], kind: str, then: str = "same") -> None:
        for n, frame in enumerate(frames):
            if self.frames:
                self.truth.append(then if n else kind)
            self.frames.append(np.ascontiguousarray(frame))

    def cut(self) -> None:
        self.add(self.fresh(10), "cut")

    def half_cut(self) -> None:
        """Half of the picture is something that stands still across the cut."""
        left = self.fresh(1)[0][:, : WH[0] // 2]
        for kind in ("cut", "cut", "cut"):
            part = self.fresh(8)
            for frame in part:
                frame[:, : WH[0] // 2] = left
            self.add(part, kind)

    def dissolve(self, length: int) -> None:
        last, fresh = self.frames[-1], self.fresh(length + 10)
        mixed = [_mixed(last, fresh[k], (k + 1) / (length + 1)) for k in range(length)]
        self.add(mixed, "dissolve", "dissolve")
        self.add(fresh[length:], "dissolve")

    def fade(self, length: int, level: int) -> None:
        last, fresh = self.frames[-1], self.fresh(length + 10)
        flat = np.full_like(last, level)
        self.add([_mixed(last, flat, (k + 1) / length) for k in range(length)], "fade", "fade")
        self.add([_mixed(flat, fresh[k], (k + 1) / length) for k in range(length)], "fade", "fade")
        self.add(fresh[length:], "fade")

    def flash(self, length: int, level: int, strength: float) -> None:
        fresh = self.fresh(14 + length)
        for k in range(6, 6 + length):
            fresh[k] = _mixed(fresh[k], np.full_like(fresh[k], level), strength)
        self.add(fresh, "cut")
        first = len(self.truth) - (14 + length) + 6
        self.truth[first : first + length + 1] = ["flash"] * (length + 1)


def _mixed(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    return np.asarray(cv2.addWeighted(np.ascontiguousarray(a), 1 - share, np.ascontiguousarray(b), share, 0))


def film(seed: int, count: int) -> Film:
    """Of so many joins of every kind, in an order of chance."""
    chance, out = random.Random(seed), Film(seed)
    out.add(out.fresh(10), "same")
    for _ in range(count):
        kind = chance.choices(("cut", "half", "dissolve", "fade", "flash"), (8, 1, 4, 3, 4))[0]
        if kind == "cut":
            out.cut()
        elif kind == "half":
            out.half_cut()
        elif kind == "dissolve":
            out.dissolve(chance.choice((6, 10, 14)))
        elif kind == "fade":
            out.fade(chance.choice((5, 8, 12)), chance.choice((0, 255)))
        else:
            out.flash(chance.choice((1, 1, 2, 3)), chance.choice((255, 255, 0)), chance.choice((1.0, 0.7)))
    return out
