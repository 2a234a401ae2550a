"""A disk that is full: one line, exit status 1, nothing half written; once there is room, the same command ends as if nothing had been."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genlock.tests.faults import syscalls
from genlock.tests.faults.killing import Straight
from genlock.tests.faults.matrix import ends_the_same, nothing_lost, run_failing, told_in_one_line
from genlock.tests.faults.sandbox import Room

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX")
MakeRoom = Callable[..., tuple[Room, Straight]]
CALLS = (*syscalls.WRITES, "mkdir", "mkdirat", "ftruncate")


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A file system in memory of so many bytes, where this process may mount one; else OSError."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        raise OSError(done.stderr.decode())
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def may_mount(tmp_path: Path) -> bool:
    (tmp_path / "try").mkdir()
    try:
        with small_disk(tmp_path / "try", "64k"):
            return True
    except OSError:
        return False


@pytest.mark.parametrize(
    ("name", "where", "after"), [("convert", "out", 1), ("align", "cache", 6), ("align", "job", 9)]
)
def test_no_space_left(room: MakeRoom, tmp_path: Path, name: str, where: str, after: int) -> None:
    """By system calls that fail as they do on a full disk; or where those cannot be watched, by a limit on the size of files."""
    here, so_far = room(name)
    here.fresh()
    if syscalls.available():
        done = run_failing(here, CALLS, errno.ENOSPC, str(here.place / where), after)
        assert "No space left on device" in done.stderr
    else:
        words = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *here.argv()]
        done = subprocess.run(words, cwd=here.place, env=here.env(), capture_output=True, text=True, timeout=120)
    assert not told_in_one_line(done) and not nothing_lost(here, so_far)
    left = {name for name in here.names() - so_far.names if not name.startswith("job/")}
    assert not left, "nothing half written stays"
    assert not ends_the_same(here, so_far)


def test_a_real_full_disk(room: MakeRoom, tmp_path: Path) -> None:
    """Three timelines onto 8 KB; then onto a disk with room."""
    if not may_mount(tmp_path):
        return  # not allowed here: the failing calls above are all there is
    here, so_far = room("convert")
    here.fresh()
    with small_disk(here.place / "out", "8k"):
        done = here.run()
        assert not told_in_one_line(done) and "out/c." in done.stderr, done.stderr
        assert os.listdir(here.place / "out") == []
    assert not ends_the_same(here, so_far)
    shutil.rmtree(here.place, ignore_errors=True)
