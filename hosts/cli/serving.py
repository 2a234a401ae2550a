"""`genlock run -`: a worker of a pool. It is told its tasks on stdin, a line of JSON each, answers each with a line on stdout, and ends with stdin.

Where the pool is gone in the middle of a task, the task is stopped as by Ctrl-C: its units are whole or not there.
"""

from __future__ import annotations

import _thread
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable

from .. import jobs
from ..worker.pool import beat
from ..worker.pool.task import Task
from ..worker.run import Outcome, run
from ..worker.shares import run_share
from .parsing import Wrong
from .scratch import scratch
from .session import run_job

_AGAIN_S = 0.3
"""After so long the stop is said a second time, which ends the process at once."""


def serve() -> int:
    """Work until stdin ends; returns the exit status."""
    path = os.environ.pop(beat.WORKER, "")
    if path:
        beat.keep(path)
    _stay_loaded()
    tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    busy, wrong = threading.Event(), threading.Event()
    threading.Thread(target=_hear, args=(tasks, busy, wrong), name="tasks", daemon=True).start()
    while (task := tasks.get()) is not None:
        busy.set()
        outcome = _one(task)
        busy.clear()
        sys.stdout.write(json.dumps({"exit_status": outcome.exit_status, "error": outcome.result["error"]}) + "\n")
        sys.stdout.flush()
    if wrong.is_set():
        raise Wrong("what stands on stdin is no task of a pool; name a job folder to run one")
    return 0


def _hear(tasks: queue.SimpleQueue[Task | None], busy: threading.Event, wrong: threading.Event) -> None:
    try:
        for line in sys.stdin.buffer:
            tasks.put(Task.from_line(line))
    except (ValueError, TypeError, AttributeError):
        wrong.set()
    tasks.put(None)
    while busy.is_set():
        _thread.interrupt_main(signal.SIGTERM)
        time.sleep(_AGAIN_S)


def _one(task: Task) -> Outcome:
    def work(wanted: Callable[[], bool], hear: Callable[[jobs.Message], None]) -> Outcome:
        if task.piece:
            return run_share(task.job, task.share, wanted, hear)
        return run(task.job, wanted, hear)

    with scratch() as folder:
        return run_job(task.record, folder, quiet=True, how=work)


def _stay_loaded() -> None:
    """A model that one share has loaded serves the next one too."""
    from ...models.resident import keep

    keep()
