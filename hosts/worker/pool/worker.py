"""One worker: a process that is told its tasks through a pipe, one after the other, and ends when the pipe does.

So the pool may be killed in any way: the system closes its end of the pipe, and the worker hears that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import Any

from ....core.errors import GenlockError
from . import beat
from .ending import end, how
from .places import Place
from .program import command
from .task import Ended, Task

_LEAST_S, _LEAST = 0.05, 0.01
"""So much CPU time, and so much of the time that has passed, is work. A worker that waits for ever uses a little too, 0.002 of it."""


class Worker:
    """A process, and the task that it works at."""

    def __init__(self, place: Place) -> None:
        """Start it. Raises GenlockError where the system has no room for a process."""
        self.place = place
        self.task: Task | None = None
        self.peak_bytes = 0
        self._worked_s, self._since = 0.0, time.monotonic()
        self._killed = ""
        self._home = tempfile.mkdtemp(prefix="worker-")
        self._beat_path, self._answers_path, self._said_path = (os.path.join(self._home, name) for name in ("beat", "answers", "said"))
        try:
            self.process = self._started()
            self._answers = open(self._answers_path, "rb")
        except OSError as error:
            shutil.rmtree(self._home, ignore_errors=True)
            raise GenlockError(f"a process cannot be started: {error.strerror or error}", "try with fewer of them") from error

    def _started(self) -> subprocess.Popen[bytes]:
        """It stays in the terminal's group: Ctrl-C reaches it whatever becomes of the pool."""
        beat.prepare(self._beat_path)
        words = [*command(), "run", "-", "--quiet"]
        env = {**os.environ, **self.place.environment(), beat.WORKER: self._beat_path, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._home)}
        with open(self._answers_path, "wb") as answers, open(self._said_path, "wb") as said:
            return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=answers, stderr=said, env=env)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def give(self, task: Task) -> None:
        """Let it work at this; the task before has ended."""
        self.task = task
        assert self.process.stdin is not None
        with suppress(OSError):  # where it has died, ended() says so
            self.process.stdin.write(task.to_line())
            self.process.stdin.flush()

    def ended(self) -> Ended | None:
        """How its task has ended; None while it works, or has none."""
        if self.task is None:
            return None
        gone = not self.alive
        told = self._answer()
        if told is not None:
            end = Ended(self.task, "", told["exit_status"], told["error"])
        elif gone:
            end = Ended(self.task, self._killed or f"its process {how(self.process.returncode)}{self._last_words()}")
        else:
            return None
        self.task = None
        return end

    def _answer(self) -> dict[str, Any] | None:
        """Its next whole line."""
        at = self._answers.tell()
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            self._answers.seek(at)
            return None
        return json.loads(line)

    def stirred(self) -> bool:
        """Whether it has worked since this was asked last."""
        felt = beat.read(self._beat_path)
        self.peak_bytes = max(self.peak_bytes, felt.peak_bytes)
        now = time.monotonic()
        if felt.cpu_s - self._worked_s < _LEAST_S + _LEAST * (now - self._since):
            return False
        self._worked_s, self._since = felt.cpu_s, now
        return True

    def kill(self, why: str) -> None:
        """End it; what it was at is told as lost for this reason."""
        self._killed = why
        end([self.process])

    @property
    def killed_by_system(self) -> bool:
        """Whether a signal ended it that nobody can refuse, and that was not ours: mostly the system, out of memory."""
        return not self._killed and self.process.poll() == -9

    def _last_words(self) -> str:
        """The last line that it has said outside of its task."""
        with suppress(OSError), open(self._said_path, encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.strip()]
            return f": {lines[-1][:200]}" if lines else ""
        return ""

    def dismiss(self) -> None:
        """Nothing more is to be done: it ends by itself."""
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()

    def forget(self) -> None:
        """Take away what it has left, once it has ended."""
        self.dismiss()
        self._answers.close()
        shutil.rmtree(self._home, ignore_errors=True)
