"""Keeps what libraries print by themselves out of the terminal.

FFmpeg, OpenCV and numpy write warnings to the process's stdout and stderr. There they would break the promise of one
line an error, and of one JSON object on stdout; in a job's log they are of use.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def noise_into(path: str) -> Iterator[TextIO | None]:
    """While it is open, file descriptors 1 and 2 lead to a file; gives a stream to what stderr was.

    With GENLOCK_DEBUG, or where the two are no real descriptors, everything stays as it is.
    """
    if os.environ.get("GENLOCK_DEBUG") or not _real():
        yield sys.stderr
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = os.dup(1), os.dup(2)
    shown = os.fdopen(os.dup(kept[1]), "w", encoding=sys.stderr.encoding, errors="backslashreplace", buffering=1)
    try:
        _lead_to(path)
        yield shown
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for handle in kept:
            os.close(handle)
        with suppress(OSError):
            shown.close()


def _real() -> bool:
    try:
        return sys.stdout.fileno() == 1 and sys.stderr.fileno() == 2
    except (AttributeError, OSError, ValueError):
        return False


def _lead_to(path: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError:
        handle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
