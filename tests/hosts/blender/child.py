"""A Blender in a process of its own: a crash of it is a failed test, and not a lost run."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from genlock.hosts.installing.blender_zip import pack

PYTHONS = [python for python in os.environ.get("GENLOCK_BPY", "").split(os.pathsep) if python]
"""Pythons that have bpy."""
HERE = Path(__file__).parent
_NONE = pytest.param("", marks=pytest.mark.skip(reason="GENLOCK_BPY names no Python that has bpy; .ci/blender makes some"))
each_blender = pytest.mark.parametrize("python", PYTHONS or [_NONE], ids=lambda python: Path(python).parts[-3] if python else "none")
"""Runs a test once in every Blender there is."""


def worker_command(folder: Path) -> Path:
    """A command that starts the genlock of this checkout."""
    path = folder / "genlock"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m genlock "$@"\n')
    path.chmod(0o755)
    return path


def unpacked(room: Path) -> Path:
    """The add-on's zip, unpacked into ROOM/ext/genlock_addon."""
    place = room / "ext" / "genlock_addon"
    with zipfile.ZipFile(pack(room / "dist")) as packed:
        packed.extractall(place)
    return place


def inside(python: str, script: str, room: Path, task: Any, limit_s: float = 120, **more: str) -> Any:
    """What a script of inside/ answers. Fails where it raises, crashes, or takes too long."""
    if not (room / "ext").exists():
        unpacked(room)
    (room / "task.json").write_text(json.dumps(task))
    (room / "answer.json").unlink(missing_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GENLOCK_COMMAND"))}
    env |= {
        "GENLOCK_COMMAND": str(worker_command(room)), "GENLOCK_JOBS": str(room / "jobs"), "BLENDER_USER_RESOURCES": str(room / "user"),
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore", **more,
    }  # fmt: skip
    (room / "user").mkdir(exist_ok=True)
    command = [python, "-m", f"inside.{script}", str(room)]
    done = subprocess.run(command, cwd=HERE, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit_s, check=False)
    answer = room / "answer.json"
    assert answer.exists(), f"Blender ended with {done.returncode} and said nothing:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    body = json.loads(answer.read_text())
    assert "error" not in body, body["error"]
    return body["said"]
