"""Files of a project are written under a hidden name, flushed to the disk, and renamed: a reader sees the old one or the new one, whole."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import FormatError, GenlockError, cannot_write

HIDDEN = ".part"


def hidden(path: Path) -> Path:
    """Where a file stands until it is whole: beside its place, so that the rename is one step. The suffix stays, for those who go by it."""
    return path.with_name(f".{path.stem[:80]}.{os.getpid()}{HIDDEN}{path.suffix}")


def settle(path: Path, place: Path) -> None:
    """Flush a finished file to the disk and give it its name. Raises OutputError."""
    try:
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(path, place)
    except OSError as error:
        raise cannot_write(str(place), error) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file; its folder is made where it is missing. Raises OutputError."""
    beside = hidden(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise cannot_write(str(path), error) from error


def json_bytes(body: Any) -> bytes:
    """The one way in which JSON is written, so that equal contents are equal files."""
    return (json.dumps(body, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def write_json(path: Path, body: Any) -> None:
    """Write a whole file of JSON. Raises OutputError."""
    write_bytes(path, json_bytes(body))


def read_json(path: Path, missing: Any = None) -> Any:
    """What a file of JSON holds, or `missing` where there is no such file. Raises FormatError where it is damaged, GenlockError."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return missing
    except OSError as error:
        raise GenlockError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is damaged: {error}", "put back a copy, or delete it") from error


def sweep(folder: Path) -> None:
    """Take away what a process that was killed left half written."""
    for path in folder.rglob(f".*{HIDDEN}*"):
        with suppress(OSError):
            path.unlink()
