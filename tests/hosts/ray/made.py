"""A job for a cluster: small, of many units, and what it has to give."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from genlock.hosts.jobs import Job, Request
from genlock.tests.core.render.made import aligned, film, media
from genlock.tests.hosts.ray.clusters import environment

SIZE_WH = (160, 96)
UNIT = 24
"""Pictures of a unit, where the output is a picture sequence."""


def footage(folder: Path, frames: int = 8 * UNIT) -> Path:
    """clip.mkv and ref.mkv, and a.json that lays one on the other."""
    dice = np.random.default_rng(5)
    wall = np.kron(dice.integers(0, 255, (12, 80, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
    for name in ("clip", "ref"):
        film(folder / f"{name}.mkv", (wall[:, 2 * n : 2 * n + SIZE_WH[0]] for n in range(frames)), Fraction(24))
    sides = [media(folder / f"{name}.mkv", frames, SIZE_WH) for name in ("clip", "ref")]
    found = aligned(sides[0], sides[1], list(range(frames)), lambda n: (1.0, 0.0, 0.4 + 0.05 * n, 0.0, 1.0, -0.3, 0.0, 0.0, 1.0))
    (folder / "a.json").write_text(json.dumps(found.to_json()))
    return folder / "a.json"


def job(folder: Path, kind: str, inputs: dict[str, str], output: str, settings: dict[str, Any] | None = None) -> Job:
    """A job folder whose output lies beside it."""
    folder.mkdir()
    return Job.create(str(folder / "job"), Request(kind, inputs, (str(folder / output),), settings or {}))


def outputs(folder: Path) -> dict[str, bytes]:
    """What stands beside a job's folder, hidden files too."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "job"}


def here(made: Job, home: Path) -> dict[str, bytes]:
    """What `genlock run` gives in one process."""
    words = [sys.executable, "-m", "genlock", "run", made.folder, "--quiet", "--workers", "1"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment(home), cwd=home)
    assert done.returncode == 0, done.stderr
    return outputs(Path(made.folder).parent)


def begun(made: Job, on: str, home: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    """`genlock run JOB --on …`, under way."""
    command = [sys.executable, "-m", "genlock", "run", made.folder, "--on", on, "--quiet", *words]
    told = environment(home, **env)
    del told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"]  # nobody who names a cluster says this as well
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=told, cwd=home)


def ended(process: subprocess.Popen[str], seconds: float = 300.0) -> tuple[int, str]:
    """Its exit status and what it complains of."""
    try:
        _, said = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return process.returncode, said
