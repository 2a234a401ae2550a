"""The small package that a host gets: what an adapter needs of genlock, and nothing heavier than the standard library and pyblish.

    genlock/__init__.py                            the version
    genlock/hosts/{__init__,jobs,launch,shelf,aligned,reviewing}.py
    genlock/hosts/settings.json
    genlock/hosts/publishing/, genlock/plugins/    pyblish, for hosts that have it
    genlock/hosts/HOST/...

Relative imports work in it as in the whole package, below whatever parent it is put.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..launch import WORKER_FILE

ROOT = Path(__file__).resolve().parents[2]
_HOSTS = ("__init__.py", "jobs.py", "launch.py", "shelf.py", "aligned.py", "reviewing.py", "settings.json")
SHARED = ("__init__.py", *(f"hosts/{name}" for name in _HOSTS))
FOLDERS = ("hosts/publishing", "plugins")


def mini_package(host: str) -> dict[str, bytes]:
    """The files by their path below the package's parent, with slashes: genlock/hosts/jobs.py."""
    own = (path for folder in (*FOLDERS, f"hosts/{host}") for path in sorted((ROOT / folder).rglob("*.py")))
    paths = [*(ROOT / name for name in SHARED), *own]
    return {f"genlock/{path.relative_to(ROOT).as_posix()}": path.read_bytes() for path in paths}


def beside_adapter(host: str) -> str:
    """Where worker.json lies for a host whose adapter looks beside itself."""
    return f"genlock/hosts/{host}/{WORKER_FILE}"


def worker_note(version: str, command: Sequence[str] | None = None) -> bytes:
    """worker.json: how this very genlock is called, whatever PATH a host has."""
    return (json.dumps({"command": list(command or this_command()), "version": version}, indent=1) + "\n").encode("utf-8")


def this_command() -> list[str]:
    """How the genlock that runs now is called: its program beside Python, else Python itself."""
    python = Path(sys.executable)
    for name in ("genlock", "genlock.exe"):
        if python.with_name(name).is_file():
            return [str(python.with_name(name))]
    return [str(python), "-m", "genlock"]
