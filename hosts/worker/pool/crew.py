"""Tasks handed out to workers, whatever those are: how far all of it is, who hangs, what is run again.

A worker that dies, or gives no sign of life for two minutes, costs its task a try. A failure that would happen again (a wrong request, damaged
footage, a full disk) costs nothing but itself: it is told at once.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from ....core.progress import Progress
from ... import jobs
from .task import Ended, Task

AGAIN = ("memory", "fault", "cancelled", "crashed")
"""Codes of failures that may not happen a second time. A task is told as cancelled where its worker was asked to end, and the job was not."""
_TURN_S = 0.05
_STILL_S = 2.0
"""Longer than any turn: where more has passed since the last one, the crew itself stood still."""


class Workers(Protocol):
    """Processes of this machine, actors of a cluster."""

    @property
    def width(self) -> int:
        """How many tasks may be worked at side by side, as far as is known."""
        ...

    def room(self) -> int:
        """How many tasks may be begun now."""
        ...

    def start(self, task: Task) -> None:
        """Begin one; returns at once."""
        ...

    def poll(self) -> list[Ended]:
        """What has ended since the last call; waits 0.1 s at most."""
        ...

    def stirred(self, task: Task) -> bool:
        """Whether its worker has given a sign of life since this was asked last, besides what it tells in the task's folder."""
        ...

    def kill(self, task: Task, why: str) -> None:
        """End its worker; poll() tells it as lost."""
        ...

    def stop(self) -> None:
        """Ask those at work to end, and end what does not hear; nothing is left then. May be called twice."""
        ...


@dataclass(frozen=True)
class Rules:
    """How much is borne."""

    retries: int = 2
    """How many times more a task is run whose worker was lost."""
    patience_s: float = 120.0
    """How long a worker may give no sign of life."""


class _Watch:
    """A task under way: how far it is, and for how long it has been still."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.done = 0.0
        self.said = ""
        self.quiet_s = 0.0
        self._tail = jobs.Tail(task.record.events_path, from_end=True)

    def look(self, passed_s: float, stirred: bool) -> None:
        messages = self._tail.read()
        for message in messages:
            if isinstance(message, jobs.Progress):
                self.done, self.said = message.done, message.what or self.said
        self.quiet_s = 0.0 if messages or stirred else self.quiet_s + passed_s

    def last(self, lost: str) -> str:
        """Why it was lost, and what it was at."""
        return f"{lost}, at {self.done:.0%}" + (f" ({self.said})" if self.said else "")


def run_tasks(
    tasks: Iterable[Task], workers: Workers, progress: Progress, ended: Callable[[Ended], None], total: float, what: Callable[[int], str],
    rules: Rules | None = None,
) -> None:
    """Have all tasks done. They are asked for one by one, as there is room.

    progress  0 to 1 over all; may go back where a task begins anew, which whoever tells it levels out
    ended     called with each task that is done, or has failed for good; may raise, which ends the others
    total     the tasks' weights together
    what      what is being done, in words, by the number of tasks that have ended
    Raises Cancelled, and what `ended` raises, once every worker is gone.
    """
    crew = _Crew(iter(tasks), workers, rules or Rules())
    try:
        while crew.begin():
            ends = crew.heard()
            for end in ends:
                progress.check()
                if not crew.again(end):
                    ended(crew.settled(end))
            progress.at(crew.weight() / total if total else 1.0, what(crew.count))
            if not ends:  # else somebody waits for the next task
                time.sleep(_TURN_S)
    finally:
        workers.stop()


class _Crew:
    def __init__(self, waiting: Iterable[Task], workers: Workers, rules: Rules) -> None:
        self._waiting, self._workers, self._rules = iter(waiting), workers, rules
        self._first = next(self._waiting, None)
        self._again: deque[Task] = deque()
        self._watched: dict[Task, _Watch] = {}
        self._lost: Counter[Task] = Counter()
        self._ended_weight = 0.0
        self._looked = time.monotonic()
        self.count = 0
        """Tasks that have ended."""

    def begin(self) -> bool:
        """Hand out tasks while there is room; whether any are under way, or wait for room: a cluster may have none for a while."""
        for _ in range(self._workers.room() if self._again or self._first else 0):
            task = self._again.popleft() if self._again else self._first
            if task is None:
                break
            if task is self._first:
                self._first = next(self._waiting, None)
            self._watched[task] = _Watch(task)
            self._workers.start(task)
        return bool(self._watched or self._again or self._first)

    def heard(self) -> list[Ended]:
        """What has ended; whoever hangs is ended by this. Time in which the crew stood still (a laptop that slept, Ctrl-Z) is nobody's."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, _STILL_S), now
        for task, watch in self._watched.items():
            watch.look(passed, self._workers.stirred(task))
            if watch.quiet_s > self._rules.patience_s:
                self._workers.kill(task, f"gave no sign of life for {watch.quiet_s:.0f} s")
                watch.quiet_s = 0.0
        return self._workers.poll()

    def again(self, end: Ended) -> bool:
        """Whether the task is tried once more."""
        helps = end.lost or (end.exit_status and end.error is not None and end.error["code"] in AGAIN)
        if not helps or self._lost[end.task] >= self._rules.retries:
            return False
        self._lost[end.task] += 1
        del self._watched[end.task]
        self._again.append(end.task)
        return True

    def settled(self, end: Ended) -> Ended:
        """Count it as ended; why a worker was lost is told with what it said last."""
        watch = self._watched.pop(end.task)
        self.count += 1
        self._ended_weight += end.task.weight
        return replace(end, lost=watch.last(end.lost)) if end.lost else end

    def weight(self) -> float:
        """Of all that is done."""
        return self._ended_weight + sum(task.weight * watch.done for task, watch in self._watched.items())
