"""A worker's sign of life: how much processor time it has used and how much memory it takes, kept in a few bytes of a file.

The file stands in its whole length before the worker starts, so a full disk does not make a worker look dead.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from ....core.processes import peak_bytes

WORKER = "GENLOCK_WORKER"
"""The variable that names the file to a worker of a pool."""
_BYTES = 48
_APART_S = 0.5


@dataclass(frozen=True)
class Beat:
    """What a worker has told last."""

    cpu_s: float = 0.0
    peak_bytes: int = 0
    """The most memory that it has taken."""


def prepare(path: str) -> None:
    """Make the file. Raises OSError."""
    with open(path, "wb") as file:
        file.write(_line(Beat()))


def read(path: str) -> Beat:
    """What stands in the file."""
    try:
        with open(path, "rb") as file:
            words = file.read(_BYTES).split()
        return Beat(float(words[0]), int(words[1]))
    except (OSError, ValueError, IndexError):
        return Beat()


def keep(path: str) -> threading.Thread:
    """Begin to tell, until the process ends."""
    thread = threading.Thread(target=_tell, args=(path,), name="beat", daemon=True)
    thread.start()
    return thread


def _tell(path: str) -> None:
    while True:
        with suppress(OSError), open(path, "r+b", buffering=0) as file:
            file.write(_line(Beat(time.process_time(), peak_bytes())))
        time.sleep(_APART_S)


def _line(beat: Beat) -> bytes:
    return f"{beat.cpu_s:.3f} {beat.peak_bytes}".ljust(_BYTES - 1).encode() + b"\n"
