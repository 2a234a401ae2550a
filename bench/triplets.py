"""How far frames in between are off: the middle one of three is left out, made from its neighbours, and held against itself.

    python -m genlock.bench.triplets SOURCE [SOURCE ...] [--model NAME] [--apart 1] [--count 10] [--speed]
    python -m genlock.bench.triplets SOURCE [SOURCE ...] --floors

SOURCE is footage, of which even frames go in and odd ones are compared, or a folder of triplets as Middlebury's: folders each with
frame10.png, frame10i11.png and frame11.png, or im1.png, im2.png and im3.png. The error is that of RIFE's benchmark: the mean absolute
difference of 8-bit colours. Triplets across a cut are left out. --speed adds CPU seconds for one frame at 720p and 1080p, and their ratio
to OpenCV's dense inverse search (medium, both ways) alone, measured in turns. --floors holds the default against its floors instead: the error
over that of blending and of the plain warp, and CPU seconds over the search alone, since machines differ; frames a second are printed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from genlock.bench.floors import Floor
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
FLOORS_OVER_SEARCH = {"720p": 3.5, "1080p": 3.2}
"""CPU seconds over those of the search alone: what those rates are where a search takes 0.14 and 0.42 s."""
FLOOR_PHOTOGRAPHIC = 2.4
"""Error on folders of triplets, which are photographic as Middlebury's."""
FLOOR_OVER_BLENDING = 0.7
LEAST_MOTION = 0.5
"""Error of showing the nearest frame, below which nothing moves that could be told apart."""


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


def floors(sources: Sequence[Path], apart: int, count: int) -> Iterator[Floor]:
    """Of the default way."""
    told = ways("")
    for path in sources:
        triplets = list(in_folder(path)) if path.is_dir() else of_footage(path, apart, count)
        yield Floor(f"{path.stem}: triplets", len(triplets), 1, at_least=True)
        means = {
            name: statistics.fmean([_error(told[name], triplet) for triplet in triplets] or [float("nan")])
            for name in ("nearest", "blend", "inverse search, warped", "ours, medium")
        }
        print("      " + "; ".join(f"{name} {error:.2f}" for name, error in means.items()))
        if path.is_dir():
            yield Floor(f"{path.stem}: error", means["ours, medium"], FLOOR_PHOTOGRAPHIC)
        if means["nearest"] >= LEAST_MOTION:
            yield Floor(f"{path.stem}: error over blending", means["ours, medium"] / means["blend"], FLOOR_OVER_BLENDING)
            yield Floor(f"{path.stem}: error over the plain warp", means["ours, medium"] / means["inverse search, warped"], 1.01)


def speed_floors() -> Iterator[Floor]:
    """CPU seconds of the default way over those of the search alone."""
    for size, timed in _timed({"search": _both_searched, "ours, medium": ways("")["ours, medium"]}):
        print(f"      {size}: {2 / timed['ours, medium']:.1f} frames a second of two cores, to reach {FLOORS_FPS[size]}")
        yield Floor(f"{size}: CPU seconds over the search alone", timed["ours, medium"] / timed["search"], FLOORS_OVER_SEARCH[size])


def _both_searched(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return _search(a, b) + _search(b, a)


def _timed(tried: dict[str, Middle]) -> Iterator[tuple[str, dict[str, float]]]:
    """For each size, the median CPU seconds of each way, taken in turns; the first turn is left out."""
    for size, wh in SIZES.items():
        scene = reel(3, (40,), size_wh=wh)
        a, b = (scene.frame(n)[..., ::-1].astype(np.float32) / 255 for n in (3, 4))
        took: dict[str, list[float]] = {name: [] for name in tried}
        for _ in range(4):
            for name, middle in tried.items():
                start = time.process_time()
                middle(a, b)
                took[name].append(time.process_time() - start)
        yield size, {name: max(1e-9, statistics.median(seconds[1:])) for name, seconds in took.items()}


def _error(middle: Middle, triplet: Triplet) -> float:
    a, truth, b = triplet
    return interpolation_error(middle(a.astype(np.float32) / 255, b.astype(np.float32) / 255), truth)


def speed(model: str) -> bool:
    """CPU seconds for a frame, and whether the default keeps to its floors with two cores of its own."""
    holds = True
    print("\n| size | way | CPU s a frame | over the search alone | frames/s of two cores |\n|---|---|---|---|---|")
    tried: dict[str, Middle] = {"search": _both_searched, **ways(model)}
    del tried["nearest"], tried["blend"]
    for size, timed in _timed(tried):
        for name, cpu in timed.items():
            print(f"| {size} | {name} | {cpu:.3f} | {cpu / timed['search']:.2f} | {2 / cpu:.1f} |")
        holds &= 2 / timed["ours, medium"] >= FLOORS_FPS[size]
    return holds


def main(arguments: Sequence[str]) -> int:
    """Exit 1 where the default falls below its floors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--model", default="", help="also a model of genlock models, or a file of weights")
    parser.add_argument("--apart", type=int, default=1, help="frames from the middle one to its neighbours")
    parser.add_argument("--count", type=int, default=10, help="triplets from each file")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--floors", action="store_true", help="hold the default against its floors, and print no table")
    args = parser.parse_args(arguments)
    if args.floors:
        fell = 0
        for floor in chain(floors(args.sources, args.apart, args.count), speed_floors()):
            print(floor, flush=True)
            fell += not floor.holds
        return 1 if fell else 0
    if args.sources:
        table(args.sources, args.model, args.apart, args.count)
    return 0 if not args.speed or speed(args.model) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
