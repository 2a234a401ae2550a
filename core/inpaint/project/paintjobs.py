"""The folders of paint jobs: jobs/ID/request.json, picture.png, mask.png, result_000.png, layer_000.png, reply.json, error.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..crop import Crop
from .atomic import read_record, whole
from .records import PaintJob

REQUEST, REPLY, ERROR, RESULT, LAYER = "request.json", "reply.json", "error.json", "result_000.png", "layer_000.png"


def listed(root: Path) -> list[str]:
    """Ids of the jobs that belong to the keyframes as they are now, in order."""
    return read_record(root / "keys" / "jobs.json", lambda body: [_id(job) for job in body["jobs"]], {"jobs": []})


def _id(job: Any) -> str:
    """The name of a folder, and no way out of the project. Raises ValueError."""
    if not isinstance(job, str) or not job or job in (".", "..") or any(c in "/\\\0" for c in job):
        raise ValueError(f"{job!r:.80} is no name of a job")
    return job


def jobs_of(root: Path, keyframe: int | None = None) -> tuple[PaintJob, ...]:
    """Jobs in order of keyframe and seed."""
    found = (read_job(root / "jobs" / job) for job in listed(root))
    return tuple(job for job in found if job is not None and keyframe in (None, job.keyframe))


def read_job(folder: Path) -> PaintJob | None:
    """What a job's folder tells; None where it was never written."""
    asked = read_record(folder / REQUEST, _asked)
    if asked is None:
        return None
    keyframe, seed, crop, denoise = asked
    results = tuple(sorted(folder.glob("result_*.png")))
    done = (folder / REPLY).exists() and bool(results)
    error = read_record(folder / ERROR, lambda body: str(body.get("error", "")), {}) if not done else ""
    state = "done" if done else "failed" if error else "waiting"
    return PaintJob(
        folder.name, keyframe, seed, crop, state, results if done else (), tuple(sorted(folder.glob("layer_*.png"))) if done else (), error, denoise
    )  # fmt: skip


def _asked(request: Mapping[str, Any] | None) -> tuple[int, int, Crop, float] | None:
    if request is None:
        return None
    return whole(request["keyframe"]), whole(request["seed"]), Crop.from_json(request["crop"]), float(request["denoise"])
