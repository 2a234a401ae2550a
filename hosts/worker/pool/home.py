"""The job folder of a command that named none, for as long as several processes work at it: hidden beside its first output.

There it lies where the output will, on a disk that has to hold the same pictures anyway, and under a name made from what was asked: a command
that was killed is gone on from by the same command.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from ...jobs import Request
from ..locks import hold
from ..outputs import forget, forget_at_end
from ..pieces import LOCK, sweep


class Home:
    """The folder. close() has to be called."""

    def __init__(self, root: str, lock: Any) -> None:
        self._root, self._lock = root, lock
        self.job = os.path.join(root, "job")
        """Where the job lies in it."""

    @classmethod
    def of(cls, request: Request) -> Home | None:
        """For a request with outputs; None where it cannot be had now: another process works there, or the folder cannot be written."""
        first = os.path.abspath(request.outputs[0])
        folder, name = os.path.split(first)
        key = hashlib.blake2b(json.dumps(request.to_json(), sort_keys=True).encode(), digest_size=12).hexdigest()
        root = os.path.join(folder, f".{name[:80]}.{key}.pieces")
        try:
            os.mkdir(root) if not os.path.isdir(root) else None
            lock = hold(os.path.join(root, LOCK))
        except OSError:
            return None
        if lock is None:
            return None
        forget_at_end(root)
        sweep(folder, name, root, {folder, os.path.dirname(os.path.realpath(first))})
        return cls(root, lock)

    def close(self, keep: bool = False) -> None:
        """Take it away, or leave it to the same command."""
        if os.name == "nt":
            self._lock.close()
        if not keep:
            forget(self._root)
        self._lock.close()
