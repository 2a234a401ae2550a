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
from ...core.processes import ticks
from ...core.progress import Progress
from .. import jobs
from ..launch import TIED
from .shelf import Shelf

PATIENCE_S = 120.0
"""A job that says nothing for so long, and uses no processor, hangs: it is stopped, or waits for a disk that never answers."""
_STILL_S = 2.0
"""Time between two looks that is longer is nobody's: a laptop that slept, Ctrl-Z."""
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
    again: bool = False
    """It hung before."""
    share: float = 0.0
    """0 to 1: how far it is."""
    quiet_s: float = 0.0
    """For how long it has said nothing, and used no processor."""
    _worked: int = 0

    def look(self, passed_s: float = 0.0) -> bool:
        """Hear how far it is, so many seconds after the last look; whether it has ended."""
        ended = self.process.poll() is not None
        messages, worked = self.tail.read(), ticks(self.process.pid)
        for message in messages:
            if isinstance(message, jobs.Progress):
                self.share = message.done
        self.quiet_s = 0.0 if messages or worked is None or worked != self._worked else self.quiet_s + passed_s
        self._worked = worked or 0
        return ended

    def hangs(self) -> bool:
        """Whether it has given no sign of life for too long: it is ended by this, hard, since it hears nothing."""
        if self.quiet_s <= PATIENCE_S:
            return False
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        with suppress(OSError), open(self.shelf.job.log_path, "a", encoding="utf-8") as log:
            log.write(f"genlock: no sign of life for {self.quiet_s:.0f} s; it was ended\n")
        return True


def run_all(shelves: Iterable[Shelf], most: int, progress: Progress, ended: Callable[[Shelf], None], total: int) -> None:
    """Run the job of each, `most` at a time; `ended` is called as each one ends. One that hangs is ended and run once more.

    Raises Cancelled, once all have been ended.
    """
    waiting = iter(shelves)
    done, running, looked = 0, list[_Running](), time.monotonic()
    try:
        while True:
            for shelf in islice(waiting, most - len(running)):
                running.append(_started(shelf))
            if not running:
                return
            now = time.monotonic()
            passed_s, looked = min(now - looked, _STILL_S), now
            for job in list(running):
                over = job.look(passed_s)
                if not over and not job.hangs():
                    continue
                running.remove(job)
                if not over and not job.again:
                    running.append(_started(job.shelf, again=True))
                    continue
                done += 1
                ended(job.shelf)
            progress.at((done + sum(job.share for job in running)) / max(1, total), f"{done} of {total} pairs done")
            time.sleep(_TURN_S)
    finally:
        _end([job.process for job in running])


def _started(shelf: Shelf, again: bool = False) -> _Running:
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
            return _Running(shelf, subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **own), tail, again)
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
