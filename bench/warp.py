"""How exact and how fast pictures are resampled, beside OpenCV, in one run.

    python bench/warp.py                        the tables
    python bench/warp.py --size 3840x2160       speed of another size
    python bench/warp.py --no-speed

Accuracy is against formulas: waves of one frequency, asked for at exact points, so the truth is never resampled. Speed is
the best of some runs, in turns, and a ratio to cv2.remap with Lanczos, in CPU seconds of all threads together: on a shared
machine seconds of the clock say little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from genlock.core.space.geometry import resize_matrix
from genlock.core.space.maps import map_of_matrix
from genlock.core.space.warp import KERNELS, warp, warp_by_matrix

Image = np.ndarray
Resampler = Callable[[Image, np.ndarray, tuple[int, int]], Image]
WH = (193, 147)
FREQUENCIES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
"""Cycles a pixel; 0.5 is the finest that pixels can hold."""
THEIRS = {"cv2 lanczos4": cv2.INTER_LANCZOS4, "cv2 cubic": cv2.INTER_CUBIC, "cv2 linear": cv2.INTER_LINEAR}
_DEEP_PX = 12
_RUNS = 3


def turn(degrees: float, wh: tuple[int, int], zoom: float = 1.0) -> np.ndarray:
    """clip_to_ref of a turn and a zoom about the middle of a picture."""
    x, y = (wh[0] - 1) / 2, (wh[1] - 1) / 2
    c, s = np.cos(np.radians(degrees)) * zoom, np.sin(np.radians(degrees)) * zoom
    return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y], [0, 0, 1.0]])


def lens(wh: tuple[int, int]) -> np.ndarray:
    """clip_to_ref of a tilted plane."""
    return np.array([[1.02, 0.03, 2.3], [-0.02, 1.01, 1.7], [0.08 / wh[0], -0.06 / wh[1], 1.0]])


MOTIONS = {"shift": np.array([[1, 0, 0.37], [0, 1, -0.29], [0, 0, 1.0]]), "turn by 7°": turn(7, WH), "zoom 1.4": turn(0, WH, 1.4), "tilt": lens(WH)}


def wave(frequency: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Amplitude 1, slanting both ways."""
    u, v = frequency * np.cos(0.3), frequency * np.sin(0.3)
    return np.asarray((np.sin(2 * np.pi * (u * x + v * y) + 1) + np.sin(2 * np.pi * (v * x - u * y) + 2)) / 2)


def error(resample: Resampler, clip_to_ref: np.ndarray, frequency: float) -> float:
    """Root mean square error, as a share of the amplitude, away from the border."""
    x, y = np.meshgrid(np.arange(WH[0], dtype=float), np.arange(WH[1], dtype=float))
    p = np.linalg.inv(clip_to_ref) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    u, v = (p[k] / p[2] for k in (0, 1))
    deep = (u > _DEEP_PX) & (v > _DEEP_PX) & (u < WH[0] - _DEEP_PX) & (v < WH[1] - _DEEP_PX)
    drawn = resample(wave(frequency, x, y).astype(np.float32), clip_to_ref, WH)
    return float(np.sqrt(((drawn.ravel() - wave(frequency, u, v))[deep] ** 2).mean()))


def resamplers() -> dict[str, Resampler]:
    """Ours and OpenCV's, by name."""

    def ours(kernel: str) -> Resampler:
        return lambda picture, matrix, wh: warp_by_matrix(picture, matrix, wh, kernel)[0]

    def theirs(flag: int) -> Resampler:
        return lambda picture, matrix, wh: np.asarray(cv2.remap(picture, map_of_matrix(matrix, wh), None, flag))  # type: ignore[call-overload]

    return {**{name: ours(name) for name in KERNELS}, **{name: theirs(flag) for name, flag in THEIRS.items()}}


