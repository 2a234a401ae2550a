"""Real clusters on this machine: nodes that are started, joined, and killed by the numbers of their processes, never by name."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from genlock.tests.faults.syscalls import Judge, Watched

TOKEN = "c0ffee" * 8
_START_S = 120


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Of a node or of a command: nothing of this machine's Ray, the token, and a cache in the folder; with RAY_AUTH_TOKEN="" none."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "GENLOCK_"))}
    env |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "HOME": str(folder), "GENLOCK_CACHE": str(folder / "cache")}
    # Everything on 127.0.0.1: what a test opens, nobody else shall reach.
    env |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_register_timeout_seconds": "240"}
    return {**env, **more}


@contextmanager
def short_folder() -> Iterator[Path]:
    """For a cluster: the names of its sockets have to be short, and pytest's folders are not."""
    with tempfile.TemporaryDirectory(prefix="glr-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


class Node:
    """One node, begun at once."""

    def __init__(self, folder: Path, cpus: int = 1, head: str = "", judge: Judge | None = None, **env: str) -> None:
        """
        folder  of the cluster
        head    of the cluster that it joins; "" for a head
        judge   what becomes of its calls of fsync, which is where a full disk is told that many machines share. (Its writes are too many to be
                asked for: Ray's processes wake one another by them.)
        """
        words = [sys.executable, str(Path(__file__).with_name("a_node.py")), str(folder), str(cpus), head]
        self._watched = Watched(words, ("fsync",), judge, environment(folder, **env), str(folder)) if judge else None
        if self._watched is not None:
            self.process = self._watched.process
        else:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(words, env=environment(folder, **env), cwd=folder, **pipes)
        self.address = ""

    def wait(self) -> Node:
        """Until it runs."""
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], _START_S)[0], "the node does not start"
        line = self.process.stdout.readline()
        assert line.startswith(b"{"), f"no node: {line!r}"
        self.address = json.loads(line)["address"]
        return self

    def kill(self) -> None:
        """Hard, as a power cut: the raylet, its workers and everything else that it has started."""
        for number in (self.process.pid, *below(self.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._over()

    def end(self) -> None:
        """As a node is taken down; nothing where it was killed."""
        if self.process.poll() is not None:
            return
        rest = below(self.process.pid)
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        for number in (self.process.pid, *rest):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._over()

    def _over(self) -> None:
        """May be called twice."""
        watched, self._watched = self._watched, None
        if watched is not None:
            watched.__exit__()
        elif self.process.stdout is not None:
            self.process.communicate()

    def hands(self) -> list[int]:
        """Processes in which actors of ours live."""
        return [number for number in below(self.process.pid) if b"ray::Hand" in command(number)]


def standing(begin: Callable[[], Node]) -> Node:
    """A node that runs. Ray gives up one that takes half a minute to start, as it may where other tests run beside; then it is begun anew."""
    for _ in range(2):
        node = begin()
        with suppress(AssertionError):
            return node.wait()
        node.kill()
    return begin().wait()


def command(number: int) -> bytes:
    """Of a process; empty once it is gone."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def holds(number: int, folder: Path) -> bool:
    """Whether a process has a file open below a folder."""
    with suppress(OSError):
        for name in os.listdir(f"/proc/{number}/fd"):
            with suppress(OSError):
                if os.readlink(f"/proc/{number}/fd/{name}").startswith(f"{folder}/"):
                    return True
    return False


def below(number: int) -> list[int]:
    """All processes that this one has started, and they in turn, and so on."""
    parents: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError):
            parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(name))
    found, waiting = [], [number]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found


def until(true: Callable[[], object], seconds: float = 120.0) -> bool:
    """Wait until something holds; whether it does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.005)
    return False
