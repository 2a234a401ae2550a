"""VMAF of sampled frames, as they stand in the film.

VMAF weighs a frame by how much the ref moves there, against the frames just before and after. So a sampled frame is shown between its
ref's two neighbours; those stand for nothing else, and are not counted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import TracebackType

import numpy as np

from .rectangle import Box, cut
from .vmaf import LEAST_PX, Vmaf, find_ffmpeg

Reader = Callable[[int], np.ndarray]
_NAMES_WHY = "not measured, since no FFmpeg with libvmaf was found; pip install genlock[vmaf] brings one"


class RunVmaf:
    """The frames of one run, shown in rising order. Without an FFmpeg, or where too little is covered, it measures nothing."""

    def __init__(self, ffmpeg: str | None, ref: Reader, box: Box, deep: bool, frames: int) -> None:
        self._ffmpeg = ffmpeg if min(box[2:]) >= LEAST_PX else None
        self._ref, self._box, self._deep, self._frames = ref, box, deep, frames
        self._vmaf: Vmaf | None = None
        self._shown: list[int] = []

    def __enter__(self) -> RunVmaf:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._vmaf is not None:
            self._vmaf.close()

    def show(self, number: int, picture: np.ndarray, ref: np.ndarray) -> None:
        """A sampled frame; number is the ref frame's."""
        if self._ffmpeg is None:
            return
        if self._vmaf is None:
            self._vmaf = Vmaf(self._ffmpeg, self._box[2:], self._deep)
        last = self._shown[-1] if self._shown else None
        if last is None or number != last + 1:
            if last is not None:
                self._neighbour(last + 1)
            if last is None or number - 1 != last + 1:
                self._neighbour(number - 1)
        self._vmaf.show(cut(picture, self._box), cut(ref, self._box))
        self._shown.append(number)

    def scores(self) -> dict[int, float]:
        """VMAF by ref frame, 0 to 100. Ends the run."""
        if self._vmaf is None:
            return {}
        self._neighbour(self._shown[-1] + 1)
        return dict(zip(self._shown, (round(score, 3) for score in self._vmaf.scores()), strict=True))

    def _neighbour(self, number: int) -> None:
        if self._vmaf is not None and 0 <= number < self._frames:
            ref = cut(self._ref(number), self._box)
            self._vmaf.show(ref, ref, counts=False)


class VmafMaker:
    """Begins the VMAF of runs.

    ffmpeg  one that has libvmaf, or None
    told    what a person should know of it, in a clause
    """

    def __init__(self, ffmpeg: str | None, told: str) -> None:
        self.ffmpeg = ffmpeg
        self.told = told

    @staticmethod
    def found() -> VmafMaker:
        """By the FFmpeg that is found, if any."""
        ffmpeg = find_ffmpeg()
        return VmafMaker(ffmpeg, f"vmaf_v0.6.1 by {os.path.basename(ffmpeg)}" if ffmpeg else _NAMES_WHY)

    def begin(self, ref: Reader, box: Box, deep: bool, frames: int) -> RunVmaf:
        """One run, in the part of the ref that the clip covers throughout; ref reads a ref frame's luma, frames is how many there are."""
        return RunVmaf(self.ffmpeg, ref, box, deep, frames)

    def wanted(self, sampled: Sequence[int], frames: int) -> list[int]:
        """The ref frames that will be read for some sampled ones, ascending; frames is how many there are."""
        reach = (-1, 0, 1) if self.ffmpeg else (0,)
        return sorted({frame + k for frame in sampled for k in reach if 0 <= frame + k < frames})


NO_VMAF = VmafMaker(None, "")
