"""Long work that the page starts: a job in a process of its own, heard through its folder. One at a time."""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from ...core.errors import GenlockError
from ..jobs import Done, Failed, Job, Note, Progress, Request
from ..launch import Running, start


class Runner:
    """Starts a job, and tells how it stands."""

    def __init__(self) -> None:
        self._folder = ""
        self._lock = threading.RLock()
        self._running: Running | None = None
        self._count = 0
        self._told: dict[str, Any] = {"state": "idle", "done": 0.0, "what": "", "notes": []}

    def place(self, name: str) -> Path:
        """For a file that a job writes for this page alone; it goes away with the page."""
        self._folder = self._folder or tempfile.mkdtemp(prefix="genlock-review-")
        return Path(self._folder) / name

    def start(self, request: Request) -> None:
        """Begin. Raises GenlockError where one is under way, JobError where genlock cannot be started."""
        with self._lock:
            if self.told()["state"] == "running":
                raise GenlockError("a run is under way", "wait for its end, or stop it")
            self._count += 1
            job = Job.create(self.place(f"job{self._count}"), request)
            self._running = start(job, [sys.executable, "-m", "genlock"])
            self._told = {"state": "running", "done": 0.0, "what": "starting", "notes": []}

    def stop(self) -> None:
        """Ask it to stop; it goes on from there the next time."""
        with self._lock:
            if self._running is not None and not self._running.over:
                self._running.job.cancel()

    def told(self) -> dict[str, Any]:
        """state (idle, running, done, failed), done (0 to 1), what, notes; JSON."""
        with self._lock:
            for message in self._running.poll() if self._running is not None else []:
                if isinstance(message, Progress):
                    self._told.update(done=round(message.done, 3), what=message.what)
                elif isinstance(message, Note):
                    self._told["notes"] = [*self._told["notes"], message.text]
                elif isinstance(message, Done):
                    self._told.update(state="done", done=1.0, what=message.sentence)
                elif isinstance(message, Failed):
                    self._told.update(state="failed", what=message.message)
            return dict(self._told)

    def close(self) -> None:
        """End what is under way, and leave nothing."""
        if self._running is not None and not self._running.over:
            self._running.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