def accuracy() -> None:
    """One table a motion, and what is left of what a smaller picture cannot show."""
    known = resamplers()
    for motion, matrix in MOTIONS.items():
        print(f"\nerror of a wave, as a share of its amplitude: {motion}")
        print(f"{'cycles a pixel':14}" + "".join(f"{f:>9.2f}" for f in FREQUENCIES))
        for name, resample in known.items():
            print(f"{name:14}" + "".join(f"{error(resample, matrix, f):>9.4f}" for f in FREQUENCIES))
    print("\nsingle-pixel checks at 0.4 of their size: deviation from plain grey (0.5 is all of it aliased)")
    y, x = np.mgrid[: WH[1], : WH[0]]
    checks = ((x + y) % 2).astype(np.float32)
    for name, resample in known.items():
        small = resample(checks, turn(5, WH, 0.4), WH)[60:86, 70:122]
        print(f"{name:14}{np.abs(small - 0.5).max():>9.4f}")
    print("\nplaces within a pixel that give values of their own, of 2000")
    picture = np.random.default_rng(0).random((50, 140), np.float32)
    places = np.stack([np.linspace(100, 101, 2001)[:-1], np.full(2000, 20.25)], -1).astype(np.float32)[None]
    for name in KERNELS:
        print(f"{name:14}{len(np.unique(warp(picture, places, name)[0])):>9}")
    for name, flag in THEIRS.items():
        print(f"{name:14}{len(np.unique(cv2.remap(picture, places, None, flag))):>9}")  # type: ignore[call-overload]


def speed(wh: tuple[int, int]) -> None:
    """Seconds a picture by the clock and of the CPU, and the latter's ratio to cv2.remap with Lanczos in the same run."""
    rng = np.random.default_rng(1)
    rgb = rng.random((wh[1], wh[0], 3), np.float32)
    grey = (rgb[..., 0] * 255).astype(np.uint8)
    turned, field = turn(2, wh), map_of_matrix(turn(2, wh), wh)
    shifted = np.array([[1, 0, 0.37], [0, 1, -0.29], [0, 0, 1.0]])
    half_wh = (wh[0] // 2, wh[1] // 2)
    half = resize_matrix(wh, half_wh)
    work: dict[str, Callable[[], object]] = {
        "cv2.remap lanczos4": lambda: cv2.remap(rgb, field, None, cv2.INTER_LANCZOS4),  # type: ignore[call-overload]
        "cv2.remap cubic": lambda: cv2.remap(rgb, field, None, cv2.INTER_CUBIC),  # type: ignore[call-overload]
        **{f"turn, {k}": lambda k=k: warp_by_matrix(rgb, turned, wh, k) for k in KERNELS},  # type: ignore[misc]
        "turn, lanczos, clamp": lambda: warp_by_matrix(rgb, turned, wh, clamp=True),
        "turn, lanczos, 8-bit plane": lambda: warp_by_matrix(grey, turned, wh),
        "map, lanczos": lambda: warp(rgb, field),
        "tilt, lanczos": lambda: warp_by_matrix(rgb, lens(wh), wh),
        "shift, lanczos": lambda: warp_by_matrix(rgb, shifted, wh),
        "half the size, lanczos": lambda: warp_by_matrix(rgb, half, half_wh),
        "half and turn, lanczos": lambda: warp_by_matrix(rgb, turn(2, wh, 0.5), wh),
        "whole pixels": lambda: warp_by_matrix(rgb, np.round(shifted), wh),
    }
    best = dict.fromkeys(work, (float("inf"), float("inf")))
    for _ in range(_RUNS):
        for name, do in work.items():
            began, used = time.perf_counter(), time.process_time()
            do()
            clock, cpu = best[name]
            best[name] = min(clock, time.perf_counter() - began), min(cpu, time.process_time() - used)
    print(f"\n{wh[0]} x {wh[1]}, three channels of float, but where it says otherwise")
    print(f"{'':28}{'s':>8}{'CPU s':>8}{'x cv2':>8}")
    for name, (clock, cpu) in best.items():
        print(f"{name:28}{clock:>8.3f}{cpu:>8.3f}{cpu / best['cv2.remap lanczos4'][1]:>8.2f}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1920x1080", metavar="WxH")
    parser.add_argument("--no-speed", action="store_true")
    args = parser.parse_args(arguments)
    width, _, height = args.size.partition("x")
    accuracy()
    if not args.no_speed:
        speed((int(width), int(height)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
