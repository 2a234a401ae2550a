"""What the page is told of an inpainting project: groups with their pictures, what was said of them, and how the run stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import GenlockError
from ...core.inpaint.project import Group, PaintJob, Project, Selection
from ...core.inpaint.project.atomic import read_json, write_json
from ...core.inpaint.project.lock import holder_of

_SEAT: dict[str, Any] = {"keyframe": None, "advance": True, "notes": {}}


def project_state(project: Project) -> dict[str, Any]:
    """JSON. Where nothing can be reviewed yet, `ready` is False and `why` says what is missing."""
    head = {
        "name": project.root.name,
        "backend": project.config.inpaint.backend,
        "held": bool(holder_of(project.path("state", "lock"))),
        "seat": seat_of(project),
        "groups": [],
    }
    try:
        facts, groups = project.facts, project.groups()
    except GenlockError as error:
        return {**head, "ready": False, "why": str(error)}
    return {**head, "ready": True, "size": facts["size"], "rate": _rate(facts), "groups": _groups(project, groups)}


def seat_of(project: Project) -> dict[str, Any]:
    """Where the person was, and notes on keyframes that have no pick yet."""
    return {**_SEAT, **read_json(project.path("picks", "review.json"), {})}


def save_seat(project: Project, **changed: Any) -> None:
    """Keep some of it; the rest stays."""
    write_json(project.path("picks", "review.json"), {**seat_of(project), **changed})


def _rate(facts: Mapping[str, Any]) -> float:
    """Frames a second, to play the loop by."""
    above, _, below = str(facts.get("rate", "24")).partition("/")
    return float(above) / float(below or 1)


def _groups(project: Project, groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    said, checks, notes = project.selections(), _checks(project), seat_of(project)["notes"]
    jobs: dict[int, list[PaintJob]] = defaultdict(list)
    for job in project.jobs():
        jobs[job.keyframe].append(job)
    return [
        {
            "keyframe": group.keyframe,
            "first": group.first,
            "last": group.last,
            "why": group.why,
            "crop": [group.crop.left, group.crop.top, group.crop.width, group.crop.height],
            "flagged": bool(checks.get(group.keyframe, {}).get("flagged")),
            "flag": str(checks.get(group.keyframe, {}).get("why") or ""),
            "figures": {name: checks.get(group.keyframe, {}).get(name) for name in ("excess_warp", "colour_z")},
            "jobs": [_job(job, several=len({one.denoise for one in jobs[group.keyframe]}) > 1) for job in jobs[group.keyframe]],
            "said": _said(project, group, jobs[group.keyframe], said.get(group.keyframe), notes.get(str(group.keyframe), "")),
            "corrected": project.correction_path(group.keyframe).exists(),
            "comp": _composited(project, group),
        }
        for group in groups
        if group.why != "empty"
    ]


def _job(job: PaintJob, several: bool) -> dict[str, Any]:
    """several: the keyframe's pictures were made anew by different shares, so each says its own."""
    batch = f"denoise {job.denoise:g}" if several else ""
    name = job.results[0].name if job.results else ""
    return {"job": job.job, "seed": job.seed, "batch": batch, "state": job.state, "error": job.error, "name": name}


def _said(project: Project, group: Group, jobs: Sequence[PaintJob], said: Selection | None, note: str) -> dict[str, Any]:
    """What a person said, as far as it still holds: a redo that is painted, or a pick that was made anew since, waits for them again."""
    if said is None:
        return {"action": "", "job": "", "note": note, "again": ""}
    again = ""
    if said.action == "redo" and _painted_again(project, group.keyframe, jobs, said):
        again = "painted again"
    elif said.action == "pick" and jobs and said.job not in {job.job for job in jobs}:
        again = "picked before, and made anew since"
    return {"action": "" if again else said.action, "job": said.job, "note": said.note or note, "again": again}


def _painted_again(project: Project, keyframe: int, jobs: Sequence[PaintJob], said: Selection) -> bool:
    """Whether what was asked for is there: the picture of the new seed; of the embedded fill, which has one answer, one that knows the mask."""
    if project.config.inpaint.backend != "classic":
        return any(job.seed == said.seed and job.state == "done" for job in jobs)
    correction = project.correction_path(keyframe)
    asked_ns = correction.stat().st_mtime_ns if correction.exists() else 0
    return all(job.state == "done" and job.results[0].stat().st_mtime_ns >= asked_ns for job in jobs)


def _checks(project: Project) -> dict[int, Mapping[str, Any]]:
    """What the step check found, by keyframe."""
    body = read_json(project.path("checks", "groups.json"), {"groups": []})
    return {int(group["keyframe"]): group for group in body["groups"]}


def _composited(project: Project, group: Group) -> int:
    """When the newest of the group's composited frames was made; 0 while one is missing."""
    comp = project.pictures("comp")
    try:
        return max(comp.path(number).stat().st_mtime_ns for number in group.frames) // 1_000_000
    except OSError:
        return 0
