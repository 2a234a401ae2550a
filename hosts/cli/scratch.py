"""A folder for everything temporary of one command, also for what libraries put into the system's; gone at the end.

What a command that was killed left there is taken away by the next one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..worker.process import SCRATCH, new_folder

_ENDING_S = 2.0


@contextmanager
def scratch() -> Iterator[str]:
    """The folder's path. Raises OSError where there is no room for one."""
    folder = new_folder(SCRATCH)
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        take_away(folder)


def take_away(folder: str) -> None:
    """Take the folder away, also where a process or a thread that is about to end still writes into it, and where Ctrl-C comes once more."""
    until = time.monotonic() + _ENDING_S
    while os.path.exists(folder) and time.monotonic() < until:
        with suppress(KeyboardInterrupt):
            shutil.rmtree(folder, ignore_errors=True)
            if os.path.exists(folder):
                time.sleep(0.02)
