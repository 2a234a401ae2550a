"""Waits for the end of a prompt: history says when it is there, the WebSocket when it is time to look, the queue whether it is still coming.

History is written after the server has told that all went well, so being told is no end yet. And history is kept in memory: a prompt
that is neither queued nor in history was deleted, or the server was started anew.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ....errors import Cancelled
from ...contract import RetryLater
from ..websocket import Closed, WebSocket
from .calls import Calls
from .outcome import Outcome, of_history

GONE_S = 3.0
"""A prompt that cannot be seen for so long is gone."""
_SLICE_S = 0.2
_QUIET_S = 1.0
_ENDS = ("execution_success", "execution_error", "execution_interrupted")


class Ear:
    """Hears what the server tells this client, where it can be heard at all: a proxy may let no WebSocket through."""

    def __init__(self, calls: Calls, tell: Callable[[float, str], None]) -> None:
        self._tell = tell
        self._line: WebSocket | None = None
        self.lost = False
        """Whether it could be heard once, and cannot any more."""
        with suppress(Closed):
            address = calls.http.address
            self._line = WebSocket(address, f"{address.path}/ws?clientId={calls.client}", calls.http.headers, 5.0)

    @property
    def open(self) -> bool:
        return self._line is not None

    def ended(self, prompt: str, wait_s: float) -> bool:
        """Whether the end of this prompt was told within the time."""
        until = time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            if self._line is None:
                time.sleep(left)
                return False
            try:
                text = self._line.hear(left)
            except Closed:
                self.close()
                self.lost = True
                return False
            if text is not None and self._is_end(text, prompt):
                return True
        return False

    def _is_end(self, text: str, prompt: str) -> bool:
        try:
            message: Any = json.loads(text)
            kind, data = message["type"], message["data"]
            if data.get("prompt_id") != prompt:
                return False
            if kind == "progress" and data["max"] > 0:
                self._tell(min(1.0, max(0.0, data["value"] / data["max"])), f"step {data['value']} of {data['max']}")
            return kind in _ENDS or (kind == "executing" and data.get("node") is None)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def wait(calls: Calls, ear: Ear, prompt: str, out: str, version: str, timeout_s: float, stop: Callable[[], bool]) -> Outcome:
    """The end of a prompt. Time runs from when it is at work, not while it stands in the queue behind others.

    Raises Cancelled (the prompt is ended, and nobody else's), RetryLater where it takes too long or is gone.
    """
    seen = began = time.monotonic()
    while True:
        outcome = of_history(calls.history(prompt), prompt, out)
        if outcome is not None:
            return outcome
        now, place = time.monotonic(), calls.queued(prompt)
        if place:
            seen = now
        if place == "pending":
            began = now
        if now - began > timeout_s:
            calls.cancel(prompt, version)
            raise RetryLater(f"{calls.http.server} has not painted the picture within {timeout_s:g} s", "raise timeout_s where its work takes longer")
        if now - seen > GONE_S:
            raise RetryLater(
                f"{calls.http.server} does not know the picture any more", "it was deleted from the queue, or the server was started anew"
            )
        until = now + _QUIET_S
        while time.monotonic() < until:
            if stop():
                calls.cancel(prompt, version)
                raise Cancelled("stopped by request")
            if ear.ended(prompt, _SLICE_S) or not (ear.open and place):
                break
