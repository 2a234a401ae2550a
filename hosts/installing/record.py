"""What was put where, with digests: installed.json in the folder of an installation, so that exactly that is taken out again."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field

from ...core.errors import FormatError
from ..jobs import write_whole

NAME = "installed.json"
SCHEMA = 1


def digest(body: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def digest_of(path: str) -> str:
    """Of a file; empty where there is none."""
    try:
        with open(path, "rb") as file:
            return digest(file.read())
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return ""


@dataclass
class Record:
    """What an installation consists of. Paths are absolute here, and in the file relative to its folder where they lie in it."""

    host: str
    version: str
    files: dict[str, str] = field(default_factory=dict)
    """Digest by path."""
    lines: dict[str, str] = field(default_factory=dict)
    """What was added to a person's file, byte for byte, by its path."""
    made: list[str] = field(default_factory=list)
    """Those of the person's files that did not exist before."""


def path_in(root: str) -> str:
    """The record's own path."""
    return os.path.join(root, NAME)


def load(root: str) -> Record | None:
    """The record in a folder; None where genlock was not installed there. Raises FormatError where it is damaged."""
    try:
        with open(path_in(root), encoding="utf-8") as file:
            body = json.load(file)
        if body["genlock"] != SCHEMA:
            raise FormatError(f"{path_in(root)} has version {body['genlock']!r}, and this genlock reads {SCHEMA}", "use the genlock that wrote it")
        absolute = {os.path.normpath(os.path.join(root, name)): value for name, value in body["files"].items()}
        lines = {os.path.normpath(os.path.join(root, name)): str(value) for name, value in body["lines"].items()}
        made = [os.path.normpath(os.path.join(root, name)) for name in body["made"]]
        return Record(str(body["host"]), str(body["version"]), absolute, lines, made)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path_in(root)} cannot be read: {error}", "delete that folder and install again") from error


def save(root: str, record: Record) -> None:
    """Write the record, whole."""
    body = {
        "genlock": SCHEMA,
        "host": record.host,
        "version": record.version,
        "files": {_named(path, root): value for path, value in sorted(record.files.items())},
        "lines": {_named(path, root): value for path, value in sorted(record.lines.items())},
        "made": [_named(path, root) for path in record.made],
    }
    write_whole(path_in(root), json.dumps(body, indent=1) + "\n")


def _named(path: str, root: str) -> str:
    """Relative within the folder and beside it, so that a .nuke may be moved; else absolute."""
    near = os.path.normcase(os.path.join(os.path.dirname(root), ""))
    return os.path.relpath(path, root).replace(os.sep, "/") if os.path.normcase(path).startswith(near) else path
