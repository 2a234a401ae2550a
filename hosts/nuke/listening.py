"""Hears from a job in a thread of its own, and tells Nuke's main thread. The thread itself never touches a node.

Nuke's window would freeze on anything that waits: the start of the worker, the reading of its events, the end of one that does not stop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import nuke

from .. import launch
from ..jobs import Failed, JobError, Message

POLL_S = 0.2
Tell = Callable[[str, list[Message]], None]


class Listener(threading.Thread):
    """Begins a job, or finds one again, and tells what it says until it is over."""

    def __init__(self, folder: str, begin: Callable[[], launch.Running | None], tell: Tell) -> None:
        """folder names the job; begin is called in the thread, and may take its time; tell is called in Nuke's main thread."""
        super().__init__(name=f"genlock {folder}", daemon=True)
        self._folder = folder
        self._begin = begin
        self._tell = tell
        self._wake = threading.Event()
        self._stop_job = False
        self._deaf = False

    def stop_job(self) -> None:
        """End the job; its last message still comes. Returns at once."""
        self._stop_job = True
        self._wake.set()

    def stop_listening(self) -> None:
        """End the thread and leave the job alone, as when Nuke opens another script. Returns at once."""
        self._deaf = True
        self._wake.set()

    def run(self) -> None:
        """What the thread does."""
        try:
            running = self._begin()
            if running is None:
                raise JobError("the job had not begun when this script was left; start it again")
            while not self._deaf and not running.over:
                if self._stop_job:
                    running.stop()
                self._say(running.poll())
                self._wake.wait(POLL_S)
        except JobError as error:
            self._say([Failed("job", str(error))])
        except Exception as error:
            self._say([Failed("fault", f"Genlock's plug-in failed: {type(error).__name__}: {error}")])

    def _say(self, messages: list[Message]) -> None:
        if messages and not self._deaf:
            nuke.executeInMainThread(self._tell, args=(self._folder, messages))
