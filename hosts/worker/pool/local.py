"""Workers on this machine: one a place, started as there is work for them and memory holds them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from .ending import end, wait
from .memory import free_bytes
from .places import Place
from .task import Ended, Task
from .worker import Worker

_ASK_S = 0.5
"""How often the system is asked for its free memory."""
_LEAVE_S = 2.0
_SPARE = 0.05
"""Of what is free: never counted on."""


class LocalWorkers:
    """Keeps the promise of crew.Workers."""

    def __init__(
        self, places: Sequence[Place], need_bytes: int, note: Callable[[str], None] = lambda text: None, free: Callable[[], int | None] = free_bytes
    ) -> None:
        """
        need_bytes  what a worker will take, as far as is known before one has been seen
        note        tells a person something
        free        how much memory can be had; None where nobody knows
        """
        self._places, self._need, self._note, self._free = places, need_bytes, note, free
        self._workers: list[Worker] = []
        self._most = len(places)
        self._asked, self._refused = float("-inf"), False

    @property
    def width(self) -> int:
        return self._most

    @property
    def numbers(self) -> list[int]:
        """Of the processes."""
        return [worker.process.pid for worker in self._workers]

    def room(self) -> int:
        """Idle workers, else a new one where memory holds it. One at a time: the next is asked for once this one has been given its task."""
        busy = sum(worker.task is not None for worker in self._workers)
        if busy >= self._most:
            return 0
        return len(self._workers) - busy or int(not busy or self._fits())

    def _fits(self) -> bool:
        """Whether memory holds one more, when those that run take all that they will."""
        now = time.monotonic()
        if now - self._asked < _ASK_S and self._refused:
            return False
        self._asked = now
        free = self._free()
        need = max([self._need, *(worker.peak_bytes for worker in self._workers)])
        owed = sum(max(0, need - worker.peak_bytes) for worker in self._workers)
        fits = free is None or free * (1 - _SPARE) >= owed + need
        if not fits and not self._refused:
            self._note(f"{len(self._workers)} of {self._most} processes at a time: memory holds no more of {need >> 20} MiB each")
        self._refused = not fits
        return fits

    def start(self, task: Task) -> None:
        """Raises GenlockError where no process can be started."""
        idle = next((worker for worker in self._workers if worker.task is None), None)
        if idle is None:
            taken = [worker.place for worker in self._workers]
            idle = Worker(next(place for place in self._places if taken.count(place) < self._places.count(place)))
            self._workers.append(idle)
        idle.give(task)

    def poll(self) -> list[Ended]:
        """A worker that failed begins anew with its next task; where the system killed one, there is one fewer from now on."""
        ended = []
        for worker in list(self._workers):
            told = worker.ended()
            if told is not None:
                ended.append(told)
            if not worker.alive or (told is not None and (told.lost or told.exit_status)):
                hungry = worker.killed_by_system or (told is not None and told.error is not None and told.error["code"] == "memory")
                if hungry and self._most > 1:
                    self._most -= 1
                    self._note(f"a process was killed, as the system does where memory runs out: {self._most} at a time from now on")
                self._leave([worker])
        return ended

    def stirred(self, task: Task) -> bool:
        return any(worker.stirred() for worker in self._workers if worker.task == task)

    def kill(self, task: Task, why: str) -> None:
        for worker in self._workers:
            if worker.task == task:
                worker.kill(why)

    def stop(self) -> None:
        """Those that are idle end by themselves; the others are asked, and then made to."""
        idle = [worker for worker in self._workers if worker.task is None]
        for worker in idle:
            worker.dismiss()
        wait([worker.process for worker in idle], _LEAVE_S)
        self._leave(list(self._workers))

    def _leave(self, workers: list[Worker]) -> None:
        end([worker.process for worker in workers])
        for worker in workers:
            worker.forget()
            self._workers.remove(worker)
