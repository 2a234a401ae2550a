"""A disk that refuses to read in the middle of a file: said as that, never taken for damage or for the end, and nothing of it is kept."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import av
import pytest

from genlock.core.errors import MediaError
from genlock.core.media.cache import digest
from genlock.core.media.container import Container, Damage
from genlock.core.media.guard import explain, unreadable
from genlock.tests.faults import syscalls
from genlock.tests.faults.killing import Straight
from genlock.tests.faults.matrix import ends_the_same, nothing_lost, run_failing, told_in_one_line
from genlock.tests.faults.sandbox import Room


class Refusing:
    """FFmpeg's side of a file, whose disk refuses after some packets; all else is the real one."""

    def __init__(self, real: object, after: int, error: Exception) -> None:
        self._real, self._left, self._error = real, after, error

    def demux(self, stream: object):
        for packet in self._real.demux(stream):
            if not self._left:
                raise self._error
            self._left -= 1
            yield packet

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
def test_a_read_that_is_refused_ends_the_reading(stock: Path, number: int) -> None:
    path = str(stock / "clip.mp4")
    with Container(path, path) as container:
        container.av = Refusing(container.av, 9, OSError(number, os.strerror(number), path))
        damage = Damage()
        with pytest.raises(MediaError, match=r"clip\.mp4 cannot be read: .*; check the disk or the network share"):
            list(container.frames(damage))
        assert damage.lost == 0, "what lies there is not damaged: it is not known"


def test_damage_is_still_passed_by(stock: Path) -> None:
    path = str(stock / "clip.mp4")
    with Container(path, path) as container:
        container.av = Refusing(container.av, 9, av.InvalidDataError(1094995529, "Invalid data", path))
        damage = Damage()
        frames = list(container.frames(damage))
        assert damage.lost and len(frames) >= 5


def test_which_failures_are_the_disks(tmp_path: Path) -> None:
    assert unreadable("a", OSError(errno.EIO, "")) and not unreadable("a", OSError(errno.EINVAL, "")) and not unreadable("a", ValueError())
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    assert "its index (moov)" in str(explain(str(tmp_path / "a.mp4"), SimpleNamespace(errno=0)))  # type: ignore[arg-type]


def test_a_digest_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        digest("/proc/self/mem")  # the one regular file whose beginning no disk will read
    assert caught.value.filename == "/proc/self/mem" or os.name == "nt"


@pytest.mark.parametrize(("name", "source", "after"), [("align", "clip.mp4", 9), ("convert", "aligned.json", 0)])
def test_a_command_says_so_and_keeps_nothing_wrong(
    room: Callable[..., tuple[Room, Straight]], stock: Path, name: str, source: str, after: int
) -> None:
    """FFmpeg's own reads fail, as Python's do: the system refuses both."""
    if not syscalls.available():
        return  # the tests above go through the same handling
    here, so_far = room(name)
    here.fresh()
    done = run_failing(here, syscalls.READS, errno.EIO, str(stock / source), after)
    assert not told_in_one_line(done) and not nothing_lost(here, so_far), done.stderr
    assert f"{source} cannot be read: Input/output error; " in done.stderr or f"{source}: Input/output error; " in done.stderr
    assert not ends_the_same(here, so_far)
