"""What measuring the pictures found: figures of a frame, of a run, and of all frames looked at."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, median
from typing import Any

from ..alignment import Verdict
from .displacement import LEAST_PATCHES, Displacement
from .psnr_ssim import psnr_db

PEAK = 255.0
"""Pictures are compared in levels of 8 bits, whatever their depth."""
_BIN_PX = 0.002
"""Lengths of shifts are pooled in bins of this width, so that memory does not grow with the frames looked at."""


@dataclass(frozen=True)
class Pool:
    """Lengths of many patches' shifts, from which percentiles can be told to 0.001 px."""

    bins: Counter[int] = field(default_factory=Counter)

    @staticmethod
    def of(found: Displacement) -> Pool:
        """The patches of one picture."""
        return Pool(Counter(round(float(length) / _BIN_PX) for length in found.lengths_px))

    @staticmethod
    def together(pools: Iterable[Pool]) -> Pool:
        """All of several."""
        total: Counter[int] = Counter()
        for pool in pools:
            total.update(pool.bins)
        return Pool(total)

    @property
    def patches(self) -> int:
        """How many patches."""
        return sum(self.bins.values())

    def length_px(self, share: float) -> float | None:
        """This share of the patches lies no farther off; None where there are too few to tell."""
        count, below = self.patches, 0
        if count < LEAST_PATCHES:
            return None
        for bin, times in sorted(self.bins.items()):
            below += times
            if below >= share * count:
                return round(bin * _BIN_PX, 3)
        return None


@dataclass(frozen=True)
class Figures:
    """How alike the clip, laid on the ref in one way, is to the ref; of one frame, or of several together."""

    pixels: int
    """That were compared."""
    mean_square: float
    """Of the differences, in levels of 8 bits; of several frames, over all their pixels."""
    graded_mean_square: float
    """The same once each frame's gain and offset were fitted: a grade is not an error."""
    gain: float
    offset: float
    """Of that fit: ref is about gain * clip + offset; of several frames, the medians."""
    ssim: float | None
    """Of several frames, the mean. None where the pictures have no room for a window."""
    pool: Pool
    vmaf: float | None = None
    """0 to 100; of several frames, the mean. None where it was not measured."""

    @property
    def psnr_db(self) -> float:
        """Infinite where the pictures are equal."""
        return psnr_db(self.mean_square, PEAK)

    @property
    def graded_psnr_db(self) -> float:
        """With gain and offset fitted."""
        return psnr_db(self.graded_mean_square, PEAK)

    @property
    def median_px(self) -> float | None:
        """Half of the patches lie nearer to where they should than this."""
        return self.pool.length_px(0.5)

    @property
    def p95_px(self) -> float | None:
        """95 % of them do."""
        return self.pool.length_px(0.95)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; decibels are None where the pictures are equal, which `equal` says."""
        return {
            "pixels": self.pixels,
            "equal": self.mean_square == 0,
            "mean_square": self.mean_square,
            "psnr_db": _finite(self.psnr_db),
            "graded_psnr_db": _finite(self.graded_psnr_db),
            "gain": round(self.gain, 5),
            "offset": round(self.offset, 4),
            "ssim": self.ssim,
            "residual_px": self.median_px,
            "residual_p95_px": self.p95_px,
            "patches": self.pool.patches,
            "vmaf": self.vmaf,
        }


@dataclass(frozen=True)
class FrameQuality:
    """One ref frame."""

    ref_frame: int
    clip_frame: int
    matrix: Figures
    """Laid by its matrix alone."""
    flow: Figures | None = None
    """Laid by dense flow that starts from the matrix; None where that was not asked for."""


@dataclass(frozen=True)
class RunQuality:
    """The frames of one run."""

    number: int
    """Counted from 1."""
    ref_first: int
    ref_count: int
    verdict: Verdict
    frames: tuple[FrameQuality, ...]

    @property
    def matrix(self) -> Figures | None:
        """All of its frames together; None where none was measured."""
        return pooled([frame.matrix for frame in self.frames])

    @property
    def flow(self) -> Figures | None:
        """The same by flow; None where there is none."""
        return pooled([frame.flow for frame in self.frames if frame.flow is not None])


@dataclass(frozen=True)
class PictureQuality:
    """The whole pass."""

    runs: tuple[RunQuality, ...]
    plane: str
    """What was compared, in a clause."""
    sampling: str
    """Which frames, in a clause."""
    vmaf: str = ""
    """What measured VMAF, or why it was not measured, in a clause."""
    empty: int = 0
    """Matched frames that were looked at and show nothing of the clip inside the ref."""

    @property
    def frames(self) -> tuple[FrameQuality, ...]:
        """Of all runs."""
        return tuple(frame for run in self.runs for frame in run.frames)

    @property
    def matrix(self) -> Figures | None:
        """All frames together."""
        return pooled([frame.matrix for frame in self.frames])

    @property
    def flow(self) -> Figures | None:
        """The same by flow."""
        return pooled([frame.flow for frame in self.frames if frame.flow is not None])

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return {
            "plane": self.plane,
            "sampling": self.sampling,
            "vmaf": self.vmaf,
            "frames": len(self.frames),
            "empty": self.empty,
            "matrix": _json(self.matrix),
            "flow": _json(self.flow),
            "runs": [_run_json(run) for run in self.runs],
        }


def pooled(some: Sequence[Figures]) -> Figures | None:
    """Figures of several frames as one."""
    if not some:
        return None
    pixels = sum(one.pixels for one in some)
    alike = [one.ssim for one in some if one.ssim is not None]
    vmaf = [one.vmaf for one in some if one.vmaf is not None]
    return Figures(
        pixels=pixels,
        mean_square=math.fsum(one.mean_square * one.pixels for one in some) / pixels,
        graded_mean_square=math.fsum(one.graded_mean_square * one.pixels for one in some) / pixels,
        gain=median(one.gain for one in some),
        offset=median(one.offset for one in some),
        ssim=fmean(alike) if alike else None,
        pool=Pool.together(one.pool for one in some),
        vmaf=fmean(vmaf) if vmaf else None,
    )


def _run_json(run: RunQuality) -> dict[str, Any]:
    about = {key: value for key, value in asdict(run).items() if key in ("number", "ref_first", "ref_count")}
    frames = [
        {"ref_frame": one.ref_frame, "clip_frame": one.clip_frame, "matrix": _json(one.matrix), "flow": _json(one.flow)} for one in run.frames
    ]
    return {**about, "verdict": run.verdict.value, "matrix": _json(run.matrix), "flow": _json(run.flow), "frames": frames}


def _json(figures: Figures | None) -> dict[str, Any] | None:
    return None if figures is None else figures.to_json()


def _finite(decibels: float) -> float | None:
    return round(decibels, 4) if math.isfinite(decibels) else None
