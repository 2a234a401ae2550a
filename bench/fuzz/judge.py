"""What a case has come to: refused or accepted, or one of the ends that genlock promises never to have."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

GOOD = ("refused", "accepted")
BAD = ("tracebacks", "hangs", "memory", "escapes", "crashes")
MOST_GROWN_KB = 1_600_000
"""Resident memory over the parent's."""


@dataclass(frozen=True)
class End:
    """How the process ended."""

    status: int
    """The exit status; of a signal, its number below zero."""
    late: bool
    grown_kb: int
    wall_s: float
    tries: int
    """To reach the network."""
    outputs: frozenset[str] = frozenset()
    """What stood in out/ before."""


def outputs(root: Path) -> frozenset[str]:
    """What stands in out/, but for reports, which a refusal may write."""
    return frozenset(str(path) for path in (root / "out").rglob("*") if path.suffix != ".html")


def snapshot(root: Path, made: tuple[str, ...]) -> dict[str, tuple[object, ...]]:
    """Everything in the case's folder but what may change: kind, size and time of each."""
    found: dict[str, tuple[object, ...]] = {}
    free = {str(root / name) for name in (*made, "stdout.txt", "stderr.txt", "stacks.txt", "reached.txt")}
    waiting = [str(root)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.path in free:
                    continue
                told = entry.stat(follow_symlinks=False)
                folder = entry.is_dir(follow_symlinks=False)
                found[entry.path] = (told.st_mode, *(() if folder else (told.st_size, told.st_mtime_ns)))
                if folder:
                    waiting.append(entry.path)
    return found


def verdict(end: End, root: Path, before: dict[str, tuple[object, ...]], made: tuple[str, ...]) -> tuple[str, str]:
    """(one of GOOD and BAD, why)."""
    said = (root / "stderr.txt").read_bytes()
    shown = said[:400].decode("utf-8", "replace")
    reached = (root / "reached.txt").read_text().splitlines() if (root / "reached.txt").exists() else []
    changed = _changed(before, snapshot(root, made)) if not end.late else ""
    if end.late or end.status == -signal.SIGXCPU:
        return "hangs", _stack(root)
    if end.status < 0:
        return "crashes", f"{signal.Signals(-end.status).name}: {_stack(root)}"
    if reached or changed or end.tries:
        network = f"{end.tries} tries to reach a network" if end.tries else ""
        return "escapes", "; ".join(filter(None, (*reached[:3], changed, network)))
    if end.grown_kb > MOST_GROWN_KB or b"not enough memory" in said or b"Cannot allocate memory" in said:
        return "memory", f"{end.grown_kb >> 10} MB more; {shown}"
    if end.status not in (0, 1, 2, 3):
        return "crashes", f"exit status {end.status}: {shown}"
    wrong = _wrong_words(end.status, said)
    if wrong:
        return "tracebacks", f"{wrong}: {shown}"
    left = sorted(outputs(root) - end.outputs) if end.status else []
    if left:
        return "escapes", f"refused, and left {left[:3]}"
    return ("refused" if end.status else "accepted"), shown.strip()


def _wrong_words(status: int, said: bytes) -> str:
    """What is wrong with stderr: a failure is told in one clean line, a success by --quiet in none."""
    try:
        text = said.decode("utf-8")
    except UnicodeDecodeError:
        return "what is said is not UTF-8"
    if "Traceback" in text or "genlock has a fault" in text:
        return "a fault"
    if not status:
        return "said something" if text else ""
    if not text.startswith("genlock: ") or not text.endswith("\n") or text.count("\n") != 1:
        return f"{text.count(chr(10))} lines"
    return "" if text[:-1].isprintable() or any("\udc80" <= c <= "\udcff" for c in text) else "characters that steer a terminal"


def _changed(before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]) -> str:
    differ = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return f"changed {', '.join(differ[:3])}" if differ else ""


def _stack(root: Path) -> str:
    """Where it was: the innermost lines of genlock's own code."""
    try:
        rows = (root / "stacks.txt").read_text().splitlines()
    except OSError:
        return ""
    return " < ".join(row.strip() for row in rows if "/fuzz/" not in row and ", line " in row)[:600]
