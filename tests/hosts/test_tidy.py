"""What holds itself is let go of while pictures go by, however seldom Python's own collector runs."""

from __future__ import annotations

import gc
import weakref

import pytest

from genlock.hosts.worker.tidy import tidy


class Loop:
    """Holds itself, as a decoded frame does whose side data was asked for."""

    def __init__(self) -> None:
        self.me = self


@pytest.mark.parametrize(("frame_bytes", "every"), [(1 << 30, 1), (24 << 20, 4), (1000, 64)])
def test_so_many_are_held_and_no_more(frame_bytes: int, every: int) -> None:
    gc.disable()
    try:
        with tidy(frame_bytes) as kept:
            alive: list[weakref.ref[Loop]] = []
            most = 0
            for _ in range(200):
                alive.append(weakref.ref(Loop()))
                kept.step()
                most = max(most, sum(each() is not None for each in alive))
        assert most == every - 1
    finally:
        gc.enable()


def test_what_was_there_before_is_there_afterwards() -> None:
    kept_alive = Loop()
    with tidy(1 << 30) as kept:
        kept.step()
    assert kept_alive.me is kept_alive and gc.get_freeze_count() == 0
