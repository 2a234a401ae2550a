"""How processes are ended."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_HEARING_S = 0.15
"""How long one may take to end by itself, each time it is asked; twice that is less than the terminal waits for whoever asks."""
_KILLED_S = 5.0


def end(processes: Sequence[subprocess.Popen[Any]]) -> None:
    """Ask, ask again (which ends a job at once, with its outputs and units whole or not there), and only then kill."""
    for way, wait_s in (("terminate", _HEARING_S), ("terminate", _HEARING_S), ("kill", _KILLED_S)):
        alive = [process for process in processes if process.poll() is None]
        for process in alive:
            with suppress(OSError):
                getattr(process, way)()
        wait(alive, wait_s)


def wait(processes: Sequence[subprocess.Popen[Any]], most_s: float) -> None:
    """Until all have ended, or so long."""
    until = time.monotonic() + most_s
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))


def how(status: int) -> str:
    """What a process's return code says, for people."""
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
