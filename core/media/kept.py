"""What a first pass over footage found, kept as JSON for whoever needs it next: written beside and renamed, checked when it is read back."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from .info import FrameIndex
from .write.beside import name_beside

MOST_BYTES = 1 << 30


def keep(path: str | Path, body: Any) -> None:
    """Write JSON as a whole or not at all; the folder is made. A disk that refuses is no failure: it is found out anew next time."""
    part = name_beside(str(path))
    try:
        os.makedirs(os.path.dirname(part), exist_ok=True)
        with open(part, "x", encoding="utf-8") as file:
            json.dump(body, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            os.unlink(part)


def kept(path: str | Path) -> Any:
    """What was kept; None where there is nothing that can be read."""
    try:
        if os.path.getsize(path) > MOST_BYTES:
            return None
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError, RecursionError):
        return None


def index_to_json(index: FrameIndex) -> dict[str, Any]:
    """As index_from_json() reads it."""
    return {"pts": list(index.pts), "keys": list(index.keys)}


def index_from_json(body: Any) -> FrameIndex | None:
    """None where this is no index: whole numbers, key frames ascending and among the frames."""
    if not isinstance(body, dict) or not all(is_whole(body.get(name)) for name in ("pts", "keys")):
        return None
    pts, keys = body["pts"], body["keys"]
    rises = all(a < b for a, b in pairwise(keys))
    return FrameIndex(tuple(pts), tuple(keys)) if pts and rises and (not keys or 0 <= keys[0] <= keys[-1] < len(pts)) else None


def is_whole(numbers: Any) -> bool:
    """Whether this is a list of whole numbers."""
    return isinstance(numbers, list) and all(type(number) is int for number in numbers)
