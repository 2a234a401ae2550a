"""manifest.json: everything that a film was made from and by, so that it can be made again, and so that nobody has to ask."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..project import Project
from ..project.atomic import read_json

_PARTS = ("numpy", "opencv-python-headless", "av", "OpenImageIO", "opencolorio", "torch", "diffusers", "transformers")
_SECRET = re.compile(r"(?i)(?<=://)[^/@\s]+@")


def manifest(project: Project, made: Mapping[str, str], proof: Mapping[str, Any], notes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The whole of it, JSON. The same project run twice gives the same manifest: it holds no time of day.

    made   SHA-256 of each file of out/, by its path relative to the project
    notes  what each step said, by its name
    """
    state = read_json(project.path("state", "steps.json"), {})
    return {
        "format": "genlock inpaint manifest", "format_version": 1,
        "genlock": next((done["version"] for done in state.values() if done.get("version")), ""),
        "software": {"python": platform.python_version(), **_versions()},
        "inputs": _inputs(project),
        "frames": _frames(project),
        "settings": settings(project),
        "painter": read_json(project.path("keys", "jobs.json"), {}).get("identity", {}),
        "keyframes": keyframes(project),
        "checks": read_json(project.path("checks", "groups.json"), {"groups": []})["groups"],
        "composite": {k: v for k, v in read_json(project.path("comp", "report.json"), {}).items() if k != "sure"},
        "untouched": dict(proof),
        "notes": {name: list(said) for name, said in notes.items() if said},
        "log": "log/run.jsonl",
        "files": [{"path": rel, "bytes": project.path(rel).stat().st_size, "sha256": sha} for rel, sha in made.items()],
    }  # fmt: skip


def settings(project: Project) -> dict[str, Any]:
    """genlock.toml, every key with its value, whether written or not; of the painters the chosen one's. Passwords in addresses are left out."""
    from ..project.config import PAINTERS, TABLES

    backend = project.config.inpaint.backend
    return {
        table: {key: _clean(value) for key, value in getattr(project.config, name).to_json().items()}
        for table, name in TABLES.items()
        if name not in PAINTERS or name == backend
    }


def keyframes(project: Project) -> list[dict[str, Any]]:
    """Of each keyframe: its frames, and the picture that is used, with its seed and denoise, its model and what the painter said of it."""
    chosen = project.chosen()
    jobs = {job.job: job for job in project.jobs()}
    rows = []
    for group in project.groups():
        picked = chosen.get(group.keyframe)
        if picked is None:
            continue
        row: dict[str, Any] = {
            "keyframe": group.keyframe, "first": group.first, "last": group.last, "why": group.why, "action": picked.action, "by": picked.by,
        }  # fmt: skip
        if picked.job:
            reply = read_json(project.path("jobs", picked.job, "reply.json"), {})
            job = jobs.get(picked.job)
            facts = _lasting(reply.get("facts", {}))
            row |= {"job": picked.job, "seed": job.seed if job else None, "denoise": job.denoise if job else None}
            row |= {"picture": picked.path, "sha256": reply.get("results", {}), "facts": facts}
        rows.append(row)
    return rows


def _lasting(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How long it took is left out: the same pictures may come sooner."""
    return {name: value for name, value in facts.items() if name != "seconds"}


def _inputs(project: Project) -> dict[str, Any]:
    return {role: {k: v for k, v in record.items() if k != "mtime"} for role, record in read_json(project.path("inputs.json"), {}).items()}


def _frames(project: Project) -> dict[str, Any]:
    facts = project.facts
    return {name: facts[name] for name in ("first", "count", "size", "dtype", "time_base", "rate", "cuts")}


def _versions() -> dict[str, str]:
    out = {}
    for part in _PARTS:
        try:
            out[part] = version(part)
        except PackageNotFoundError:
            continue
    return out


def _clean(value: Any) -> Any:
    return _SECRET.sub("", value) if isinstance(value, str) else value
