"""A folder for everything temporary of one command, also for what libraries put into the system's; gone at the end.

What a command that was killed left there is taken away by the next one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
        _take_away(folder)


def _take_away(folder: str) -> None:
    """A process that was started from here and is about to end may still be writing into it; what it writes goes too."""
    until = time.monotonic() + _ENDING_S
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder) or time.monotonic() > until:
            return
        time.sleep(0.02)
