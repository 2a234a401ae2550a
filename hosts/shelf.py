"""Where a host keeps its jobs, and which of them are not over. Standard library only, Python 3.9 syntax.

A host may be closed while a job runs. Started again, it looks here, and hears from the job as if nothing had been.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from .jobs import Job, JobError
from .launch import Running, attach

_DAY_S = 86400


def root(host: str) -> str:
    """The folder of a host's jobs: under $GENLOCK_JOBS, or where the system keeps a person's data."""
    named = os.environ.get("GENLOCK_JOBS")
    if named:
        return os.path.join(named, host)
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return os.path.join(base, "genlock", "jobs", host)


def new_folder(host: str, kind: str) -> str:
    """The path of a job folder that does not exist yet; names sort by time. Raises JobError where the shelf cannot be made."""
    shelf = root(host)
    try:
        os.makedirs(shelf, exist_ok=True)
    except OSError as error:
        raise JobError(f"the folder for jobs, {shelf}, cannot be made: {error.strerror}; set GENLOCK_JOBS to another one") from error
    stamp = time.strftime("%Y%m%d-%H%M%S")
    while True:
        folder = os.path.join(shelf, f"{stamp}-{kind}-{os.urandom(2).hex()}")
        if not os.path.exists(folder):
            return folder


def folders(host: str) -> list[str]:
    """The job folders of a host, newest first."""
    shelf = root(host)
    try:
        names = sorted(os.listdir(shelf), reverse=True)
    except OSError:
        return []
    return [os.path.join(shelf, name) for name in names if os.path.isfile(os.path.join(shelf, name, "request.json"))]


def unfinished(host: str) -> Iterator[Running]:
    """Jobs that were started and have not said how they ended, newest first; poll() tells whether they still run."""
    for folder in folders(host):
        with suppress(JobError):
            running = attach(Job(folder))
            if running is not None:
                yield running


def forget_old(host: str, days: float = 30.0) -> int:
    """Delete jobs that ended, and were not touched for some days; returns how many."""
    gone = 0
    for folder in folders(host):
        job = Job(folder)
        try:
            old = time.time() - os.path.getmtime(job.events_path) > days * _DAY_S
            over = attach(job) is None
        except (OSError, JobError):
            continue
        if old and over:
            shutil.rmtree(folder, ignore_errors=True)
            gone += not os.path.exists(folder)
    return gone
