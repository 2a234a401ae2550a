"""How far frames in between are off: the middle one of three is left out, made from its neighbours, and held against itself.

    python -m genlock.bench.triplets SOURCE [SOURCE ...] [--model NAME] [--apart 1] [--count 10] [--speed]

SOURCE is footage, of which even frames go in and odd ones are compared, or a folder of triplets as Middlebury's: folders each with
frame10.png, frame10i11.png and frame11.png, or im1.png, im2.png and im3.png. The error is that of RIFE's benchmark: the mean absolute
difference of 8-bit colours. Triplets across a cut are left out. --speed adds CPU seconds for one frame at 720p and 1080p, and their ratio
to OpenCV's dense inverse search (medium, both ways) alone, measured in turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from genlock.core.media.footage import open_footage
from genlock.core.retime.between import BetweenSettings, FlowBetween
from genlock.core.retime.cuts import joins
from genlock.hosts.demo.scene import reel

Middle = Callable[[np.ndarray, np.ndarray], np.ndarray]
Triplet = tuple[np.ndarray, np.ndarray, np.ndarray]
"""First, middle and last, (H, W, 3) uint8 RGB."""
NAMES = (("frame10", "frame10i11", "frame11"), ("im1", "im2", "im3"))
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
FLOORS_FPS = {"720p": 4.0, "1080p": 1.5}
"""Frames a second that the default must reach on two cores."""


def interpolation_error(made: np.ndarray, truth: np.ndarray) -> float:
    """Mean absolute difference of 8-bit colours; made (H, W, 3) float32, 1 is white."""
    return float(np.abs(np.rint(np.clip(made, 0, 1) * 255) - truth).mean())


def in_folder(folder: Path) -> Iterator[Triplet]:
    """Triplets of picture files."""
    for place in sorted(path for path in folder.rglob("*") if path.is_dir()):
        for names in NAMES:
            files = [place / f"{name}.png" for name in names]
            if all(file.exists() for file in files):
                first, middle, last = (np.asarray(cv2.imread(str(file)))[..., ::-1] for file in files)
                yield first, middle, last


def of_footage(path: Path, apart: int, count: int) -> list[Triplet]:
    """Triplets spread over a file, none across a cut; frames are `apart` from their middle one."""
    number = open_footage(path).info.frames
    starts = {round(k * (number - 2 * apart - 1) / max(1, count - 1)) // 2 * 2 for k in range(count)}
    wanted = {start + k * apart for start in starts for k in range(3)}
    kept = {frame.number: frame.rgb() for frame in open_footage(path).frames() if frame.number in wanted}
    every = [(kept[s], kept[s + apart], kept[s + 2 * apart]) for s in sorted(starts) if s + 2 * apart in kept]
    return [triplet for triplet in every if all(join.kind == "same" for join in joins(triplet))]


def ways(model: str) -> dict[str, Middle]:
    """What is compared."""
    out: dict[str, Middle] = {
        "nearest": lambda a, b: a,
        "blend": lambda a, b: (a + b) / 2,
        "inverse search, warped": _warped,
        **{f"ours, {quality}": FlowBetween(BetweenSettings(quality)).middle for quality in ("fast", "medium", "fine")},
    }
    if model:
        from genlock.models.load import interpolator

        out[model] = interpolator(model).middle
    return out


def _search(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    grey = [cv2.cvtColor((p * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY) for p in (a, b)]
    return np.asarray(cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None))  # type: ignore[call-overload]


def _warped(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Both pictures looked up half-way along OpenCV's motion, read where the pixel is now: the plain way."""
    from genlock.core.retime.between.looking import look

    return (look(a, -_search(a, b) / 2, cv2.INTER_CUBIC) + look(b, -_search(b, a) / 2, cv2.INTER_CUBIC)) / 2


def table(sources: Sequence[Path], model: str, apart: int, count: int) -> None:
    """A row a way, a column a source."""
    sets = {path.stem: list(in_folder(path)) if path.is_dir() else of_footage(path, apart, count) for path in sources}
    print("| way | " + " | ".join(f"{name} ({len(triplets)})" for name, triplets in sets.items()) + " |")
    print("|---|" + "---|" * len(sets))
    for name, middle in ways(model).items():
        errors = [statistics.fmean(_error(middle, triplet) for triplet in triplets) if triplets else float("nan") for triplets in sets.values()]
        print(f"| {name} | " + " | ".join(f"{error:.2f}" for error in errors) + " |", flush=True)


def _error(middle: Middle, triplet: Triplet) -> float:
    a, truth, b = triplet
    return interpolation_error(middle(a.astype(np.float32) / 255, b.astype(np.float32) / 255), truth)


def speed(model: str) -> bool:
    """CPU seconds for a frame, and whether the default keeps to its floors with two cores of its own."""
    holds = True
    print("\n| size | way | CPU s a frame | over the search alone | frames/s of two cores |\n|---|---|---|---|---|")
    for size, wh in SIZES.items():
        scene = reel(3, (40,), size_wh=wh)
        a, b = (scene.frame(n)[..., ::-1].astype(np.float32) / 255 for n in (3, 4))
        timed: dict[str, list[float]] = {}
        tried: dict[str, Middle] = {"search": lambda a, b: _search(a, b) + _search(b, a), **ways(model)}
        del tried["nearest"], tried["blend"]
        for _ in range(4):
            for name, middle in tried.items():
                start = time.process_time()
                middle(a, b)
                timed.setdefault(name, []).append(time.process_time() - start)
        alone = statistics.median(timed["search"][1:])
        for name, seconds in timed.items():
            cpu = statistics.median(seconds[1:])
            print(f"| {size} | {name} | {cpu:.3f} | {cpu / alone:.2f} | {2 / max(cpu, 1e-9):.1f} |")
        holds &= 2 / statistics.median(timed["ours, medium"][1:]) >= FLOORS_FPS[size]
    return holds


def main(arguments: Sequence[str]) -> int:
    """Exit 1 where the default is slower than its floors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--model", default="", help="also a model of genlock models, or a file of weights")
    parser.add_argument("--apart", type=int, default=1, help="frames from the middle one to its neighbours")
    parser.add_argument("--count", type=int, default=10, help="triplets from each file")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args(arguments)
    if args.sources:
        table(args.sources, args.model, args.apart, args.count)
    return 0 if not args.speed or speed(args.model) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
