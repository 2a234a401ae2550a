"""How honest is "about N min left": what an alignment said on its way against what it took.

    python bench/estimate.py CLIP REF
    python bench/estimate.py CLIP REF --warm       both files are read already

One cold run. At each tenth of the time, the seconds left as the terminal would have said them, and as it turned out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from genlock.core import threads

threads.begin()

from genlock.core.align import align  # noqa: E402
from genlock.core.progress import Progress  # noqa: E402
from genlock.core.settings import AlignSettings  # noqa: E402

Told = list[tuple[float, float, str]]
"""(seconds since the start, how much is done, what is being done)."""


def timed(clip: str, ref: str, settings: AlignSettings) -> tuple[Told, float]:
    """What was told and when, and how long it took."""
    told: Told = []
    began = time.perf_counter()
    align(clip, ref, settings, Progress(lambda done, what: told.append((time.perf_counter() - began, done, what))))
    return told, time.perf_counter() - began


def table(told: Told, took_s: float) -> list[str]:
    """One line for each tenth of the time."""
    out = [f"{'after':>8s} {'done':>5s} {'left, said':>11s} {'left, real':>11s} {'ratio':>6s}  doing"]
    for tenth in range(1, 10):
        at_s, done, what = [one for one in told if one[0] <= tenth * took_s / 10][-1]
        said, real = at_s * (1 - done) / max(done, 1e-9), took_s - at_s
        out.append(f"{at_s:6.1f} s {done:5.0%} {said:9.1f} s {real:9.1f} s {said / real:6.2f}  {what}")
    back = sum(b[1] < a[1] for a, b in pairwise(told))
    return [*out, f"{took_s:.1f} s in all; went back {back} times"]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip")
    parser.add_argument("ref")
    parser.add_argument("--warm", action="store_true")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="genlock-bench-") as cache:
        settings = replace(AlignSettings(), cache=cache)
        if args.warm:
            timed(args.clip, args.ref, settings)
        for line in table(*timed(args.clip, args.ref, settings)):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
