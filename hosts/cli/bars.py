"""Progress as a person sees it: a bar on a terminal, a line now and then in a log, nothing where quiet was asked for.

The job's thread calls hear(); the main thread calls draw() some twenty times a second, and close() once.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections import deque
from typing import Any, Protocol, TextIO

from .. import jobs
from .say import clean

_FIRST_LINE_S = 3.0
_LINES_APART_S = 5.0
_BAR_AFTER_S = 0.4
"""A job that is done sooner has no bar, and never pays for importing one."""
_BARS_APART_S = 0.1


class View(Protocol):
    """Shows how a job goes."""

    def hear(self, message: jobs.Message) -> None: ...

    def draw(self) -> None: ...

    def close(self) -> None: ...


def view_for(stream: TextIO | None, quiet: bool) -> View:
    """The view that suits a stream."""
    if quiet or stream is None:
        return Nothing()
    if stream.isatty() and os.environ.get("TERM") != "dumb" and importlib.util.find_spec("rich"):
        return Bar(stream)
    return Lines(stream)


class Nothing:
    """Shows nothing."""

    def hear(self, message: jobs.Message) -> None:
        """Nobody looks."""

    def draw(self) -> None:
        """Nothing to draw."""

    def close(self) -> None:
        """Nothing to take away."""


class _Watched:
    """What has been heard of a job, and since when it runs."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.began = time.monotonic()
        self.last = jobs.Progress(0.0, "")
        self.notes: deque[str] = deque()

    def hear(self, message: jobs.Message) -> None:
        if isinstance(message, jobs.Progress):
            self.last = message
        elif isinstance(message, jobs.Note):
            self.notes.append(message.text)

    def print(self, text: str) -> None:
        try:
            print(clean(text), file=self.stream, flush=True)
        except (OSError, ValueError):
            self.stream = open(os.devnull, "w")

    def print_notes(self) -> None:
        while self.notes:
            self.print(f"genlock: note: {self.notes.popleft()}")


class Lines(_Watched):
    """For logs: a line every few seconds, none for a job of a moment."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._next = self.began + _FIRST_LINE_S

    def draw(self) -> None:
        self.print_notes()
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LINES_APART_S
            self.print(f"genlock: {self.last.done:3.0%}{left_words(self.last.done, now - self.began)} {self.last.what}".rstrip())

    def close(self) -> None:
        self.print_notes()


class Bar(_Watched):
    """For terminals: a bar with the time that is left. It goes away when the job is done."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._bar: Any = None
        self._task: Any = None
        self._next = self.began + _BAR_AFTER_S

    def draw(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _BARS_APART_S
        if self._bar is None:
            self._begin()
        while self.notes:
            self._bar.console.print(f"genlock: note: {clean(self.notes.popleft())}", markup=False, highlight=False)
        left = left_words(self.last.done, now - self.began)
        self._bar.update(self._task, completed=self.last.done, what=clean(self.last.what), left=left.lstrip(", "))
        self._bar.refresh()

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as RichProgress

        left = TextColumn("{task.fields[left]}", markup=False)
        what = TextColumn("{task.fields[what]}", markup=False)
        self._bar = RichProgress(
            BarColumn(), TaskProgressColumn(), left, what, console=Console(file=self.stream), transient=True, auto_refresh=False
        )
        self._task = self._bar.add_task("", total=1.0, what="", left="")
        self._bar.start()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self.print_notes()


def left_words(done: float, elapsed_s: float) -> str:
    """ ", about 2 min left"; nothing while too little is known to say."""
    if done < 0.03 or elapsed_s < 2 or done >= 1:
        return ""
    left = elapsed_s * (1 - done) / done
    if left < 90:
        return f", about {max(1, round(left))} s left"
    if left < 5400:
        return f", about {round(left / 60)} min left"
    return f", about {left / 3600:.1f} h left"
