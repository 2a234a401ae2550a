"""Has the keyframes painted, one job a keyframe and seed: jobs/ID/. An answer that is there is not asked for again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import Cancelled, GenlockError
from ...progress import Progress
from ..contract import Ask, Inpainter, Painted, PaintError, RetryLater, ServerError
from ..project import Project
from ..project.atomic import read_json, write_json
from ..project.paintjobs import ERROR, LAYER, REPLY, REQUEST, RESULT
from ..project.pictures import save_picture
from .asking import Question, filled_crop, questions, what_matters, write_question
from .bench import Bench, sha256_of
from .step import Step

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
_TURN_S = 0.1


def _given(project: Project) -> Any:
    extra = {} if project.config.inpaint.backend == "classic" else {str(k): seeds for k, seeds in project.extra_seeds().items()}
    return [what_matters(project), project.config.inpaint.wishes(), extra, project.config.input.space]


def _run(bench: Bench) -> None:
    project = bench.project
    painter: Inpainter = _Filled(project) if project.config.inpaint.backend == "classic" else bench.tools.inpainter()
    try:
        identity = _patiently(bench, painter.identity)
        asked = list(_written(bench, identity))
        bench.save_json("keys/jobs.json", {"identity": dict(identity), "jobs": [job for job, _ in asked]})
        _ask_all(bench, painter, identity, [job for job, _ in asked])
    finally:
        painter.close()


def _written(bench: Bench, identity: Mapping[str, Any]) -> Any:
    """(id, keyframe) of every job; the folders of new ones are made, so that whoever looks sees what is coming."""
    for question in questions(bench.project, identity):
        bench.progress.check()
        if read_json(bench.project.path("jobs", question.ask.job, REQUEST)) != question.request:
            write_question(bench.project, question)
        yield question.ask.job, question.group.keyframe


def _ask_all(bench: Bench, painter: Inpainter, identity: Mapping[str, Any], jobs: list[str]) -> None:
    failed: list[GenlockError] = []
    for number, question in enumerate(questions(bench.project, identity)):
        words = f"painting frame {question.group.keyframe}"
        bench.progress.at(number / max(1, len(jobs)), words)
        _listen(painter, bench.progress.part(number / max(1, len(jobs)), 1 / max(1, len(jobs))), words)
        folder = bench.project.path("jobs", question.ask.job)
        if not answered(folder):
            try:
                painted = _patiently(bench, partial(painter.paint, question.ask, lambda: not bench.progress.wanted()))
                _keep(folder, question, _verified(question, painted), identity)
            except (ServerError, RetryLater, Cancelled):
                raise
            except PaintError as error:
                write_json(folder / ERROR, {"error": str(error)})
                failed.append(error)
                continue
        for name in (RESULT, REPLY, LAYER):
            if (folder / name).exists():
                bench.keep(f"jobs/{question.ask.job}/{name}")
    if failed:
        what = f"{len(failed)} of {len(jobs)} pictures were not painted; the first one: {failed[0].what}"
        raise GenlockError(what, failed[0].next_step or "run the project again: what is painted is kept")


def _listen(painter: Inpainter, progress: Progress, words: str) -> None:
    """Have a painter that knows how far its picture is tell it."""
    if hasattr(painter, "tell"):
        painter.tell = lambda done, what: progress.tell(progress.start + progress.share * done, f"{words}, {what}")


def answered(folder: Path) -> bool:
    """Whether a job's answer is there and whole."""
    try:
        reply = read_json(folder / REPLY)
        return reply is not None and all(sha256_of(folder / name) == sha for name, sha in reply["results"].items())
    except (OSError, GenlockError, KeyError, TypeError, AttributeError):
        return False


def _keep(folder: Path, question: Question, painted: Painted, identity: Mapping[str, Any]) -> None:
    """The answer on the disk, reply.json last: without it there is none."""
    save_picture(folder / RESULT, painted.picture)
    names = [RESULT]
    if painted.layer is not None:
        save_picture(folder / LAYER, painted.layer)
        names.append(LAYER)
    results = {name: sha256_of(folder / name) for name in names}
    with suppress(OSError):
        (folder / ERROR).unlink()
    write_json(folder / REPLY, {"results": results, "identity": dict(identity), "facts": dict(painted.facts)})


def _verified(question: Question, painted: Painted) -> Painted:
    """Raises PaintError where the answer is not of the size and type that was asked for."""
    asked, got = question.ask.picture, painted.picture
    if got.shape != asked.shape or got.dtype != asked.dtype:
        what = f"frame {question.group.keyframe} came back as {got.dtype} {got.shape}, and {asked.dtype} {asked.shape} was asked for"
        raise PaintError(what, "the painter does not keep the picture's size; check its settings")
    return painted


def _patiently(bench: Bench, ask: Callable[[], Any]) -> Any:
    """Ask again where the connection fails, each time after twice the wait. Raises RetryLater at last, Cancelled."""
    wait_s, left = FIRST_WAIT_S, bench.project.config.inpaint.retries
    while True:
        try:
            return ask()
        except RetryLater as error:
            if not left:
                raise
            bench.note(f"{error.what}; asking again in {wait_s:.0f} s")
        left -= 1
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            bench.progress.check()
            time.sleep(_TURN_S)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


class _Filled:
    """The embedded fill as a painter: its answer is what it made of the keyframe."""

    name = "classic"

    def __init__(self, project: Project) -> None:
        self.project = project

    def identity(self) -> Mapping[str, Any]:
        """What the fill made of a keyframe is part of each job's id; see questions()."""
        return {"backend": "classic"}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        request = read_json(self.project.path("jobs", ask.job, REQUEST))
        return Painted(filled_crop(self.project, self.project.group_of(request["keyframe"])), None, {"backend": "classic"})

    def close(self) -> None:
        """Nothing is held."""


STEP = Step("paint", "painting keyframes", ("extract", "mask", "keyframes", "fill"), _run, given=_given, share=4.0)
