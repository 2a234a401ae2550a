"""What is used for each keyframe: what a person picked, else the first seed's picture; keys/chosen.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...errors import GenlockError
from ..project import Chosen, PaintJob, Project, Selection
from .bench import Bench
from .step import Step


def _given(project: Project) -> Any:
    return {str(keyframe): _matters(said) for keyframe, said in sorted(project.selections().items())}


def _matters(said: Selection) -> dict[str, Any]:
    """A note changes nothing."""
    return {name: value for name, value in asdict(said).items() if name != "note"}


def _run(bench: Bench) -> None:
    project = bench.project
    said = project.selections()
    chosen: dict[int, Chosen] = {}
    open_ones = 0
    for group in project.groups():
        if group.why == "empty":
            continue
        chosen[group.keyframe] = _choice(bench, group.keyframe, project.jobs(group.keyframe), said.get(group.keyframe))
        open_ones += chosen[group.keyframe].by == "default"
    bench.save_json("keys/chosen.json", {str(keyframe): one.to_json() for keyframe, one in chosen.items()})
    if open_ones and project.config.inpaint.backend != "classic":
        what = "keyframe has" if open_ones == 1 else "keyframes have"
        bench.tell(f"{open_ones} {what} no pick, and the first seed's picture is used; pick with: genlock review {project.root}")


def _choice(bench: Bench, keyframe: int, jobs: tuple[PaintJob, ...], said: Selection | None) -> Chosen:
    if said is not None and said.action == "drop":
        return Chosen("drop", "person")
    done = [job for job in jobs if job.state == "done"]
    if not done:
        raise GenlockError(f"keyframe {keyframe} has no painted picture", f"run: genlock inpaint run {bench.project.root} --from paint")
    if said is not None and said.action == "pick":
        for job in done:
            names = {path.name: path for path in job.results}
            if job.job == said.job and said.name in names:
                return _chosen(bench.project, job, names[said.name].name, "person")
        bench.tell(f"keyframe {keyframe}: what was picked was made from another mask or other settings, and is not used; pick again")
    return _chosen(bench.project, done[0], done[0].results[0].name, "default")


def _chosen(project: Project, job: PaintJob, name: str, by: str) -> Chosen:
    return Chosen("pick", by, job.job, f"jobs/{job.job}/{name}", job.crop)


STEP = Step("select", "taking the picks", ("keyframes", "paint"), _run, given=_given, share=0.1)
