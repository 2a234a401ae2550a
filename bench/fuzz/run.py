"""Hand genlock thousands of damaged and hostile files, and hold it to its promises. Exit 1 where one is broken.

    python bench/fuzz/run.py --cases 10000              a table: format by format, how each case ended
    python bench/fuzz/run.py --case 1234                one case alone, with all that it said; --seed as in the run that told of it
    python bench/fuzz/run.py --only exr mkv --keep bad  of these formats; what ends badly is kept in a folder

Every case is a good file, changed by chance (always the same for its number and seed), in a folder of its own, and a real command that
reads it, in a forked process: 2.5 GB of memory, 10 seconds, no network, no programs. A good end is exit status 0, or 1 to 3 with one
line on stderr. Linux alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from genlock.bench.fuzz import judge
from genlock.bench.fuzz.doors import FORMATS, Format, Place
from genlock.bench.fuzz.prefork import folders, ready, watched


@dataclass(frozen=True)
class Told:
    """How one case ended."""

    number: int
    format: str
    end: str
    why: str
    words: str
    wall_s: float
    grown_mb: int


def main() -> int:
    """The campaign, or one case; returns the exit status."""
    args = _arguments()
    formats = [each for each in FORMATS if not args.only or any(word in each.name for word in args.only)]
    with tempfile.TemporaryDirectory(prefix="genlock-fuzz-") as scratch:
        seeds = Path(scratch) / "seeds"
        _forked(lambda: _make_seeds(seeds))
        if args.case is not None:
            return _one(args, formats, seeds, Path(scratch))
        began = time.monotonic()
        told: list[Told] = []
        with suppress(KeyboardInterrupt):  # a campaign that is broken off tells what it has seen
            for each in _all(args, formats, seeds, Path(scratch)):
                told.append(each)
    told.sort(key=lambda each: each.number)
    print(_table(formats, told))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = f"{time.monotonic() - began:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor time"
    print(f"{len(told)} cases in {spent}, seed {args.seed}")
    bad = [each for each in told if each.end in judge.BAD]
    for each in bad:
        print(f"\n{each.end}: case {each.number} ({each.format}), {each.wall_s:.1f} s\n  genlock {each.words}\n  {each.why}")
    if args.json:
        Path(args.json).write_text(json.dumps([asdict(each) for each in told], indent=1))
    return 1 if bad or len(told) < args.cases else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--case", type=int)
    parser.add_argument("--keep", help="a folder for what ends badly")
    parser.add_argument("--json", help="every case, to a file")
    return parser.parse_args()


def _forked(work: Any) -> None:
    """Done in a process of its own: encoders leave threads behind, which a process that forks must not have."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            work()
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("the seeds could not be made")


def _make_seeds(folder: Path) -> None:
    os.environ["GENLOCK_CACHE"] = str(folder.parent / "cache")
    folder.mkdir()
    from genlock.bench.fuzz.seeds import make

    make(folder)


def schedule(formats: Sequence[Format]) -> list[Format]:
    """Which format each of a hundred cases or so has; mixed, so that the first few hundred hold all."""
    row = [each for each in formats for _ in range(each.share)]
    Random(0).shuffle(row)
    return row


def _all(args: argparse.Namespace, formats: Sequence[Format], seeds: Path, scratch: Path) -> Iterator[Told]:
    """Every case, by processes side by side; each tells by a pipe, a line a case."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes share the cores already
    pipes: dict[int, bytes] = {}
    for job in range(args.jobs):
        read, write = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(read)
            _work(args, formats, seeds, scratch, range(job, args.cases, args.jobs), write)
        os.close(write)
        pipes[read] = b""
    done = 0
    while pipes:
        for read in select.select(list(pipes), [], [])[0]:
            got = os.read(read, 1 << 16)
            if not got:
                del pipes[read]
                os.close(read)
                continue
            *rows, pipes[read] = (pipes[read] + got).split(b"\n")
            for row in rows:
                done, told = done + 1, Told(**json.loads(row))
                if told.end in judge.BAD:
                    print(f"{told.end}: case {told.number} ({told.format}): {told.why[:200]!r}", file=sys.stderr, flush=True)
                elif done % 200 == 0:
                    print(f"{done} of {args.cases}", file=sys.stderr, flush=True)
                yield told
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _work(args: argparse.Namespace, formats: Sequence[Format], seeds: Path, scratch: Path, numbers: range, write: int) -> None:
    """Be one of the processes: load everything once, then fork for each case."""
    try:
        ready()
        for number in numbers:
            told = _case(args, formats, seeds, scratch, number)
            os.write(write, json.dumps(asdict(told)).encode() + b"\n")
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _case(args: argparse.Namespace, formats: Sequence[Format], seeds: Path, scratch: Path, number: int) -> Told:
    row = schedule(formats)
    format = row[number % len(row)]
    rng = Random(f"{args.seed} {number} {format.name}")
    place = Place(scratch / f"case{number}", seeds)
    folders(place.root)
    name, data = format.case(rng, seeds)
    bad = place / "in" / name.removeprefix("project/").replace("/", "+")
    bad.write_bytes(data)
    words = rng.choice(format.doors)(rng, place, bad)
    if words[0] != "host":
        words.append("--quiet")
    made = (*place.made, *(each for each in ("job", "project") if words[0] in ("run", "inpaint")))
    before = judge.snapshot(place.root, made)
    end = watched(words, place.root, made)
    kind, why = judge.verdict(end, place.root, before, made)
    line = " ".join(words).replace(str(place.root), ".").replace(str(seeds), "SEEDS")
    told = Told(number, format.name, kind, why, line, end.wall_s, end.grown_kb >> 10)
    if args.keep and kind in judge.BAD:
        shutil.copytree(place.root, Path(args.keep) / f"{kind}-{number}", dirs_exist_ok=True, symlinks=True)
    if args.case is None:
        shutil.rmtree(place.root, ignore_errors=True)
    return told


def _one(args: argparse.Namespace, formats: Sequence[Format], seeds: Path, scratch: Path) -> int:
    """One case, kept and shown."""
    ready()
    told = _case(args, formats, seeds, scratch, args.case)
    kept = Path(args.keep or "fuzz-case")
    shutil.rmtree(kept, ignore_errors=True)
    root = scratch / f"case{args.case}"
    shutil.copytree(root, kept, symlinks=True)
    print(f"{told.end}: {told.format}, {told.wall_s:.1f} s, {told.grown_mb} MB more\n  genlock {told.words}\n  {told.why}\nkept in {kept}")
    return 1 if told.end in judge.BAD else 0


def _table(formats: Sequence[Format], told: Sequence[Told]) -> str:
    kinds = (*judge.GOOD, *judge.BAD)
    rows = [f"{'format':20}{'cases':>8}" + "".join(f"{kind:>12}" for kind in kinds) + f"{'slowest s':>11}{'most MB':>9}"]
    for name in (*(each.name for each in formats), "all"):
        these = [each for each in told if name in (each.format, "all")]
        count = Counter(each.end for each in these)
        slowest, most = max((each.wall_s for each in these), default=0.0), max((each.grown_mb for each in these), default=0)
        rows.append(f"{name:20}{len(these):>8}" + "".join(f"{count[kind]:>12}" for kind in kinds) + f"{slowest:>11.1f}{most:>9}")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
