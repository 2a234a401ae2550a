"""Made footage: shots of a painted world, with a camera that moves, sprites, light and grain.

Any frame can be asked for, in any order; nothing is kept but the world of the shots last seen, so a scene may
be hours long. Pixel centres are on integers, x right, y down; pictures are (height, width, 3) BGR, 8 bit.
"""

from __future__ import annotations

import bisect
import itertools
from collections import OrderedDict
from dataclasses import dataclass, field
from fractions import Fraction
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from .sound import Sound
from .world import Image, Sprite, paint, sprite

KINDS = ("moving", "locked", "still", "flat", "black")
"""moving: the camera travels. locked: it stands, little moves. still: nothing moves but grain. flat: one colour."""


@dataclass(frozen=True)
class Shot:
    """One shot. Equal seeds show the same world from the same camera."""

    frames: int
    seed: int
    kind: str = "moving"


@dataclass
class _Stage:
    """What a shot is drawn from."""

    world: Image
    sprites: tuple[Sprite, ...]
    path: NDArray[np.float64]
    """Camera at the shot's start and its drift a frame, (2, 4): x, y in world pixels, zoom, angle in radians."""
    sway: NDArray[np.float64]


@dataclass
class Scene:
    """Shots in a row, drawn frame by frame.

    grain  standard deviation in levels of 255, on every frame, of every shot but the black ones
    """

    shots: tuple[Shot, ...]
    size_wh: tuple[int, int] = (640, 360)
    rate: Fraction = Fraction(24)
    grain: float = 2.5
    seed: int = 1
    _stages: OrderedDict[int, _Stage] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        for shot in self.shots:
            if shot.kind not in KINDS or shot.frames < 1:
                raise ValueError(f"a shot is one of {', '.join(KINDS)} and has a frame or more; this one is {shot}")
        self.ends = list(itertools.accumulate(shot.frames for shot in self.shots))
        rng = np.random.default_rng((self.seed, 99))
        width, height = self.size_wh
        self._grain_plus = self._grain_minus = np.zeros((0, 0, 3), np.uint8)
        if self.grain > 0:
            noise = rng.standard_normal((height + 64, width + 64, 3), dtype=np.float32) * self.grain
            noise = cv2.GaussianBlur(noise, (0, 0), 0.6) * 1.6
            self._grain_plus = np.clip(noise + 0.5, 0, 255).astype(np.uint8)
            self._grain_minus = np.clip(-noise + 0.5, 0, 255).astype(np.uint8)

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return self.ends[-1]

    @property
    def sound(self) -> Sound:
        """The scene's made sound; as long as one asks for."""
        return Sound(self.seed)

    def shot_at(self, frame: int) -> tuple[int, int, int]:
        """(number of the shot, frame within it, how many it has). Raises IndexError outside the scene."""
        if not 0 <= frame < self.frames:
            raise IndexError(f"frame {frame} of a scene of {self.frames}")
        at = bisect.bisect_right(self.ends, frame)
        return at, frame - (self.ends[at - 1] if at else 0), self.shots[at].frames

    def clean(self, frame: int) -> Image:
        """The picture of a frame without grain."""
        number, at, _ = self.shot_at(frame)
        shot = self.shots[number]
        width, height = self.size_wh
        if shot.kind in ("flat", "black"):
            level = (16, 16, 16) if shot.kind == "black" else tuple(np.random.default_rng(shot.seed).integers(60, 200, 3).tolist())
            return np.full((height, width, 3), level, np.uint8)
        if shot.kind == "still":
            at = 0
        stage = self._stage(shot)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        drawn = cv2.warpAffine(stage.world, self._camera(stage, at)[:2], self.size_wh, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        image = np.asarray(drawn, np.uint8)
        for thing in stage.sprites:
            thing.draw(image, at)
        light = 1 + 0.06 * np.sin(0.02 * at + shot.seed) if shot.kind != "still" else 1.0
        return np.asarray(cv2.convertScaleAbs(image, alpha=float(light)), np.uint8)

    def frame(self, frame: int) -> Image:
        """The picture of a frame, grain and all. Asked twice, it is the same."""
        image = self.clean(frame)
        if self.grain <= 0 or self.shots[self.shot_at(frame)[0]].kind == "black":
            return image
        dx, dy = np.random.default_rng((self.seed, frame)).integers(0, 64, 2)
        height, width = image.shape[:2]
        part = np.s_[dy : dy + height, dx : dx + width]
        return np.asarray(cv2.subtract(cv2.add(image, self._grain_plus[part]), self._grain_minus[part]), np.uint8)

    def frame_to_world(self, frame: int) -> NDArray[np.float64]:
        """3x3: pixel of a frame to pixel of the painted world its shot shows. Not for flat and black shots."""
        number, at, _ = self.shot_at(frame)
        shot = self.shots[number]
        return self._camera(self._stage(shot), 0 if shot.kind == "still" else at)

    def sprites(self, frame: int) -> list[tuple[float, float]]:
        """Where the centres of the sprites lie, in frame pixels, hindmost first."""
        number, at, _ = self.shot_at(frame)
        shot = self.shots[number]
        if shot.kind in ("flat", "black"):
            return []
        return [thing.place(0 if shot.kind == "still" else at) for thing in self._stage(shot).sprites]

    def _camera(self, stage: _Stage, at: float) -> NDArray[np.float64]:
        x, y, zoom, angle = stage.path[0] + stage.path[1] * at + stage.sway * np.sin(0.11 * at)
        c, s = np.cos(angle) / zoom, np.sin(angle) / zoom
        mx, my = (self.size_wh[0] - 1) / 2, (self.size_wh[1] - 1) / 2
        return np.array([[c, -s, x - c * mx + s * my], [s, c, y - s * mx - c * my], [0, 0, 1.0]])

    def _stage(self, shot: Shot) -> _Stage:
        with self._lock:
            known = self._stages.get(shot.seed * 10 + KINDS.index(shot.kind))
            if known is None:
                known = self._build(shot)
                self._stages[shot.seed * 10 + KINDS.index(shot.kind)] = known
                while len(self._stages) > 6:
                    self._stages.popitem(last=False)
            return known

    def _build(self, shot: Shot) -> _Stage:
        """A world twice the frame's size, and a camera path that stays inside it for some hundred frames."""
        rng = np.random.default_rng((self.seed, shot.seed))
        width, height = self.size_wh
        world = paint((width * 2, height * 2), int(rng.integers(1 << 30)))
        moving = shot.kind == "moving"
        length = max(48, shot.frames)
        start = np.array([width * rng.uniform(0.7, 1.3), height * rng.uniform(0.7, 1.3), rng.uniform(1.02, 1.25), 0])
        stop = np.array([width * rng.uniform(0.7, 1.3), height * rng.uniform(0.7, 1.3), rng.uniform(1.02, 1.25), rng.uniform(-0.06, 0.06)])
        drift = (stop - start) / length if moving else np.zeros(4)
        sway = np.array([rng.uniform(2, 8), rng.uniform(1, 5), 0.004, 0.004]) if moving else np.zeros(4)
        count = {"moving": 4, "locked": 3, "still": 2}[shot.kind]
        fast = 2.0 if moving else 0.8
        things = tuple(sprite(self.size_wh, int(rng.integers(1 << 30)), fast) for _ in range(count))
        return _Stage(world, things, np.stack([start, drift]), sway)


def reel(seed: int, lengths: tuple[int, ...], kinds: tuple[str, ...] = ("moving",), **more: object) -> Scene:
    """A scene of shots of these lengths, in frames; the kinds take turns. More goes to Scene."""
    turns = itertools.cycle(kinds)
    shots = tuple(Shot(length, seed * 1000 + n, next(turns)) for n, length in enumerate(lengths))
    return Scene(shots, seed=seed, **more)  # type: ignore[arg-type]
