"""A job folder run on a Ray cluster: `genlock run JOB --on ADDRESS`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from ...core import threads
from .. import jobs
from ..worker.desk import Desk
from ..worker.pool.crew import Rules
from ..worker.pool.together import run_together, shares_of
from ..worker.run import Outcome
from .address import parse
from .cluster import joined
from .compare import here
from .placing import needs_of
from .survey import room, survey
from .workers import RayWorkers

_MOST = 512
"""Workers that are asked for at most, where nobody says how many."""


def run_on(
    folder: str, on: str, wanted: Callable[[], bool], listen: Callable[[jobs.Message], None],
    workers: int = 0, gpu: float = 1.0, rules: Rules | None = None,
) -> Outcome:
    """Run a job with workers on a cluster; its units are joined here. Raises nothing: as worker.run.run, told in the job's own record.

    on       local, auto, HOST:PORT or ray://HOST:PORT
    workers  how many at most; 0 takes as many as the job has shares for, so that a cluster that can grow sees what is asked of it
    gpu      of one GPU, for each worker of a job that asks for a GPU
    A job that is not cut into units, or has but one to make, is made here, and the cluster is left alone.
    """
    with ExitStack() as stack:

        def hire(desk: Desk, units: int) -> RayWorkers:
            desk.progress.at(0.0, "joining the cluster")
            address = parse(on)
            ray, pulse = stack.enter_context(joined(address, min(units, workers or threads.cores())))
            asked = stack.enter_context(here(folder, desk.request))
            needs = needs_of(desk.request, ray.cluster_resources().get("GPU", 0.0), gpu)
            places = room(ray, needs)
            width = min(units, workers or max(1, places))
            many = min(units, workers or min(_MOST, shares_of(units, width)))
            where = "a Ray cluster of this job's own" if address.own else f"the Ray cluster at {address}"
            desk.note(f"{many} workers are asked of {where}, which has room for {places} now")
            found = RayWorkers(ray, asked, needs, many, width, desk.note, pulse)
            stack.callback(found.stop)
            survey(ray, asked, needs, desk.note, desk.progress.check)  # while the workers come; none is given work before
            found.wait(desk.progress.check)
            return found

        return run_together(folder, hire, wanted, listen, rules=rules)
