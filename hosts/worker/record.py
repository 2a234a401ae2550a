"""What happens in a job, told to everyone: events.jsonl for programs, log.txt for people, and whoever listens here."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from .. import jobs

_APART_S = 0.1
"""Progress is told no more often than this, unless what is being done changes."""


class Record:
    """Tells messages of one job. Safe to call from any thread.

    A message that cannot be written (a full disk) is dropped: it must not end a job whose outputs may lie elsewhere.
    """

    def __init__(self, job: jobs.Job, listen: Callable[[jobs.Message], None]) -> None:
        self._job = job
        self._listen = listen
        self._lock = threading.Lock()
        self._told = jobs.Progress(0.0, "")
        self._told_at = float("-inf")
        self.notes: list[str] = []

    def begin(self) -> None:
        """Close a line that a crash has left unfinished, so that ours is not lost in it."""
        with suppress(OSError), open(self._job.events_path, "rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")

    def say(self, message: jobs.Message) -> None:
        """Append a message to events.jsonl."""
        with self._lock:
            self._append(self._job.events_path, jobs.to_line(message) + "\n")
            self._listen(message)

    def progress(self, done: float, what: str) -> None:
        """How far the job is; what comes too soon after the last is left out, and it never goes back."""
        with self._lock:
            now = time.monotonic()
            told = jobs.Progress(max(round(done, 4), self._told.done), what or self._told.what)
            if told == self._told or (now - self._told_at < _APART_S and told.what == self._told.what and done < 1):
                return
            if told.what != self._told.what:
                self._log(f"{told.done:4.0%} {told.what}")
            self._told, self._told_at = told, now
            self._append(self._job.events_path, jobs.to_line(told) + "\n")
            self._listen(told)

    def note(self, text: str) -> None:
        """Something a person should know."""
        with self._lock:
            if text in self.notes:
                return
            self.notes.append(text)
        self.log(f"note: {text}")
        self.say(jobs.Note(text))

    def log(self, text: str) -> None:
        """Prose, with the time, into log.txt."""
        with self._lock:
            self._log(text)

    def _log(self, text: str) -> None:
        self._append(self._job.log_path, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")

    def _append(self, path: str, text: str) -> None:
        with suppress(OSError), open(path, "ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
