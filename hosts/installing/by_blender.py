"""Lets a Blender install the extension by its own command line, which switches it on at once."""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
import zipfile

from ... import __version__
from ...core.errors import OutputError, UsageError
from ..launch import clean_environment
from ..worker.desk import Answer
from . import layout

ID = "genlock"
_LIMIT_S = 120


def install(program: str, dry: bool = False) -> Answer:
    """Build the extension and hand it to Blender. Raises UsageError where the program is none, OutputError where it refuses."""
    body = archive()
    if dry:
        return Answer(f"genlock {__version__} would be installed by {program}.", figures={"host": "blender", "dry_run": True})
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"genlock-blender-{__version__}.zip")
        with open(path, "wb") as file:
            file.write(body)
        _call(program, "install-file", "-r", "user_default", "-e", path)
    return Answer(f"genlock {__version__} is installed and switched on by {program}.", figures={"host": "blender", "dry_run": False})


def remove(program: str, dry: bool = False) -> Answer:
    """Let Blender remove it. Raises as install() does."""
    if not dry:
        _call(program, "remove", ID)
    return Answer(f"genlock {'would be' if dry else 'is'} removed by {program}.", figures={"host": "blender", "dry_run": dry})


def archive() -> bytes:
    """The extension, with worker.json in it, as a zip."""
    from .blender_zip import contents

    body = {**contents(), layout.beside_adapter("blender"): layout.worker_note(__version__)}
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(body.items()):
            packed.writestr(name, data)
    return room.getvalue()


def _call(program: str, *words: str) -> None:
    command, env = [program, "--command", "extension", *words], clean_environment()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LIMIT_S, env=env, check=False)
    except FileNotFoundError as error:
        raise UsageError(f"there is no program {program}", "name Blender's own program, such as /opt/blender/blender") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputError(f"{program} cannot be run: {error}", "install without --program, and switch Genlock on in Blender's preferences") from error
    if done.returncode:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()][-1:] or [f"status {done.returncode}"]
        raise OutputError(f"{program} refused: {said[0].strip()}", "install without --program, and switch Genlock on in Blender's preferences")
