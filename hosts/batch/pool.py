"""The pairs of a batch side by side, each in a process of its own, led by the crew that leads the shares of a job (worker/pool/crew.py)."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...core.errors import GenlockError
from ...core.processes import ticks
from ...core.progress import Progress
from ..launch import TIED
from ..worker.pool.crew import Rules, run_tasks
from ..worker.pool.ending import end, how
from ..worker.pool.program import command
from ..worker.pool.task import Ended, Task
from .shelf import Shelf

PATIENCE_S = 120.0
"""A job that says nothing for so long, and uses no processor, hangs: it is stopped, or waits for a disk that never answers."""
_RETRIES = 1


@dataclass
class _Running:
    """A job under way."""

    task: Task
    shelf: Shelf
    process: subprocess.Popen[bytes]
    worked: int | None = 0
    """Processor time that it had used when it was looked at last."""


class _Pairs:
    """Keeps the promise of crew.Workers: a process a pair."""

    def __init__(self, most: int) -> None:
        self.width = most
        self.shelves: dict[str, Shelf] = {}
        """By the folder of the job."""
        self._running: list[_Running] = []

    def room(self) -> int:
        return self.width - len(self._running)

    def start(self, task: Task) -> None:
        self._running.append(_started(task, self.shelves[task.job]))

    def poll(self) -> list[Ended]:
        ended = [job for job in self._running if job.process.poll() is not None]
        self._running = [job for job in self._running if job not in ended]
        return [_end_of(job.task, job.process.returncode) for job in ended]

    def stirred(self, task: Task) -> bool:
        """Where the system does not tell, nobody hangs."""
        for job in self._running:
            if job.task == task:
                before, job.worked = job.worked, ticks(job.process.pid)
                return job.worked is None or job.worked != before
        return False

    def kill(self, task: Task, why: str) -> None:
        """Hard, since it hears nothing."""
        for job in self._running:
            if job.task == task:
                with suppress(OSError), open(job.shelf.job.log_path, "a", encoding="utf-8") as log:
                    log.write(f"genlock: it {why}, and was ended\n")
                with suppress(OSError):
                    job.process.kill()
                job.process.wait()

    def stop(self) -> None:
        end([job.process for job in self._running])
        self._running = []


def run_all(shelves: Iterable[Shelf], most: int, progress: Progress, ended: Callable[[Shelf], None], total: int) -> None:
    """Run the job of each, `most` at a time; `ended` is called as each one ends. One that is killed or hangs is run once more.

    Raises Cancelled, once all have been ended.
    """
    pairs = _Pairs(most)

    def tasks() -> Iterator[Task]:
        for shelf in shelves:
            pairs.shelves[shelf.job.folder] = shelf
            yield Task(shelf.job.folder, name=shelf.pair.name)

    run_tasks(
        tasks(), pairs, progress, lambda end: ended(pairs.shelves[end.task.job]), total, lambda count: f"{count} of {total} pairs done",
        Rules(_RETRIES, PATIENCE_S),
    )


def _started(task: Task, shelf: Shelf) -> _Running:
    """Begin one job. Unlike a host's, it stays in the terminal's group, and ends with the batch, however that ends.

    It holds its pair's lock too, so a batch that is run again at once does not begin the pair before it is gone.
    """
    words = [*command(), "run", shelf.job.folder, "--quiet"]
    try:
        with open(shelf.job.log_path, "ab") as log:
            temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), tempfile.gettempdir())  # the batch's own, which goes with it
            own: dict[str, Any] = {"env": {**os.environ, **temporary, TIED: str(os.getpid())}}
            if os.name != "nt" and shelf.lock is not None:
                own["pass_fds"] = (shelf.lock.fileno(),)
            return _Running(task, shelf, subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **own))
    except OSError as error:
        raise GenlockError(f"a process for {shelf.pair.name} cannot be started: {error.strerror or error}", "try fewer with --jobs") from error


def _end_of(task: Task, status: int) -> Ended:
    """A job that was killed could not answer; any other has, in its folder."""
    return Ended(task, lost=how(status)) if status < 0 else Ended(task, exit_status=status)
