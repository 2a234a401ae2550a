"""How much two processes of the local pool gain over one, each with one thread, on a render; the bits have to be the same.

    python pool.py [--frames 1440] [--size 640x360] [--rounds 3] [--codec ffv1] [--keep FOLDER]

The footage is made here. Every process is told GENLOCK_THREADS=1. FFV1 is coded by one thread then; x264 always has eight of its own, with
which one process keeps half of a second core busy. One process and two take turns, so that other work on the machine meets both; the
figure is the best ratio of the medians over the rounds so far. Wall time is only as good as the machine is quiet, so each part is told in
CPU seconds too, by which the pool's two halves and its joining are run one after the other: one process / (the slower half + the joining).

The last line is JSON; exit 1 where the ratio is below the floor of 1.7, or the bits differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.hosts.demo.writing import Coding, write_file
from genlock.hosts.jobs import Job, Progress, Request, Tail
from genlock.hosts.worker.pool.together import MADE
from genlock.otio_adapters.formats import to_json_bytes

FLOOR = 1.7
RATE = Fraction(24)
MATRIX = (1.01, 0.02, 3.3, -0.02, 1.01, -2.2, 0.0, 0.0, 1.0)
START = "from genlock.hosts.cli import program; program()"


def made(folder: Path, frames: int, size_wh: tuple[int, int]) -> Path:
    """A clip and a ref that show the same texture going by, and their alignment."""
    wide, high = size_wh
    dots = np.random.default_rng(1).integers(0, 255, (high // 8 + 40, wide // 8 + 40, 3), np.uint8)
    texture = np.asarray(cv2.resize(dots, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC), np.uint8)
    paths = [folder / "clip.mp4", folder / "ref.mp4"]
    pictures = (texture[2 * n % 150 :, 3 * n % 200 :][:high, :wide] for n in range(frames))
    write_file(paths[0], pictures, RATE, Coding(crf=18), None)
    shutil.copy(paths[0], paths[1])
    media = [Media(str(path), frames, RATE, wide, high) for path in paths]
    run = Run(0, frames, Verdict.EXACT, (Piece(0, frames, Fraction(0), Fraction(1)),), (Key(0, MATRIX),), score=1.0, confidence=1.0, model="affine")
    aligned = folder / "aligned.json"
    aligned.write_bytes(to_json_bytes(Alignment(media[0], media[1], (run,))))
    return aligned


def ran(job: Job, threads: int, *words: str) -> dict[str, float]:
    """Run a job folder: wall and CPU seconds, and when its parts ended."""
    tail = Tail(job.events_path, from_end=True)
    at: dict[str, float] = {}
    began = time.perf_counter()
    env = {**os.environ, "GENLOCK_THREADS": str(threads)}
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", START, "run", job.folder, "--quiet", *words], env)
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        for message in tail.read():
            if isinstance(message, Progress):
                at.setdefault("made" if message.done >= MADE * 0.99 else "begun" if message.done > 0.01 else "", time.perf_counter() - began)
        if done:
            break
        time.sleep(0.01)
    if status:
        raise SystemExit(f"genlock run {job.folder} {' '.join(words)} ended with status {os.waitstatus_to_exitcode(status)}")
    wall = time.perf_counter() - began
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "start-up": at.get("begun", wall), "made": at.get("made", wall)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1440)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--codec", default="ffv1")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="genlock-bench-") as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        wide, high = map(int, asked.size.split("x"))
        return measured(folder, made(folder, asked.frames, (wide, high)), asked)


def measured(folder: Path, aligned: Path, asked: argparse.Namespace) -> int:
    suffix = ".mov" if asked.codec in ("prores", "dnxhr") else ".mkv"

    def job(name: str) -> Job:
        shutil.rmtree(folder / f"job-{name}", ignore_errors=True)
        request = Request("render", {"aligned": str(aligned)}, (str(folder / f"{name}{suffix}"),), {"codec": asked.codec})
        return Job.create(folder / f"job-{name}", request)

    ways = {"one": (1, "--workers", "1"), "two": (1, "--workers", "2"), "threads": (2, "--workers", "1")}
    times: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    best = 0.0
    for turn in range(asked.rounds):
        for name, (threads, *words) in ways.items():
            times[name].append(ran(job(name), threads, *words))
        medians = {name: statistics.median(one["wall"] for one in found) for name, found in times.items()}
        best = max(best, medians["one"] / medians["two"])
        told = ", ".join(f"{name} {found[-1]['wall']:.2f} s (cpu {found[-1]['cpu']:.2f})" for name, found in times.items())
        print(f"round {turn + 1}: {told}", flush=True)
    halves = job("parts")
    parts = [ran(halves, 1, "--piece", "1/2"), ran(halves, 1, "--piece", "2/2"), ran(halves, 1, "--merge")]
    one_cpu = statistics.median(one["cpu"] for one in times["one"])
    by_cpu = one_cpu / (max(parts[0]["cpu"], parts[1]["cpu"]) + parts[2]["cpu"])
    two = min(times["two"], key=lambda one: one["wall"])
    making, joining = two["made"] - two["start-up"], two["wall"] - two["made"]
    print(f"two processes, best round: start-up {two['start-up']:.2f} s, making {making:.2f} s, joining {joining:.2f} s")
    halves_cpu = f"halves {parts[0]['cpu']:.2f} s and {parts[1]['cpu']:.2f} s, joining {parts[2]['cpu']:.2f} s"
    print(f"cpu: one process {one_cpu:.2f} s; {halves_cpu}: {by_cpu:.2f} times")
    outputs = (folder / f"{name}{suffix}" for name in (*ways, "parts"))
    same = len({hashlib.sha256(path.read_bytes()).hexdigest() for path in outputs}) == 1
    medians = {name: statistics.median(one["wall"] for one in found) for name, found in times.items()}
    print(f"two threads in one process: {medians['one'] / medians['threads']:.2f} times; the same bits: {'yes' if same else 'NO'}")
    print(f"{'ok  ' if best >= FLOOR and same else 'FELL'}  two processes against one: {best:.2f} times (floor {FLOOR})")
    print(json.dumps({"ratio": best, "ratio_by_cpu": by_cpu, "ratio_of_threads": medians["one"] / medians["threads"], "same": same}))
    return 0 if best >= FLOOR and same else 1


if __name__ == "__main__":
    sys.exit(main())
