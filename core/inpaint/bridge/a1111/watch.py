"""Looks at the server while it paints: how far it is, and whether somebody interrupts the picture.

An interrupted picture comes back with status 200, half painted. With one picture a request nothing in the answer tells, so the state is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ....errors import GenlockError
from ..http import Http

EVERY_S = 1.0
_LOOK_S = 2.0
"""Longest look: a server that is too busy to answer must not keep anybody from stopping."""
_CUT = ("interrupted", "skipped", "stopping_generation")
_MOST = 1 << 20


class Watch:
    """One request's watch."""

    def __init__(self, http: Http, path: str, tell: Callable[[float, str], None]) -> None:
        self._http, self._path, self._tell = http, path, tell
        self._cut: set[str] = set()
        self._next = time.monotonic() + EVERY_S
        self.alone = not self._busy(self.look())
        """Whether the server was idle before the request: what runs now is ours, and may be interrupted."""

    def look(self) -> dict[str, Any]:
        """The server's state; empty where it does not say. Remembers which job was cut short."""
        with suppress(GenlockError):
            told = self._http.send("GET", f"{self._path}?skip_current_image=true", timeout_s=_LOOK_S, most=_MOST).json()
            state = told.get("state") if isinstance(told, dict) else None
            if isinstance(told, dict) and isinstance(state, dict):
                if any(state.get(word) is True for word in _CUT):
                    self._cut.add(str(state.get("job_timestamp")))
                if self._busy(state) and isinstance(told.get("progress"), int | float):
                    self._tell(min(1.0, max(0.0, float(told["progress"]))), f"step {state.get('sampling_step')} of {state.get('sampling_steps')}")
                return state
        return {}

    def stopping(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        """stop, which also looks once a second."""

        def asked() -> bool:
            if time.monotonic() >= self._next:
                self.look()
                self._next = time.monotonic() + EVERY_S
            return stop()

        return asked

    def cut(self, job_timestamp: str) -> bool:
        """Whether the job that began at this time was cut short; looks once more, since the state stays until the next job begins."""
        self.look()
        return job_timestamp in self._cut

    @staticmethod
    def _busy(state: dict[str, Any]) -> bool:
        return bool(state.get("job_count")) or bool(state.get("job"))
