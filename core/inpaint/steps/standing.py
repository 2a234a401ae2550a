"""How a project stands: which steps are done, which are out of date, what waits for a person. Runs and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...errors import GenlockError
from ..project import Project
from ..project.atomic import read_json, read_record
from .state import State
from .step import Step, key_of


def standing(project: Project, steps: Sequence[Step]) -> dict[str, Any]:
    """{"steps": [{"name", "state", "seconds", "notes"}], "keyframes": […], "next": …}; JSON.

    state is done, stale (what goes in has changed), todo, or off (this project has no such step).
    Raises FormatError where a file of the project is damaged.
    """
    state = State(project)
    rows: list[dict[str, Any]] = []
    fresh = True
    for step in steps:
        if not step.wanted(project):
            rows.append({"name": step.name, "state": "off", "seconds": 0.0, "notes": []})
            continue
        fresh = fresh and _stands(step, project, state, steps)
        done = state.done.get(step.name)
        now = "done" if fresh and done else "stale" if done else "todo"
        rows.append({"name": step.name, "state": now, "seconds": done.seconds if done else 0.0, "notes": list(done.notes) if done else []})
    following = next((row["name"] for row in rows if row["state"] in ("stale", "todo")), "")
    return {"steps": rows, "keyframes": _keyframes(project), "next": following}


def _stands(step: Step, project: Project, state: State, steps: Sequence[Step]) -> bool:
    wanted = {other.name for other in steps if other.wanted(project)}
    outputs = {name: output for name, output in state.outputs().items() if name in wanted}
    try:
        return state.stands(step.name, key_of(step, project, outputs))
    except GenlockError:
        return False


def _flagged(body: Any) -> dict[int, str]:
    return {row["keyframe"]: str(row["why"]) for row in body["groups"] if row["flagged"]}


def _keyframes(project: Project) -> list[dict[str, Any]]:
    """Of every keyframe: its group, how many pictures are painted, what a person said, and why one should look at it."""
    if read_json(project.path("keys", "keyframes.json")) is None:
        return []
    said = project.selections()
    states = {group.keyframe: Counter(job.state for job in project.jobs(group.keyframe)) for group in project.groups() if group.why != "empty"}
    flagged = read_record(project.path("checks", "groups.json"), _flagged, {"groups": []})
    rows = []
    for group in project.groups():
        if group.why == "empty":
            continue
        count = states[group.keyframe]
        pick = said.get(group.keyframe)
        rows.append({
            "keyframe": group.keyframe, "first": group.first, "last": group.last, "why": group.why, "painted": count["done"],
            "failed": count["failed"], "waiting": count["waiting"], "action": pick.action if pick else "", "note": pick.note if pick else "",
            "look": flagged.get(group.keyframe, ""),
        })  # fmt: skip
    return rows
