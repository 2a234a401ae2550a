"""Two versions of one scene, and the exact truth about them.

A side is the scene after an edit, a reframing and a treatment. Both sides come from the same scene, so which
frame is which, and where one picture lies in the other, is known and not measured.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from .cutting import Cutting, Strip, whole
from .looks import Look
from .placing import Matrix, Moment, Placing, composed, draw
from .scene import Scene
from .sound import RATE, Sound
from .truth import truth_of
from .world import Image
from .writing import Coding, write_file


class Source(Protocol):
    """What a twin is made from; a Scene is one."""

    size_wh: tuple[int, int]
    rate: Fraction

    @property
    def frames(self) -> int: ...
    @property
    def sound(self) -> Sound: ...
    def frame(self, frame: int) -> Image: ...
    def clean(self, frame: int) -> Image: ...
    def shot_at(self, frame: int) -> tuple[int, int, int]: ...


@dataclass(frozen=True)
class Side:
    """How one of the two versions is made; steps run in order."""

    time: tuple[Cutting, ...] = ()
    space: tuple[Placing, ...] = ()
    look: tuple[Look, ...] = ()
    coding: Coding = field(default_factory=Coding)
    sound: bool = True
    suffix: str = ".mp4"


@dataclass(frozen=True)
class Twin:
    """A pair to align.

    source    what both sides show
    foreign   where the clip's inserted frames come from; without one they are noise-free grey
    stranger  the clip is made from this instead: nothing of it is in the ref
    """

    name: str
    source: Source
    clip: Side
    ref: Side = Side()
    foreign: Source | None = None
    stranger: Source | None = None

    def write(self, folder: Path) -> dict[str, Any]:
        """Write clip, ref and truth.json into a folder, made where it is missing; returns the truth."""
        folder.mkdir(parents=True, exist_ok=True)
        ref = Version(self.source, self.ref, self.foreign, seed=1)
        clip = Version(self.stranger or self.source, self.clip, self.foreign, seed=2)
        ref.write(folder / f"ref{self.ref.suffix}")
        clip.write(folder / f"clip{self.clip.suffix}")
        truth: dict[str, Any] = {
            "name": self.name,
            "clip": f"clip{self.clip.suffix}",
            "ref": f"ref{self.ref.suffix}",
            **truth_of(ref, clip, None if self.stranger else self.source),
        }
        (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
        return truth


class Version:
    """One side, ready to be drawn."""

    def __init__(self, source: Source, side: Side, foreign: Source | None = None, seed: int = 1) -> None:
        self.source, self.side, self.foreign, self.seed = source, side, foreign, seed
        strip = whole(source.frames, source.rate)
        for step in side.time:
            strip = step(strip)
        self.strip: Strip = strip
        self.size_wh = composed(side.space, source.size_wh, Moment(0, 0.0))[1]

    def matrix(self, frame: int) -> Matrix | None:
        """3x3: source pixel -> this version's pixel; None where the frame is foreign."""
        shown = self.strip.shown[frame].frame
        if shown is None:
            return None
        shot, at, length = self.source.shot_at(shown)
        return composed(self.side.space, self.source.size_wh, Moment(shot, at / length))[0]

    def frame(self, frame: int) -> Image:
        """The picture of a frame of this version."""
        shown, matrix = self.strip.shown[frame].frame, self.matrix(frame)
        if shown is None or matrix is None:
            image = self._foreign(frame)
        else:
            image = self.source.frame(shown)
            if self.side.space:
                image = draw(image, matrix, self.size_wh)
        rng = np.random.default_rng((self.seed, frame))
        for step in self.side.look:
            image = step(image, frame, rng)
        width, height = self.size_wh
        return image[:height, :width]

    def _foreign(self, frame: int) -> Image:
        width, height = self.size_wh
        if self.foreign is None:
            return np.full((height, width, 3), 90, np.uint8)
        image = self.foreign.frame(frame % self.foreign.frames)
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    def sound(self) -> Iterator[NDArray[np.float32]]:
        """The sound of each frame, in order; silence under foreign frames."""
        made, done_s, done = self.source.sound, Fraction(0), 0
        for n, shown in enumerate(self.strip.shown):
            length_s = self.strip.lengths_s[n] if self.strip.lengths_s else 1 / self.strip.rate
            done_s += length_s
            count = int(done_s * RATE) - done
            done += count
            if shown.frame is None:
                yield np.zeros(count, np.float32)
            else:
                yield made.between(shown.start_s, shown.start_s + float(length_s) * shown.speed, count)

    def write(self, path: Path) -> None:
        """Write it to a file."""
        images = ahead(self.frame, range(len(self.strip.shown)))
        sound = self.sound() if self.side.sound else None
        write_file(path, images, self.strip.rate, self.side.coding, sound, self.strip.lengths_s)


def ahead(work: object, numbers: Iterable[int], threads: int = 2, far: int = 8) -> Iterator[Image]:
    """work(number) for each number, in order, a few done ahead of time by threads."""
    pending: deque[Future[Image]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for number in numbers:
            pending.append(pool.submit(work, number))  # type: ignore[arg-type]
            if len(pending) > far:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


__all__ = ["Coding", "Scene", "Side", "Source", "Twin", "Version", "ahead"]
