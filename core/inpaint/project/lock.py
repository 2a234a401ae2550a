"""One writer at a time: a file says who it is, by process and host, and one whose process is gone is known to be stale."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ...errors import GenlockError, cannot_write
from ...processes import alive, began

_TURN_S = 0.02
_FRESH_S = 5.0
"""A lock that has been seen to say nothing for so long will not be filled in: whoever made it was killed. No clock is asked that can jump."""


@contextmanager
def locked(path: Path, what: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a lock file for as long as the block runs.

    what    names what is locked, for the message
    wait_s  how long another holder is waited for
    Raises GenlockError where somebody else holds it, OutputError where it cannot be written.
    """
    began = time.monotonic()
    until, said_at = began + wait_s, began
    while not _take(path):
        holder = _holder(path)
        said_at = said_at if not holder else time.monotonic()
        if _stale(holder) or time.monotonic() - said_at > _FRESH_S:
            _break(path, holder)
        elif not holder:
            time.sleep(_TURN_S)
        elif time.monotonic() >= until:
            raise GenlockError(f"{what} is in use by process {holder.get('pid', '?')} on {holder.get('host', '?')}", _advice(path, holder))
        else:
            time.sleep(_TURN_S)
    try:
        yield
    finally:
        if _holder(path) == _me():
            with suppress(OSError):
                path.unlink()


def holder_of(path: Path) -> dict[str, Any]:
    """Who holds a lock file now: {"pid", "host"}; {} where nobody does, or whoever did is gone."""
    holder = _holder(path)
    return {} if not holder or _stale(holder) else {"pid": holder.get("pid"), "host": holder.get("host")}


def _take(path: Path) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8") as file:
            json.dump(_me(), file)
    except FileExistsError:
        return False
    except OSError as error:
        raise cannot_write(str(path), error) from error
    return True


def _me() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "began": began(os.getpid())}


def _holder(path: Path) -> dict[str, Any]:
    """Who holds it; {} where the file is gone, or says nothing."""
    try:
        body = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _stale(holder: dict[str, Any]) -> bool:
    """Whether the holder is known to be gone. Of another host nothing is known."""
    if holder.get("host") != socket.gethostname() or not isinstance(holder.get("pid"), int):
        return False
    return not alive(holder["pid"]) or holder.get("began") != began(holder["pid"])


def _break(path: Path, holder: dict[str, Any]) -> None:
    """Take a stale lock away. It is renamed first: of two that break it, one gets it, and puts back what was not stale after all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.stale")
    try:
        os.rename(path, aside)
    except OSError:
        return
    if _holder(aside) != holder:
        with suppress(OSError):
            os.link(aside, path)
    with suppress(OSError):
        aside.unlink()


def _advice(path: Path, holder: dict[str, Any]) -> str:
    here = holder.get("host") == socket.gethostname()
    return "wait until it is done, or stop it" if here else f"wait until it is done; if it is gone, delete {path}"
