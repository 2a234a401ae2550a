"""Files of a project are written under a hidden name, flushed to the disk, and renamed: a reader sees the old one or the new one, whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from ...errors import FormatError, GenlockError, cannot_write

HIDDEN = ".part"
_T = TypeVar("_T")
_MOST = 1 << 53
_MOST_BYTES = 64 << 20


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
        with open(path, "rb") as file:
            body = file.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MiB")
        return json.loads(body)
    except FileNotFoundError:
        return missing
    except OSError as error:
        raise GenlockError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is damaged: {error}", "put back a copy, or delete it") from error


def read_record(path: Path, meant: Callable[[Any], _T], missing: Any = None) -> _T:
    """What a file of JSON means. Raises FormatError also where it is JSON of another form: a project may come from anybody.

    meant  makes it of the JSON; what it raises over a part that is missing, or of another sort, is told as damage
    """
    body = read_json(path, missing)
    try:
        return meant(body)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(f"{path} is damaged: {type(error).__name__} {error}", "put back a copy, or delete it") from error


def whole(value: Any) -> int:
    """A number of a frame, a seed or the like. Raises ValueError."""
    if type(value) is not int or abs(value) > _MOST:
        raise ValueError(f"{value!r:.40} is no whole number")
    return value


def sweep(folder: Path) -> None:
    """Take away what a process that was killed left half written."""
    for path in folder.rglob(f".*{HIDDEN}*"):
        with suppress(OSError):
            path.unlink()
