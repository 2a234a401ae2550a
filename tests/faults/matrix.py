"""A command whose system calls fail from some moment on, below one folder; and what a person must find then."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from genlock.tests.faults.killing import Straight
from genlock.tests.faults.sandbox import Room
from genlock.tests.faults.syscalls import Call, Watched

_PASSING = re.compile(r"genlock: (note:| *\d+%)")
"""What is said on the way: notes, and how far it is."""


def run_failing(room: Room, calls: Sequence[str], error: int, within: str, after: int = 0, times: int = -1) -> subprocess.CompletedProcess[str]:
    """Run it; of the calls about files below `within`, those that come after so many others fail.

    times  how many fail; all of them where it is negative
    """
    count = 0

    def judge(call: Call) -> int | None:
        nonlocal count
        count += 1
        return error if count > after and (times < 0 or count <= after + times) else None

    with Watched(room.argv(), calls, judge, room.env(), str(room.place), within) as watched:
        out, err = watched.process.communicate(timeout=120)
    return subprocess.CompletedProcess(room.argv(), watched.process.returncode, out.decode(), err.decode())


def told_in_one_line(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What is wrong with how a failure was told; nothing where it was told well."""
    lines = [line for line in done.stderr.splitlines() if not _PASSING.match(line)]
    wrong = []
    if done.returncode != 1:
        wrong.append(f"exit status {done.returncode}")
    if len(lines) != 1 or not lines[0].startswith("genlock: "):
        wrong.append(f"said {done.stderr[-600:]!r}")
    if "has a fault" in done.stderr:
        wrong.append(f"called a fault: {done.stderr[-300:]!r}")
    return wrong


def nothing_lost(room: Room, so_far: Straight) -> list[str]:
    """Answers that are half there, and what is left in the room where it cannot be of use."""
    return [f"{name} is not whole" for name, digest in room.answers().items() if digest not in (room.before.get(name), so_far.answers.get(name))]


def ends_the_same(room: Room, so_far: Straight) -> list[str]:
    """What is wrong once the command is run again with nothing in its way."""
    again = room.run()
    if again.returncode:
        return [f"run again: {again.returncode} {again.stderr[-300:]!r}"]
    wrong = [] if room.answers() == so_far.answers else ["run again, it made something else"]
    left = sorted(room.names() - so_far.names)
    return wrong + ([f"left: {left[:4]}"] if left else [])
