"""Two processes at one job, one cache, one output: both end well, or one says who is at it; what stands is whole, and nothing is left."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from genlock.tests.faults.killing import Straight
from genlock.tests.faults.sandbox import Room

MakeRoom = Callable[..., tuple[Room, Straight]]


@pytest.mark.parametrize("name", ["align", "run"])
def test_both_end(room: MakeRoom, name: str) -> None:
    """align: one job folder, one cache, the same three outputs. run: one job folder with pieces."""
    here, so_far = room(name)
    here.fresh()
    both = [here.begin() for _ in range(2)]
    told = [process.communicate(timeout=120)[1].decode() for process in both]
    statuses = sorted(process.returncode for process in both)
    assert statuses in ([0, 0], [0, 1]), told
    for process, said in zip(both, told, strict=True):
        assert not process.returncode or "another process" in said, said
    assert here.answers() == so_far.answers and not here.names() - so_far.names


def test_one_is_killed_the_other_is_not_harmed(room: MakeRoom) -> None:
    here, so_far = room("align")
    here.fresh()
    one, other = here.begin(), here.begin()
    time.sleep(0.6 * so_far.seconds)
    one.kill()
    one.communicate()
    said = other.communicate(timeout=120)[1].decode()
    assert other.returncode == 0, said
    assert here.answers() == so_far.answers
    assert here.run().returncode == 0 and not here.names() - so_far.names


@pytest.mark.parametrize(("name", "moments"), [("convert", (0.3, 0.6, 0.95)), ("align", (0.7,))])
def test_ctrl_c_twice_at_any_moment(room: MakeRoom, name: str, moments: tuple[float, ...]) -> None:
    """The first asks, the second ends it at once; every answer is whole or not there, and nothing has to be taken away by the next run."""
    here, so_far = room(name)
    for share in moments:
        here.fresh()
        process = here.begin()
        time.sleep(share * so_far.seconds)
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
        assert process.returncode in (0, 130, -signal.SIGINT, 1), said
        assert process.returncode != 1 or "KeyboardInterrupt" in said, "before genlock's own code runs, Python ends it"
        assert all(digest == so_far.answers[name] for name, digest in here.answers().items())
        assert not list((here.place / "tmp").iterdir()) or process.returncode in (1, -signal.SIGINT), list((here.place / "tmp").iterdir())
        assert here.run().returncode == 0 and here.answers() == so_far.answers and not here.names() - so_far.names
