"""Runs one of genlock's jobs for a plug-in and waits for its end. Standard library only, Python 3.9 syntax.

A plug-in may run inside a host, whose Python has no FFmpeg and should have none: the job is a process of genlock's own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import jobs, launch
from .problems import Problem

_TURN_S = 0.05


def silent(done: float, what: str) -> None:
    """Progress for nobody."""


def carry_out(
    kind: str, inputs: Mapping[str, str], outputs: Sequence[str], settings: Mapping[str, Any], which: str, command: Sequence[str] | None = None,
    progress: Callable[[float, str], None] = silent,
) -> dict[str, Any]:
    """What result.json of the finished job holds.

    which    whom a failure is about, as a person would say it
    command  how genlock is called; launch.find_genlock() where it is None
    progress hears how far it is; its turn(), where it has one, is called all the time, and may raise to end the job
    Raises Problem where the job fails, and where genlock is missing.
    """
    folder = tempfile.mkdtemp(prefix="genlock-publish-")
    running: launch.Running | None = None
    turn = getattr(progress, "turn", lambda: None)
    try:
        job = jobs.Job.create(os.path.join(folder, "job"), jobs.Request(kind, dict(inputs), tuple(outputs), dict(settings)))
        running = launch.start(job, command, tied=True, temporary=folder)
        while not running.over:
            _hear(running.poll(), which, progress, job.log_path)
            turn()
            time.sleep(_TURN_S)
        return job.result() or {}
    except jobs.JobError as error:
        raise Problem(which, str(error), "publish again", "job") from error
    finally:
        if running is not None and not running.over:
            running.stop(grace_s=0.4)
        shutil.rmtree(folder, ignore_errors=True)


def _hear(messages: Sequence[jobs.Message], which: str, progress: Callable[[float, str], None], log: str) -> None:
    for message in messages:
        if isinstance(message, jobs.Progress):
            progress(message.done, message.what)
        elif isinstance(message, jobs.Failed):
            what, _, next_step = message.message.partition("; ")
            if next_step.endswith(log):  # which is gone together with the job's folder
                last = _last_line(log)
                next_step = f"it last said {last!r}; publish again" if last else "publish again"
            raise Problem(which, what, next_step or "publish again", message.code)


def _last_line(log: str) -> str:
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = file.read().strip().splitlines()
    return lines[-1] if lines else ""
