"""Where a job stands, and whether anyone still wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .errors import Cancelled


def _silent(done: float, what: str) -> None:
    """Nobody listens."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Progress:
    """Progress of a job, 0 to 1, given to core's functions as an argument.

    tell    called with (done 0..1, what is being done, in a few words)
    wanted  False once nobody wants the job any more; cheap, called often, from any thread
    The default tells nobody and is always wanted, so no caller asks whether there is one.
    """

    tell: Callable[[float, str], None] = _silent
    wanted: Callable[[], bool] = _always
    start: float = 0.0
    share: float = 1.0

    def at(self, done: float, what: str = "") -> None:
        """Say how much of this part is done; raises Cancelled once nobody wants it."""
        self.check()
        self.tell(self.start + self.share * min(1.0, max(0.0, done)), what)

    def check(self) -> None:
        """Raise Cancelled once nobody wants the job."""
        if not self.wanted():
            raise Cancelled("stopped by request")

    def part(self, start: float, share: float) -> Progress:
        """The same job seen from one of its parts."""
        return Progress(self.tell, self.wanted, self.start + self.share * start, self.share * share)
