"""One actor on a cluster, as the process that leads the job sees it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from ..worker.pool.task import Ended, Task
from . import hand
from .compare import Here
from .placing import Needs

_BEAT_S = 2.0
"""How often a sign of life is asked for."""


class Actor:
    """Still coming while `node` is "", then free while it has no task, else at work."""

    def __init__(self, ray: Any, here: Here, needs: Needs) -> None:
        self._ray, self._here = ray, here
        # Two threads, so that it answers while it works. Nothing is begun again by Ray itself: the crew does that.
        options = {"num_cpus": needs.cpus, "num_gpus": needs.gpus, "max_restarts": 0, "max_task_retries": 0, "max_concurrency": 2}
        self._handle = ray.remote(hand.Hand).options(**options).remote(needs.cpus, needs.gpus > 0)
        self.ref = self._handle.facts.remote(*here.asked)
        """What it was asked last."""
        self.node = ""
        """For people."""
        self.task: Task | None = None
        self._beat: Any = None
        self._felt: Any = None
        self._beaten = time.monotonic()

    @property
    def free(self) -> bool:
        """Whether it may be given a task."""
        return bool(self.node) and self.task is None

    def give(self, task: Task) -> None:
        """Let it make this share."""
        with suppress(OSError):  # left by a run that was stopped before the share could hear
            os.unlink(task.record.cancel_path)
        self.task = task
        self.ref = self._handle.make.remote(task.job, task.share.number, task.share.of)

    def hear(self) -> Ended | None:
        """What it has answered: a share that has ended, or who it is. Call once `ref` is ready.

        Raises RayError where its node is not as here, and Ray's own errors where it is gone.
        """
        task, self.task = self.task, None
        try:
            told = self._ray.get(self.ref)
        except self._ray.exceptions.RayTaskError as error:
            if task is None:
                raise
            return Ended(task, "", 1, {"code": "fault", "what": line(error), "next_step": ""}, self.node)
        except self._ray.exceptions.RayError:
            self.task = task
            raise
        if task is None:
            self._here.check(told)
            self.node = told["node"]
            return None
        return Ended(task, "", told["exit_status"], told["error"], self.node)

    def stirred(self) -> bool:
        """Whether it has used processor time since it was asked last."""
        stirred = False
        if self._beat is not None and self._ray.wait([self._beat], timeout=0)[0]:
            with suppress(self._ray.exceptions.RayError):
                felt = self._ray.get(self._beat)
                stirred, self._felt = felt != self._felt, felt
            self._beat = None
        now = time.monotonic()
        if self._beat is None and now - self._beaten > _BEAT_S:
            self._beat, self._beaten = self._handle.beat.remote(), now
        return stirred

    def ask_to_stop(self) -> None:
        """By a file, as any job is asked."""
        if self.task is not None:
            with suppress(OSError):
                self.task.record.cancel()

    def end(self) -> None:
        """Take the process away, wherever it is."""
        with suppress(Exception):
            self._ray.kill(self._handle)


def line(error: Exception) -> str:
    """What an error of Ray says, in one line: the last one of a traceback, else the first."""
    said = [text.strip() for text in str(error).splitlines() if text.strip()]
    if not said:
        return type(error).__name__
    return said[-1 if any("Traceback" in text for text in said) or said[0].startswith("ray::") else 0][:200]
