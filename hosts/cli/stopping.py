"""Ctrl-C and its relatives. The first one asks the job to stop; the second, or a job that does not hear, ends it at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ..launch import TIED
from ..worker.process import alive

_PATIENCE_S = 0.5
"""How long a job may take to hear, so that all of it stays under a second."""


class Stopping:
    """While it is open, SIGINT, SIGTERM and SIGHUP ask the job to stop. A signal that the parent has had ignored stays so.
    The end of a process that this one is tied to asks as well: nobody waits for the job any more.

    at_once   called where the job does not stop by itself; it must not return
    """

    def __init__(self, at_once: Callable[[], None]) -> None:
        self._at_once = at_once
        self._asked_at: float | None = None
        self._ending = False
        self._before: dict[int, Any] = {}
        self._tied_to = int(os.environ.pop(TIED, "") or 0)

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wanted(self) -> bool:
        """Whether nobody has asked the job to stop."""
        return self._asked_at is None

    def look(self) -> None:
        """End the process where the job was asked to stop and has not heard in time."""
        if self._asked_at is None and self._tied_to and _left_by(self._tied_to):
            self._asked_at = time.monotonic()
        if self._asked_at is not None and time.monotonic() - self._asked_at > _PATIENCE_S:
            self._end()

    def _hear(self, number: int, frame: Any) -> None:
        if self._asked_at is None:
            self._asked_at = time.monotonic()
        else:
            self._end()

    def _end(self) -> None:
        """Only once: an impatient third signal must not begin it again in the middle."""
        if not self._ending:
            self._ending = True
            self._at_once()


def _left_by(parent: int) -> bool:
    """Whether the process that started this one is gone."""
    return not alive(parent) if os.name == "nt" else os.getppid() != parent
