"""One job made by many: its units by workers, in shares, and then what is left, verified and joined, in this process.

The job's own work does the joining. It goes on from every unit that stands, so a pool that did nothing would still give the same outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ....core.errors import FormatError, GenlockError, MediaError, OutputError, UsageError
from ... import jobs
from ..desk import Answer, Desk
from ..run import KINDS, Outcome, Work, run
from ..shares import CUTS, Share, cut_of, span
from .crew import Rules, Workers, run_tasks
from .task import Ended, Task

MADE = 0.9
"""Of the job's progress, when all units are made."""
_SHARES = 6
"""For each worker: some stretches of a film take longer than others, and nobody shall wait for one of them at the end."""
_FAMILY = {kind.code: kind for kind in (MediaError, FormatError, OutputError, UsageError)}

Hire = Callable[[Desk, int], Workers | None]
"""By the desk of a job and how many units it has still to make: who makes them; None for this process alone."""


class ShareFailed(GenlockError):
    """A share has failed for good. What stands of the job is kept."""

    def __init__(self, what: str, next_step: str, code: str) -> None:
        super().__init__(what, next_step)
        self.code = code


def run_together(
    folder: str, hire: Hire, wanted: Callable[[], bool] = lambda: True, listen: Callable[[jobs.Message], None] = lambda message: None,
    rules: Rules | None = None, kinds: Mapping[str, Work] = KINDS,
) -> Outcome:
    """Run a job folder with workers. Raises nothing: as worker.run.run, and all of it is told in the job's own record.

    folder  lasts: its pieces are gone on from
    rules   how much is borne before the job fails
    """

    def shared(work: Work) -> Work:
        return lambda desk: _both(folder, work, desk, hire, rules or Rules())

    return run(folder, wanted, listen, {kind: shared(work) if kind in CUTS else work for kind, work in kinds.items()})


def _both(folder: str, work: Work, desk: Desk, hire: Hire, rules: Rules) -> Answer:
    making = desk.progress.part(0.0, MADE)
    cut = cut_of(replace(desk, progress=making))
    lacking = cut.missing(desk.work) if cut is not None and cut.units > 1 else []
    workers = hire(desk, len(lacking)) if len(lacking) > 1 else None
    if cut is None or workers is None:
        return work(desk)
    if len(lacking) < cut.units:
        desk.note(f"{cut.units - len(lacking)} of {cut.units} units stand from a run before; this one goes on from there")
    count = shares_of(cut.units, workers.width)
    shares = [Share(number, count) for number in range(1, count + 1)]
    tasks = list(_tasks(folder, shares, cut.units, set(lacking)))
    run_tasks(tasks, workers, making, _settled, sum(task.weight for task in tasks), lambda count: "making pictures", rules)
    return work(replace(desk, progress=desk.progress.part(MADE, 1 - MADE), told=True))


def shares_of(units: int, width: int) -> int:
    """How many shares a job is handed out in."""
    return max(1, min(units, _SHARES * width))


def _tasks(folder: str, shares: list[Share], units: int, lacking: set[int]) -> Iterator[Task]:
    """Those shares of which something is missing."""
    for share in shares:
        weight = len(lacking.intersection(range(*span(units, share))))
        if weight:
            yield Task(folder, str(share), f"share {share}", weight)


def _settled(end: Ended) -> None:
    """Raises what ended a share, as this process would have raised it."""
    where = f" on {end.node}" if end.node else ""
    if end.lost:
        raise ShareFailed(f"{end.task.name} was lost{where}: {end.lost}", "run the job again: what is made is kept", "crashed")
    if end.exit_status and end.error is not None:
        kind = _FAMILY.get(end.error["code"])
        what = end.error["what"] + (f" (on {end.node})" if end.node else "")
        raise kind(what, end.error["next_step"]) if kind else ShareFailed(what, end.error["next_step"], end.error["code"])
