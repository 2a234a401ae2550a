"""The script without a window: what is picked is aligned, and lines in Resolve's console tell how it goes.

Workspace > Console shows them. Resolve runs a script from the menu in a process of its own, so a loop here stops nothing there.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .carrying import Going, Telling
from .flow import last_lines

_TURN_S = 0.25


class Lines:
    """Progress as lines: one whenever the work or a tenth of it is new."""

    def __init__(self, write: Callable[[str], None] = print) -> None:
        self._write = write
        self._last = (-1, "")

    def say(self, text: str) -> None:
        """A line."""
        self._write(text)

    def progress(self, done: float, what: str) -> None:
        """A line now and then."""
        now = (int(done * 10), what)
        if what and now != self._last:
            self._last = now
            self._write(f"{done:4.0%}  {what}")

    def telling(self) -> Telling:
        """As a flow takes it."""
        return Telling(self.say, self.progress)


def carry(flow: Going, lines: Lines, wait: Callable[[float], None] = time.sleep) -> None:
    """Step until it is over, then tell how it ended. The flow has begun."""
    try:
        while not flow.step():
            wait(_TURN_S)
    except KeyboardInterrupt:
        flow.stop()
    for line in last_lines(flow):
        lines.say(line)
