"""How an installation stands: its version, what was changed in it, whether its worker is still there."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass

from ... import __version__
from ...core.errors import FormatError, UsageError
from ..launch import WORKER_FILE
from . import record as records
from .plans import places_of
from .record import Record, digest_of


@dataclass(frozen=True)
class Standing:
    """One installation."""

    host: str
    root: str
    version: str
    told: str
    """For a person: up to date, or what is wrong."""
    next_step: str = ""
    """The command that mends it; empty where nothing is wrong."""


def standing(host: str, root: str) -> Standing | None:
    """Of the installation in a folder; None where there is none."""
    try:
        record = records.load(root)
    except FormatError as error:
        return Standing(host, root, "?", str(error), _mend(host, root))
    if record is None or record.host != host:
        return None
    wrong = _wrong(record)
    return Standing(host, root, record.version, "; ".join(wrong) or "up to date", _mend(host, root, record) if wrong else "")


def _mend(host: str, root: str, record: Record | None = None) -> str:
    """The command that installs there again; with --to where it is not the usual place."""
    try:
        usual = places_of(host, sys.platform, os.environ)
    except UsageError:
        usual = []
    to = "" if root in usual else os.path.dirname(root)
    if to and host == "resolve":  # whose scripts lie apart from its package
        inside = os.path.join(root, "")
        to = next((os.path.dirname(path) for path in (record.files if record else ()) if not path.startswith(inside)), "")
    more = f" --to {_quoted(to)}" if to else ""
    return f"bring it up to date with: genlock hosts install {host}{more}"


def _quoted(path: str) -> str:
    return subprocess.list2cmdline([path]) if sys.platform == "win32" else shlex.quote(path)


def _wrong(record: Record) -> list[str]:
    found = []
    if record.version != __version__:
        found.append(f"out of date: this genlock is {__version__}")
    now = {path: digest_of(path) for path in record.files}
    missing = sum(not there for there in now.values())
    changed = sum(bool(there) and there != record.files[path] for path, there in now.items())
    if missing:
        found.append(f"{missing} file{'' if missing == 1 else 's'} missing")
    if changed:
        found.append(f"{changed} file{'' if changed == 1 else 's'} changed by hand")
    found += [f"the lines in {path} are gone" for path, text in record.lines.items() if not _holds(path, text)]
    worker = _worker(record)
    if worker and not os.path.exists(worker):
        found.append(f"genlock was at {worker} and is gone")
    return found


def _holds(path: str, text: str) -> bool:
    try:
        with open(path, "rb") as file:
            return text.encode("utf-8") in file.read()
    except OSError:
        return False


def _worker(record: Record) -> str:
    for path in record.files:
        if os.path.basename(path) == WORKER_FILE:
            try:
                with open(path, encoding="utf-8") as file:
                    return str(json.load(file)["command"][0])
            except (OSError, ValueError, KeyError, IndexError):
                return ""
    return ""
