"""The folders of paint jobs: jobs/ID/request.json, picture.png, mask.png, result_000.png, layer_000.png, reply.json, error.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..crop import Crop
from .atomic import read_json
from .records import PaintJob

REQUEST, REPLY, ERROR, RESULT, LAYER = "request.json", "reply.json", "error.json", "result_000.png", "layer_000.png"


def listed(root: Path) -> list[str]:
    """Ids of the jobs that belong to the keyframes as they are now, in order."""
    return list(read_json(root / "keys" / "jobs.json", {"jobs": []})["jobs"])


def jobs_of(root: Path, keyframe: int | None = None) -> tuple[PaintJob, ...]:
    """Jobs in order of keyframe and seed."""
    found = (read_job(root / "jobs" / job) for job in listed(root))
    return tuple(job for job in found if job is not None and keyframe in (None, job.keyframe))


def read_job(folder: Path) -> PaintJob | None:
    """What a job's folder tells; None where it was never written."""
    request: Mapping[str, Any] | None = read_json(folder / REQUEST)
    if request is None:
        return None
    results = tuple(sorted(folder.glob("result_*.png")))
    done = (folder / REPLY).exists() and bool(results)
    error = read_json(folder / ERROR, {}) if not done else {}
    state = "done" if done else "failed" if error else "waiting"
    return PaintJob(
        folder.name, request["keyframe"], request["seed"], Crop.from_json(request["crop"]), state, results if done else (),
        tuple(sorted(folder.glob("layer_*.png"))) if done else (), error.get("error", ""), request["denoise"],
    )  # fmt: skip
