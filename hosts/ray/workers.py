"""Workers of a job on a Ray cluster: one actor each, that stays over its shares. What is asked for and not placed yet is Ray's to scale for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from ..jobs import Job
from ..worker.shares import Share, share_folder
from . import hand
from .compare import Here
from .errors import RayError
from .placing import Needs, slots_of

_SURVEY_S = 60.0
_LOOK_S = 0.05
_FALLS = 5
"""So many actors in a row may die before they say who they are; then it is no accident."""
_ALONE_S = 15.0
"""After so long without a single worker, a person is told."""


@dataclass(frozen=True)
class Ended:
    """A share that is no longer made."""

    share: Share
    lost: str = ""
    """Why the worker went before it could answer; it may be run again elsewhere."""
    exit_status: int = 0
    error: dict[str, str] | None = None
    """As in result.json."""
    node: str = ""


class _Actor:
    """One worker: still coming while `node` is "", then free while `ref` is None, else at its share."""

    def __init__(self, handle: Any, coming: Any) -> None:
        self.handle, self.ref = handle, coming
        self.node = ""
        self.share: Share | None = None


class Actors:
    """Makes shares of one job folder. close() has to be called."""

    def __init__(self, ray: Any, here: Here, needs: Needs, note: Callable[[str], None]) -> None:
        """
        ray   the connected module
        note  tells a person something
        """
        ray.cloudpickle.register_pickle_by_value(hand)
        self._ray, self._here, self._needs, self._note = ray, here, needs, note
        self._actors: list[_Actor] = []
        self._lost: list[Ended] = []
        self._falls = 0
        self._alone_since: float | None = time.monotonic()

    def survey(self) -> int:
        """Ask every node that can take work who it is; how many workers find room now. Raises RayError for one that is not as here."""
        slots, asked = 0, {}
        for node in self._ray.nodes():
            room = slots_of(node["Resources"], self._needs) if node["Alive"] else 0
            if room:
                slots += room
                asked[self._asked_on(node["NodeID"])] = node["NodeManagerAddress"]
        until, waiting = time.monotonic() + _SURVEY_S, list(asked)
        while waiting and time.monotonic() < until:
            told, waiting = self._ray.wait(waiting, timeout=_LOOK_S)
            for ref in told:
                with self._unless_gone(asked[ref]):
                    self._here.check(self._ray.get(ref))
        for ref in waiting:
            self._note(f"the node {asked[ref]} says nothing of itself; the job goes on without it")
        return slots

    def _asked_on(self, node: str) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(node, soft=False)
        return self._ray.remote(hand.facts).options(num_cpus=0, scheduling_strategy=there).remote(self._here.nonce, dict(self._here.files))

    @contextmanager
    def _unless_gone(self, node: str) -> Iterator[None]:
        try:
            yield
        except self._ray.exceptions.RayError as error:
            self._note(f"the node {node} is gone: {_line(error)}")

    def ask_for(self, count: int) -> None:
        """Have so many workers, as soon as Ray finds room for them."""
        kind = self._ray.remote(hand.Hand).options(num_cpus=self._needs.cpus, num_gpus=self._needs.gpus, max_restarts=0, max_task_retries=0)
        while len(self._actors) < count:
            handle = kind.remote(self._needs.cpus, self._needs.gpus > 0)
            self._actors.append(_Actor(handle, handle.facts.remote(self._here.nonce, dict(self._here.files))))

    def room(self) -> int:
        """How many shares may be begun now."""
        return sum(actor.ref is None for actor in self._actors)

    def start(self, share: Share) -> None:
        """Begin a share on a worker that is free."""
        actor = next(actor for actor in self._actors if actor.ref is None)
        actor.share = share
        actor.ref = actor.handle.make.remote(self._here.folder, share.number, share.of)

    def poll(self) -> list[Ended]:
        """What has ended since the last call; waits a moment for it. Raises RayError where a new node is not as here, or no worker will live."""
        refs = {actor.ref: actor for actor in self._actors if actor.ref is not None}
        ready, _ = self._ray.wait(list(refs), num_returns=len(refs), timeout=_LOOK_S) if refs else ([], [])
        ended, self._lost = self._lost, []
        for ref in ready:
            found = self._heard(refs[ref])
            ended += [found] if found else []
        self._tell_if_alone()
        return ended

    def _heard(self, actor: _Actor) -> Ended | None:
        """The answer of one worker; it is free then, or replaced where it is gone."""
        share, ref = actor.share, actor.ref
        actor.ref = actor.share = None
        try:
            told = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            return self._replaced(actor, share, _line(error))
        self._falls = 0
        if share is None:
            self._here.check(told)
            actor.node = told["node"]
            return None
        return Ended(share, "", told["exit_status"], told["error"], actor.node)

    def _replaced(self, actor: _Actor, share: Share | None, why: str) -> Ended | None:
        count = len(self._actors)
        self._end(actor)
        if not actor.node:
            self._falls += 1
            if self._falls >= _FALLS:
                raise RayError(f"no worker can be started on the cluster: {why}", "look into Ray's own logs")
        self.ask_for(count)
        return Ended(share, f"the worker on {actor.node} is gone: {why}", node=actor.node) if share else None

    def _tell_if_alone(self) -> None:
        """One note where the cluster has no room for any worker for a while."""
        if any(actor.node for actor in self._actors):
            self._alone_since = None
        elif self._alone_since is not None and time.monotonic() - self._alone_since > _ALONE_S:
            self._alone_since = None
            what = f"{self._needs.gpus:g} of a GPU" if self._needs.gpus else "a free CPU"
            self._note(f"waiting for the cluster to have {what} for a worker")

    def kill(self, share: Share) -> None:
        """End the worker of a share; poll() tells it as lost."""
        for actor in [actor for actor in self._actors if actor.share == share]:
            self._end(actor)
            self._lost.append(Ended(share, f"the worker on {actor.node} was ended", node=actor.node))
            self.ask_for(len(self._actors) + 1)

    def stop(self, grace_s: float) -> None:
        """Ask the shares under way to stop, wait so long, end what is left."""
        busy = [actor for actor in self._actors if actor.share is not None]
        for actor in busy:
            with suppress(OSError):
                Job(share_folder(self._here.folder, actor.share)).cancel()  # type: ignore[arg-type]
        with suppress(Exception):
            self._ray.wait([actor.ref for actor in busy], num_returns=len(busy), timeout=grace_s)
        self.close()

    def close(self) -> None:
        """End every worker, wherever it is."""
        while self._actors:
            self._end(self._actors[-1])

    def _end(self, actor: _Actor) -> None:
        self._actors.remove(actor)
        with suppress(Exception):
            self._ray.kill(actor.handle)


def _line(error: Exception) -> str:
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    return said[0][:200] if said else type(error).__name__
