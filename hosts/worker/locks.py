"""Files that keep processes apart, or tell them of one another. The system lets go of a lock however its process ends."""

from __future__ import annotations

import os
import random
from typing import Any

_ROOM = 1 << 16
"""Windows knows no shared locks: there, one who shares locks a byte of its own, and one who does not all of them."""


def hold(path: str, shared: bool = False) -> Any:
    """An open file, locked: by nobody else, or shared with others who share it; None where it cannot be had now. close() lets go of it.

    On a file system without locks nobody is kept apart. Raises OSError where it cannot be made.
    """
    while True:
        file = open(path, "a+b")
        if not _lock(file, shared):
            file.close()
            return None
        if _still(file, path):
            return file
        file.close()  # somebody has taken it away in between, and the next one would not see ours


def widen(file: Any) -> bool:
    """From shared to alone; whether it could be had. If not, it may be that nothing is held any more."""
    return os.name != "nt" and _lock(file, shared=False)


def _lock(file: Any, shared: bool) -> bool:
    if os.name == "nt":
        import msvcrt

        file.seek(random.randrange(_ROOM) if shared else 0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1 if shared else _ROOM)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _still(file: Any, path: str) -> bool:
    try:
        return os.name == "nt" or os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except OSError:
        return False
