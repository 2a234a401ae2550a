"""Kills a command at a moment, looks at what stands, runs it again, and says what was lost and what was left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

from genlock.tests.faults import syscalls
from genlock.tests.faults.sandbox import Room
from genlock.tests.faults.syscalls import Call, Watched

_TRIES = 3
"""To hit a command before it is over: a machine may be quicker now than it was in the run without a break."""


@dataclass(frozen=True)
class Straight:
    """A run without a break: what all others are held against."""

    seconds: float
    answers: dict[str, str]
    names: set[str]
    changes: int
    """System calls that change something in the room; 0 where they cannot be watched."""


@dataclass
class Verdict:
    """What one kill has done."""

    command: str
    where: str
    killed: bool = False
    """False where it was over before."""
    losses: list[str] = field(default_factory=list)
    """Files that are taken for answers and are not; a rerun that failed, or that ended with something else."""
    left: list[str] = field(default_factory=list)
    """What the rerun did not take away."""


def straight(room: Room, count: bool = True) -> Straight:
    """count: the system calls too, which takes another run. Raises RuntimeError where the command itself fails."""
    room.fresh()
    began = time.monotonic()
    done = room.run()
    seconds = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"{room.command.name}: {done.stderr}")
    answers, names = room.answers(), room.names()
    return Straight(seconds, answers, names, _count_changes(room) if count else 0)


def _count_changes(room: Room) -> int:
    if not syscalls.available():
        return 0
    count = 0

    def judge(call: Call) -> None:
        nonlocal count
        count += 1

    room.fresh()
    with Watched(room.argv(), syscalls.CHANGES, judge, room.env(), str(room.place), str(room.place)) as watched:
        watched.process.communicate(timeout=120)
    return count


def one_kill(room: Room, so_far: Straight, dice: random.Random, at_call: bool) -> Verdict:
    """Kill it once, at a moment or just before a system call that changes something; then run it again to its end.

    Half of the time the outputs stand there from before. What a command has started is killed with it, but for one time in four.
    """
    older = [name for name in so_far.answers if "/" not in name[4:]] if dice.random() < 0.5 else []
    room.fresh(older)
    alone = dice.random() < 0.25
    verdict = Verdict(room.command.name, "")
    number, moment = dice.randrange(max(1, so_far.changes)), dice.uniform(0, 1.1 * so_far.seconds)
    for _ in range(_TRIES):
        if at_call and so_far.changes:
            verdict.where = f"before change {number} of {so_far.changes}"
            verdict.killed = _kill_before(room, number, alone)
        else:
            verdict.where = f"after {moment:.2f} of {so_far.seconds:.2f} s"
            verdict.killed = _kill_after(room, moment, alone)
        if verdict.killed:
            break
        room.fresh(older)  # it was over before: earlier, then
        number, moment = number // 2, moment / 2
    verdict.losses += _not_whole(room, so_far)
    whole = room.answers() == so_far.answers
    again = room.run()
    if whole and room.command.again:
        shutil.rmtree(room.place / room.command.again, ignore_errors=True)
    if again.returncode and not (whole and room.command.refuses):
        verdict.losses.append(f"run again, it ended with {again.returncode}: {again.stderr.strip()[-300:]}")
    elif room.answers() != so_far.answers:
        wrong = {name for name, digest in so_far.answers.items() if room.answers().get(name) != digest}
        verdict.losses.append(f"run again, it made something else: {sorted(wrong ^ (set(room.answers()) - set(so_far.answers)))[:4]}")
    _wait_for_orphans(room)
    verdict.left = sorted(room.names() - so_far.names)
    return verdict


def _kill_after(room: Room, seconds: float, alone: bool) -> bool:
    process = room.begin()
    time.sleep(seconds)
    killed = process.poll() is None
    process.kill()
    process.communicate()
    if not alone:
        room.end_all()
    return killed


def _kill_before(room: Room, number: int, alone: bool) -> bool:
    count = 0
    killed = False

    def judge(call: Call) -> int | None:
        nonlocal count, killed
        count += 1
        if count <= number:
            return None
        killed = True
        with suppress(ProcessLookupError):
            os.kill(watched.process.pid if alone else call.process, signal.SIGKILL)
        if not alone:
            room.end_all()
        return 5

    with Watched(room.argv(), syscalls.CHANGES, judge, room.env(), str(room.place), str(room.place)) as watched:
        watched.process.communicate(timeout=120)
        if not alone:
            room.end_all()
    return killed


def _not_whole(room: Room, so_far: Straight) -> list[str]:
    """Files that stand where an answer would, and hold neither what was there before nor the whole answer."""
    return [f"{name} is not whole" for name, digest in room.answers().items() if digest not in (room.before.get(name), so_far.answers.get(name))]


def _wait_for_orphans(room: Room) -> None:
    until = time.monotonic() + 20
    while any(room.processes()) and time.monotonic() < until:
        time.sleep(0.05)
