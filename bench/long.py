"""How time and memory grow with length: made pairs of some minutes, each another edit of one long reel.

    python bench/long.py                            2 and 10 minutes
    python bench/long.py 2 8 30 120 --keep DIR      made in DIR/2min, DIR/8min, …, and left there
    python bench/long.py 2 8 30 120 --pairs DIR     pairs that lie in DIR/2, DIR/8, … with a truth.json, as other makers leave them

Every shot has a world of its own. The clip lacks one shot in ten, holds foreign frames now and then, starts later, is
softer, graded and harder compressed. Making the pairs takes about as long as they play at two cores.

x decode is wall time over the wall time to decode both files once, x CPU the same of processor time: on a machine that others use too,
trust that one. ms a frame is processor time over the frames of both files.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlock.bench.tools import this_clone
from genlock.bench.trial import MEASURE, Trial, trial, truth_of
from genlock.hosts.demo.cutting import Cutting, cut, insert, trim
from genlock.hosts.demo.looks import blur, gamma
from genlock.hosts.demo.scene import Scene, reel
from genlock.hosts.demo.twin import Coding, Side, Twin

FAST = "ultrafast"


def long_pair(minutes: float, seed: int = 1) -> Twin:
    """A reel of so many minutes at 24 frames a second, and another edit of it."""
    rng = np.random.default_rng(seed)
    total = round(minutes * 60 * 24)
    lengths: list[int] = []
    while total - sum(lengths) > 200:
        lengths.append(int(rng.integers(48, 192)))
    film = reel(1000 + seed, (*lengths, total - sum(lengths)), ("moving", "moving", "locked", "moving", "moving", "still"))
    return Twin(
        name=f"{minutes:g} min",
        source=film,
        foreign=reel(2000 + seed, (90, 90)),
        ref=Side(coding=Coding(crf=20, preset=FAST)),
        clip=Side(_edit(film, rng), (), (blur(0.8), gamma(1.15)), Coding(crf=28, preset=FAST)),
    )


def _edit(film: Scene, rng: np.random.Generator) -> tuple[Cutting, ...]:
    """From the end to the start, so that earlier frame numbers stay as they are."""
    steps: list[Cutting] = []
    for number in range(len(film.shots) - 1, 0, -1):
        first, end = film.ends[number - 1], film.ends[number]
        if rng.random() < 0.1:
            steps.append(cut(first, end))
        elif rng.random() < 1 / 15:
            steps.append(insert(first, int(rng.integers(24, 96))))
    return (*steps, trim(72, 10**9))


DECODE = """
import sys, av
for path in sys.argv[1:]:
    with av.open(path) as box:
        box.streams.video[0].thread_type = "AUTO"
        for _ in box.decode(video=0): pass
"""
HEAD = f"{'minutes':>8s} {'frames':>8s} {'exact':>7s} {'wall s':>8s} {'x decode':>8s} {'x CPU':>6s} {'ms a frame':>10s} {'peak MB':>8s}"


@dataclass(frozen=True)
class Length:
    """One row."""

    minutes: float
    frames: int
    """Of both files."""
    trial: Trial
    decode_cpu_s: float

    @property
    def frame_ms(self) -> float:
        """Processor time a frame."""
        return 1000 * self.trial.cpu_s / self.frames

    def __str__(self) -> str:
        run = self.trial
        times = f"{run.wall_s:8.1f} {run.over_decode:8.2f} {run.cpu_s / self.decode_cpu_s:6.2f}"
        return f"{self.minutes:8g} {self.frames:8d} {run.exact:7.2%} {times} {self.frame_ms:10.3f} {run.peak_mb:8.0f}" + (
            f"  exit {run.exit}: {run.said[:90]}" if run.exit else ""
        )


def measured(minutes: float, place: Path) -> Length:
    """Decode the pair in a folder, then align it."""
    truth = truth_of(place)
    with tempfile.TemporaryDirectory(prefix="genlock-bench-") as scratch:
        figures = Path(scratch) / "decode.json"
        command = [sys.executable, "-c", DECODE, str(place / truth["clip"]), str(place / truth["ref"])]
        subprocess.run([sys.executable, str(MEASURE), "--to", str(figures), *command], check=True)
        decode = json.loads(figures.read_text(encoding="utf-8"))
    run = trial(this_clone(), place, decode["wall_s"])
    return Length(minutes, truth["ref_frames"] + truth["clip_frames"], run, decode["cpu_s"])


def growth(rows: Sequence[Length]) -> str:
    """From the shortest of 8 minutes and more, which is searched as the longest one is, to the longest."""
    first = min(rows, key=lambda row: (row.minutes < 8, row.minutes))
    last = max(rows, key=lambda row: row.minutes)
    return (
        f"from {first.minutes:g} to {last.minutes:g} minutes: {last.frames / first.frames:.1f} times the frames, "
        f"{last.frame_ms / first.frame_ms - 1:+.1%} processor time a frame, {last.trial.peak_mb / first.trial.peak_mb:.2f} times the memory"
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="*", type=float, default=[2.0, 10.0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--keep", type=Path, metavar="DIR", help="make the pairs here and leave them; found ones are used again")
    where.add_argument("--pairs", type=Path, metavar="DIR", help="take the pairs that lie here, in folders called by their minutes")
    args = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory(prefix="genlock-bench-") as scratch:
        print(HEAD)
        for minutes in args.minutes:
            place = args.pairs / f"{minutes:g}" if args.pairs else (args.keep or Path(scratch)) / f"{minutes:g}min"
            if not args.pairs and not (place / "truth.json").exists():
                long_pair(minutes).write(place)
            rows.append(measured(minutes, place))
            print(rows[-1], flush=True)
    if len(rows) > 1:
        print(growth(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
