"""The workers of a job on a Ray cluster, as the crew leads them (worker/pool/crew.py): actors, each of which stays over its shares.

As many are asked for as may be wanted; what Ray has no place for yet is what its autoscaler sees.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..worker.pool.task import Ended, Task
from . import hand
from .actor import Actor, line
from .compare import Here
from .door import Pulse
from .errors import RayError
from .placing import Needs

_TURN_S = 0.05
_GRACE_S = 0.15
"""For shares that are asked to stop."""
_FALLS = 5
"""So many actors in a row may die before they say who they are; then it is no accident."""
_ALONE_S = 15.0
"""After so long without a single worker, a person is told."""


class RayWorkers:
    """Makes shares of one job. stop() has to be called."""

    def __init__(self, ray: Any, here: Here, needs: Needs, asked: int, width: int, note: Callable[[str], None], pulse: Pulse) -> None:
        """
        ray    the connected module
        asked  how many workers are asked for
        width  how many are expected
        note   tells a person something
        """
        ray.cloudpickle.register_pickle_by_value(hand)
        self._ray, self._here, self._needs, self._note, self._pulse = ray, here, needs, note, pulse
        self._actors = [Actor(ray, here, needs) for _ in range(asked)]
        self._width = width
        self._lost: list[Ended] = []
        self._falls = 0
        self._alone_since: float | None = time.monotonic()

    @property
    def width(self) -> int:
        """How many tasks may be worked at side by side, as far as is known."""
        return self._width

    def room(self) -> int:
        """How many tasks may be begun now."""
        return sum(actor.free for actor in self._actors)

    def wait(self, check: Callable[[], None]) -> None:
        """Until one of them is ready, however long that takes where a machine has to be started first.

        check  raises where nobody wants the job any more
        """
        while not self.room():
            check()
            self.poll()

    def start(self, task: Task) -> None:
        """Begin one on a worker that is free."""
        next(actor for actor in self._actors if actor.free).give(task)

    def poll(self) -> list[Ended]:
        """What has ended since the last call; waits a moment for it.

        Raises RayError where a new node is not as here, where no worker will live, and where the cluster is gone.
        """
        self._pulse.check()
        try:
            return self._heard()
        except ConnectionError as error:  # as Ray Client says it
            raise RayError(f"the Ray cluster is gone: {line(error)}", "run the job again: what is made is kept") from error

    def _heard(self) -> list[Ended]:
        asked = {actor.ref: actor for actor in self._actors if not actor.free}
        ready = self._ray.wait(list(asked), num_returns=len(asked), timeout=_TURN_S)[0] if asked else []
        ended, self._lost = self._lost, []
        for ref in ready:
            try:
                found = asked[ref].hear()
                self._falls = 0
            except self._ray.exceptions.RayError as error:
                found = self._replaced(asked[ref], line(error))
            ended += [found] if found else []
        self._tell_if_alone()
        return ended

    def _replaced(self, actor: Actor, why: str) -> Ended | None:
        """Another worker for one that is gone; the task that was lost with it."""
        self._pulse.insist()  # asked for a worker, Ray would wait for a head that is gone
        actor.end()
        self._actors[self._actors.index(actor)] = Actor(self._ray, self._here, self._needs)
        self._falls = 0 if actor.node else self._falls + 1
        if self._falls >= _FALLS:
            raise RayError(f"no worker can be started on the cluster: {why}", "look into Ray's own logs")
        if actor.node:
            self._note(f"the worker on {actor.node} is gone, and another is asked for: {why}")
        return Ended(actor.task, f"the worker on {actor.node} is gone: {why}", node=actor.node) if actor.task else None

    def _tell_if_alone(self) -> None:
        """One note where the cluster has no room for any worker for a while."""
        if any(actor.node for actor in self._actors):
            self._alone_since = None
        elif self._alone_since is not None and time.monotonic() - self._alone_since > _ALONE_S:
            self._alone_since = None
            what = f"{self._needs.gpus:g} of a GPU" if self._needs.gpus else "a free CPU"
            self._note(f"waiting for the cluster to have {what} for a worker")

    def stirred(self, task: Task) -> bool:
        """Whether the worker of a task has used processor time since this was asked last."""
        return any(actor.stirred() for actor in self._actors if actor.task == task)

    def kill(self, task: Task, why: str) -> None:
        """End the worker of a task; poll() tells it as lost."""
        for actor in [actor for actor in self._actors if actor.task == task]:
            self._replaced(actor, why)
            self._lost.append(Ended(task, f"the worker on {actor.node} {why}", node=actor.node))

    def stop(self) -> None:
        """Ask the shares under way to stop, wait a moment for them, and end every actor: the next run goes on from the units that stand."""
        if self._pulse.gone:  # they go with it, and nobody is there who could be asked to end them
            self._actors = []
        busy = [actor for actor in self._actors if actor.task is not None]
        for actor in busy:
            actor.ask_to_stop()
        with suppress(Exception):
            self._ray.wait([actor.ref for actor in busy], num_returns=len(busy), timeout=_GRACE_S)
        for actor in self._actors:
            actor.end()
        self._actors = []
