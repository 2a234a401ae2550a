"""Measure genlock on made footage with an exact truth.

    python bench/run.py                             every pair, a table
    python bench/run.py --only crop ramp
    python bench/run.py --compare HEAD~3            this clone beside another commit
    python bench/run.py --compare 'mytool {clip} {ref} {out}'
    python bench/run.py --json rows.json --keep DIR

exact: share of ref frames that show a right clip frame, or rightly none. worst: 95th percentile of the error, in clip
frames. space px: mean distance between the true and the told place of a grid of clip points, in ref pixels. x decode:
wall time over the time to decode both files once. Two tools run in turns, pair by pair; compare the ratio, not seconds
of different days.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from genlock.bench.pairs import pairs
from genlock.bench.tools import Tool, named, this_clone
from genlock.bench.trial import Trial, decode_s, trial

HEAD = f"{'pair':16s} {'tool':10s} {'exact':>7s} {'worst':>6s} {'space px':>9s} {'wall s':>7s} {'x decode':>8s} {'peak MB':>8s}"


def line(row: Trial) -> str:
    """A row of the table."""
    space = "" if row.space_px is None else f"{row.space_px:.3f}"
    right = f"{row.pair:16s} {row.tool[:10]:10s} {row.exact:7.1%} {row.worst:6.1f} {space:>9s}"
    return f"{right} {row.wall_s:7.2f} {row.over_decode:8.1f} {row.peak_mb:8.0f}" + (f"  exit {row.exit}: {row.said[:90]}" if row.exit else "")


def summary(rows: Sequence[Trial]) -> str:
    """One line for one tool."""
    spaces = [row.space_px for row in rows if row.space_px is not None]
    space = f"{statistics.median(spaces):.3f} px" if spaces else "none told"
    return (
        f"{rows[0].tool}: mean exact {statistics.fmean(row.exact for row in rows):.1%}, all right in "
        f"{sum(row.exact == 1 for row in rows)} of {len(rows)}, median space {space}, "
        f"median x decode {statistics.median(row.over_decode for row in rows):.1f}, most memory {max(row.peak_mb for row in rows):.0f} MB"
    )


def ratio(rows: Sequence[Trial], ours: str, theirs: str) -> str:
    """How two tools of one run compare."""
    by = {(row.pair, row.tool): row for row in rows}
    both = [(by[pair, ours], by[pair, theirs]) for pair, tool in by if tool == ours and (pair, theirs) in by]
    wall = statistics.median(a.wall_s / b.wall_s for a, b in both)
    cpu = statistics.median(a.cpu_s / max(b.cpu_s, 1e-3) for a, b in both)
    worse = [a.pair for a, b in both if a.exact < b.exact]
    return f"{ours} over {theirs}: wall {wall:.2f}, CPU {cpu:.2f} (medians); fewer frames right in: {', '.join(worse) or 'none'}"


def trials(tools: Sequence[Tool], only: Sequence[str], folder: Path) -> Iterator[Trial]:
    """Every tool on every pair, in turns; what is made is left in the folder. Raises ValueError for an unknown pair."""
    known = {pair.name: pair for pair in pairs()}
    unknown = sorted(set(only) - set(known))
    if unknown:
        raise ValueError(f"no pair is called {', '.join(unknown)}; known are {', '.join(known)}")
    for turn, name in enumerate(only or known):
        place = folder / name
        if not (place / "truth.json").exists():
            known[name].write(place)
        truth = json.loads((place / "truth.json").read_text(encoding="utf-8"))
        base_s = decode_s(place / truth["clip"], place / truth["ref"])
        for tool in tools if turn % 2 == 0 else list(tools)[::-1]:
            yield trial(tool, place, base_s)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="PAIR")
    parser.add_argument("--compare", metavar="COMMIT|COMMAND", help="run this beside the clone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the pairs here and leave them; found ones are used again")
    args = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        try:
            tools = [this_clone(), *([stack.enter_context(named(args.compare))] if args.compare else [])]
            folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="genlock-bench-")))
            rows = []
            print(HEAD)
            for row in trials(tools, args.only, folder):
                rows.append(row)
                print(line(row), flush=True)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
    for tool in tools:
        print(summary([row for row in rows if row.tool == tool.name]))
    if args.compare:
        print(ratio(rows, tools[0].name, tools[1].name))
    if args.json:
        args.json.write_text(json.dumps([row.to_json() for row in rows], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
