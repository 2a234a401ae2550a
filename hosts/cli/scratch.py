"""A folder for everything temporary of one command, also for what libraries put into the system's; gone at the end.

What a command that was killed left there is taken away by the next one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ..worker.process import SCRATCH, new_folder


@contextmanager
def scratch() -> Iterator[str]:
    """The folder's path. Raises OSError where there is no room for one."""
    folder = new_folder(SCRATCH)
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
