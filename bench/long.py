"""How time and memory grow with length: made pairs of some minutes, each another edit of one long reel.

    python bench/long.py                    2 and 10 minutes
    python bench/long.py 2 10 30 --keep DIR

Every shot has a world of its own. The clip lacks one shot in ten, holds foreign frames now and then, starts later, is
softer, graded and harder compressed. Making the pairs takes about as long as they play at two cores.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genlock.bench.run import HEAD, line
from genlock.bench.tools import this_clone
from genlock.bench.trial import decode_s, trial
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


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="*", type=float, default=[2.0, 10.0])
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the pairs here and leave them; found ones are used again")
    args = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory(prefix="genlock-bench-") as scratch:
        print(HEAD)
        for minutes in args.minutes:
            place = (args.keep or Path(scratch)) / f"{minutes:g}min"
            if not (place / "truth.json").exists():
                long_pair(minutes).write(place)
            rows.append(trial(this_clone(), place, decode_s(place / "clip.mp4", place / "ref.mp4")))
            print(line(rows[-1]), flush=True)
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        grown = args.minutes[-1] / args.minutes[0]
        print(f"{grown:g} times the length: {last.wall_s / first.wall_s:.1f} times the time, {last.peak_mb / first.peak_mb:.2f} times the memory")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
