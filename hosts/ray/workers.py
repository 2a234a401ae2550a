"""Workers of a job on a Ray cluster, one actor each, of the shape of the local pool's (worker/pool/worker.py), so that one crew leads both.

What is asked for and not placed yet is Ray's to scale for: such a worker is not ready, and is given nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from .. import jobs
from ..worker.pool.task import Task
from ..worker.shares import Share
from . import hand
from .compare import Here
from .placing import Needs

_BEAT_S = 2.0
"""How often a worker is asked for a sign of life."""
_TURN_S = 2.0
"""Longer than any turn of the crew: where more has passed between two looks, the crew itself stood still."""
_GRACE_S = 0.15
"""For a share that is asked to stop."""


class RayWorker:
    """An actor, and the share that it works at."""

    peak_bytes = 0
    """The most memory that it has taken."""
    signal = 0

    def __init__(self, ray: Any, here: Here, needs: Needs) -> None:
        """Ask Ray for one; it is ready once it has a place and has said who it is."""
        self._ray, self._here = ray, here
        options = {"num_cpus": needs.cpus, "num_gpus": needs.gpus, "max_restarts": 0, "max_task_retries": 0, "max_concurrency": 2}
        self._actor = ray.remote(hand.Hand).options(**options).remote(needs.cpus, needs.gpus > 0)
        self._coming = self._actor.facts.remote(here.nonce, dict(here.files))
        self.node = ""
        """For people; "" while it is not placed."""
        self.task: Task | None = None
        self.done = 0.0
        """0 to 1: how far the task is."""
        self.quiet_s = 0.0
        """For how long it has given no sign of life."""
        self.alive = True
        self._answer: Any = None
        self._end: jobs.Done | jobs.Failed | None = None
        self._tail: jobs.Tail
        self._said = ""
        self._beat: Any = None
        self._felt: tuple[int, int] = (0, 0)
        self._looked = self._beaten = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether it may be given a share."""
        return bool(self.node)

    def come(self) -> None:
        """See whether it has a place by now. Raises RayError where its node is not as here; it is dead where its node is gone."""
        if self.ready or not self.alive or not self._told(self._coming):
            return
        try:
            facts = self._ray.get(self._coming)
        except self._ray.exceptions.RayError as error:
            self.alive, self._said = False, _line(error)
            return
        self._here.check(facts)
        self.node = facts["node"]

    @property
    def why(self) -> str:
        """What Ray said of its end, where it died before it was ready."""
        return self._said

    def give(self, task: Task) -> None:
        """Let it make this share, once the one before has ended."""
        share = Share.parse(task.piece)
        self.task, self.done, self.quiet_s, self._end, self._said = task, 0.0, 0.0, None, ""
        self._tail = jobs.Tail(task.record.events_path, from_end=True)
        self._answer = self._actor.make.remote(task.job, share.number, share.of)

    def look(self, patience_s: float) -> jobs.Done | jobs.Failed | None:
        """How its share has ended; None while it works. What is lost with its node, or hangs, is told as a failure, crashed or hung."""
        messages = self._tail.read()
        for message in messages:
            if isinstance(message, jobs.Progress):
                self.done, self._said = max(self.done, message.done), message.what or self._said
        self._feel(bool(messages))
        if self._end is None and self._told(self._answer):
            self._end = self._heard()
        elif self._end is None and self.quiet_s > patience_s:
            self._end = jobs.Failed("hung", f"the worker on {self.node} has given no sign of life for {round(self.quiet_s)} s")
        return self._end

    def _heard(self) -> jobs.Done | jobs.Failed:
        try:
            told = self._ray.get(self._answer)
        except self._ray.exceptions.RayTaskError as error:
            return jobs.Failed("fault", f"the worker on {self.node} failed: {_line(error)}")
        except self._ray.exceptions.RayError as error:
            self.alive = False
            return jobs.Failed("crashed", f"the worker on {self.node} is gone: {_line(error)}")
        refused = told["error"]
        if not refused:
            return jobs.Done("", (), told["exit_status"])
        said = "; ".join(filter(None, (refused["what"], refused["next_step"])))
        return jobs.Failed(refused["code"], f"on {self.node}: {said}", told["exit_status"])

    def _feel(self, heard: bool) -> None:
        """Count for how long it is still. Time in which the crew stood still too (a laptop that slept, Ctrl-Z) is nobody's."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, _TURN_S), now
        moved = heard
        if self._beat is not None and self._told(self._beat):
            with suppress(self._ray.exceptions.RayError):
                felt = tuple(self._ray.get(self._beat))
                moved, self._felt = moved or felt[0] != self._felt[0], felt
                self.peak_bytes = max(self.peak_bytes, felt[1])
            self._beat = None
        if self._beat is None and now - self._beaten > _BEAT_S:
            self._beat, self._beaten = self._actor.beat.remote(), now
        self.quiet_s = 0.0 if moved else self.quiet_s + passed

    def _told(self, ref: Any) -> bool:
        return bool(self._ray.wait([ref], timeout=0)[0])

    def ask_to_stop(self) -> None:
        """By a file, as any job is asked."""
        if self.task is not None and self._end is None:
            with suppress(OSError):
                self.task.record.cancel()

    def stopped(self) -> bool:
        """Whether nothing is under way."""
        return self._answer is None or not self.alive or self._told(self._answer)

    def dismiss(self) -> None:
        """Nothing more is to be done."""

    def forget(self) -> None:
        """End it, wherever it is."""
        self.alive = False
        with suppress(Exception):
            self._ray.kill(self._actor)


def end(workers: Iterable[RayWorker], idle_s: float = 0.0) -> None:
    """Ask shares that are under way to stop, wait a moment for them, and end every actor: the next run goes on from the units that stand."""
    workers = list(workers)
    for worker in workers:
        worker.ask_to_stop()
    until = time.monotonic() + _GRACE_S
    with suppress(Exception):
        while not all(worker.stopped() for worker in workers) and time.monotonic() < until:
            time.sleep(0.01)
    for worker in workers:
        worker.forget()


def _line(error: Exception) -> str:
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    return said[-1 if "Traceback" in said[0] or said[0].startswith("ray::") else 0][:200] if said else type(error).__name__

