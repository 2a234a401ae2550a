"""Kills every command that writes, again and again, and counts what was lost: python bench/kills.py [--kills N] [COMMAND ...]

Each command runs once without a break; then it is killed (SIGKILL) at random moments, and just before random system calls that change
something on the disk: rename, link, unlink, mkdir, fsync, write. After each kill every output has to be absent, as it was before, or
whole; the same command then has to end well, with the same bytes, and nothing may lie there that an unbroken run does not leave.
Ends with status 1 where anything was lost or left.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from genlock.tests.faults import commands, syscalls
from genlock.tests.faults.killing import Verdict, one_kill, straight
from genlock.tests.faults.sandbox import Command, Room

DEAR = ("demo", "models add", "publish")
"""Commands that take long; they get a third of the kills that others get."""


def _campaign(command: Command, kills: int, seed: int, stock: Path, place: Path) -> tuple[float, list[Verdict]]:
    room = Room(command, stock, place)
    so_far = straight(room)
    dice = random.Random(f"{seed} {command.name}")
    verdicts = [one_kill(room, so_far, dice, at_call=turn % 2 == 1) for turn in range(kills)]
    shutil.rmtree(place, ignore_errors=True)
    return so_far.seconds, verdicts


def _asked(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", metavar="COMMAND", help=f"of {', '.join(command.name for command in commands.ALL)}")
    parser.add_argument("--kills", type=int, default=100, help="at least so many in all (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (default 1)")
    parser.add_argument("--jobs", type=int, default=2, help="commands side by side (default 2)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the table; returns the exit status."""
    args = _asked(argv)
    chosen = [command for command in commands.ALL if not args.only or command.name in args.only]
    cheap = sum(command.name not in DEAR for command in chosen)
    each = max(3, -(-args.kills * 6 // (5 * max(1, cheap + (len(chosen) - cheap) // 3))))  # a sixth of the moments come after the end
    began = time.monotonic()
    if not syscalls.available():
        print("this system does not let system calls be watched: kills come at random moments alone")
    with tempfile.TemporaryDirectory(prefix="genlock-kills-") as folder, ThreadPoolExecutor(args.jobs) as pool:
        stock = commands.stock(_made(folder, "stock"))
        commands.weights(stock)

        def run(command: Command) -> list[Verdict]:
            kills = max(3, each // 3) if command.name in DEAR else each
            one, verdicts = _campaign(command, kills, args.seed, stock, Path(folder, command.name.replace(" ", "-").replace(",", "")))
            print(f"{command.name:18}{one:8.2f}{_counts(verdicts)}{''.join(map(_bad, verdicts))}", flush=True)
            return verdicts

        print(f"{'command':18}{'seconds':>8}{'kills':>7}{'in time':>9}{'losses':>8}{'left':>6}")
        rows = [row for verdicts in pool.map(run, chosen) for row in verdicts]
    return _judged(rows, time.monotonic() - began, args)


def _made(folder: str, name: str) -> Path:
    path = Path(folder, name)
    path.mkdir()
    return path


def _judged(rows: Sequence[Verdict], seconds: float, args: argparse.Namespace) -> int:
    print(f"{'all':18}{seconds:8.0f}{_counts(rows)}   seed {args.seed}, {os.cpu_count()} cores")
    few = sum(row.killed for row in rows) < args.kills and not args.only
    if few:
        print(f"fewer than {args.kills} kills came before the command was over")
    return 1 if few or any(row.losses or row.left for row in rows) else 0


def _bad(row: Verdict) -> str:
    if not row.losses and not row.left:
        return ""
    return f"\n  killed {row.where}: {'; '.join(row.losses) or 'nothing lost'}; left: {', '.join(row.left[:4]) or 'nothing'}"


def _counts(rows: Sequence[Verdict]) -> str:
    killed, losses, left = (sum(bool(value) for value in values) for values in zip(*((r.killed, r.losses, r.left) for r in rows), strict=True))
    return f"{len(rows):7}{killed:9}{losses:8}{left:6}"


if __name__ == "__main__":
    sys.exit(main())
