"""Jobs side by side, each in a process of its own; they end with the one that started them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...core.errors import GenlockError
from ...core.progress import Progress
from .. import jobs
from ..launch import TIED
from .shelf import Shelf

_TURN_S = 0.05
_HEARING_S = 0.15
"""How long a process may take to end by itself, each time it is asked; twice that is less than the terminal waits for the batch."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Running:
    """A job under way."""

    shelf: Shelf
    process: subprocess.Popen[bytes]
    tail: jobs.Tail
    share: float = 0.0
    """0 to 1: how far it is."""

    def look(self) -> bool:
        """Hear how far it is; whether it has ended."""
        ended = self.process.poll() is not None
        for message in self.tail.read():
            if isinstance(message, jobs.Progress):
                self.share = message.done
        return ended


def run_all(shelves: Iterable[Shelf], most: int, progress: Progress, ended: Callable[[Shelf], None], total: int) -> None:
    """Run the job of each, `most` at a time; `ended` is called as each one ends. Raises Cancelled, once all have been ended."""
    waiting = iter(shelves)
    done, running = 0, list[_Running]()
    try:
        while True:
            for shelf in islice(waiting, most - len(running)):
                running.append(_started(shelf))
            if not running:
                return
            for job in list(running):
                if job.look():
                    running.remove(job)
                    done += 1
                    ended(job.shelf)
            progress.at((done + sum(job.share for job in running)) / max(1, total), f"{done} of {total} pairs done")
            time.sleep(_TURN_S)
    finally:
        _end([job.process for job in running])


def _started(shelf: Shelf) -> _Running:
    """Begin one job. Unlike a host's, it stays in the terminal's group, and ends with the batch, however that ends.

    It holds its pair's lock too, so a batch that is run again at once does not begin the pair before it is gone.
    """
    words = [sys.executable, "-m", str(__package__).split(".")[0], "run", shelf.job.folder, "--quiet"]
    tail = jobs.Tail(shelf.job.events_path, from_end=True)
    try:
        with open(shelf.job.log_path, "ab") as log:
            own: dict[str, Any] = {"env": {**os.environ, TIED: str(os.getpid())}}
            if os.name != "nt" and shelf.lock is not None:
                own["pass_fds"] = (shelf.lock.fileno(),)
            return _Running(shelf, subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **own), tail)
    except OSError as error:
        raise GenlockError(f"a process for {shelf.pair.name} cannot be started: {error.strerror or error}", "try fewer with --jobs") from error


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask, ask again (which ends a job at once, with its outputs whole or not there), and only then kill."""
    for way in ("terminate", "terminate", "kill"):
        alive = [process for process in processes if process.poll() is None]
        for process in alive:
            with suppress(OSError):
                getattr(process, way)()
        until = time.monotonic() + _HEARING_S
        for process in alive:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.01, until - time.monotonic()) if way != "kill" else 5)
