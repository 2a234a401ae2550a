"""SIGKILL at any moment: no half of an answer is ever taken for one, the same command run again ends the same, and nothing stays behind.

A few kills of a few commands; bench/kills.py does it to every command, a hundred times and more.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from genlock.tests.faults import syscalls
from genlock.tests.faults.killing import Straight, one_kill
from genlock.tests.faults.sandbox import Room

MakeRoom = Callable[..., tuple[Room, Straight]]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and /proc")


@pytest.mark.parametrize(("name", "kills"), [("convert", 3), ("align", 2)])
def test_killed_and_run_again(room: MakeRoom, name: str, kills: int) -> None:
    here, so_far = room(name, count=True)
    assert so_far.answers and "tmp/" not in "".join(so_far.names)
    dice = random.Random(f"kills {name}")
    for turn in range(kills):
        verdict = one_kill(here, so_far, dice, at_call=turn % 2 == 0)
        assert not verdict.losses and not verdict.left, verdict
        assert verdict.killed or turn % 2 or not syscalls.available(), verdict


def test_killed_just_before_its_record_is_written_nothing_is_added_twice(room: MakeRoom) -> None:
    """hosts install changes a person's own file and notes that it has: the two cannot be one step."""
    if not syscalls.available():
        return
    here, so_far = room("hosts install", count=True)

    class Late(random.Random):
        number = 0

        def randrange(self, *_: int) -> int:
            return self.number

        def random(self) -> float:
            return 0.9

    dice = Late()
    for dice.number in range(so_far.changes - 12, so_far.changes, 3):
        verdict = one_kill(here, so_far, dice, at_call=True)
        assert verdict.killed and not verdict.losses and not verdict.left, verdict
    assert (here.place / "home" / ".nuke" / "init.py").read_bytes().count(b"genlock_plugin") == 1
