"""In how many processes the terminal has a job done, and where that job lies."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import jobs
from ..worker.run import Outcome, run

Run = Callable[[Callable[[], bool], Callable[[jobs.Message], None]], Outcome]
"""Does a job, given whether it is wanted, and who listens."""
_RETRIES = 2


def add_workers(parser: argparse.ArgumentParser, retries: bool = False) -> None:
    """The flags of a command whose work can be done side by side."""
    parser.add_argument(
        "--workers", metavar="N", type=_count, help="processes that make the pictures; if not given, one a core or a GPU for long outputs, else one"
    )
    if retries:
        parser.add_argument("--retries", metavar="N", type=_number, help=f"how often a share is made again that was lost (default {_RETRIES})")


def whole(job: jobs.Job, args: argparse.Namespace) -> Run:
    """A job folder that lasts, done in as many processes as are asked for, or as pay."""

    def how(wanted: Callable[[], bool], hear: Callable[[jobs.Message], None]) -> Outcome:
        try:
            count = _workers(job.request(), args)
        except jobs.JobError:
            count = 1
        return _together(job, args, count, wanted, hear) if count > 1 else run(job.folder, wanted, hear)

    return how


@contextmanager
def at_home(request: jobs.Request, job: jobs.Job, args: argparse.Namespace) -> Iterator[tuple[jobs.Job, Run]]:
    """The job of a command that named no folder for it, and how it is done.

    job  in a folder that goes with the process: it is enough for one process
    """
    count = _workers(request, args) if request.outputs else 1
    if count > 1:
        from ..worker.pool.home import Home

        home = Home.of(request)
        if home is not None:
            kept = False

            def together(wanted: Callable[[], bool], hear: Callable[[jobs.Message], None]) -> Outcome:
                nonlocal kept
                outcome = _together(shown, args, count, wanted, hear)
                kept = bool(outcome.result["error"]) and outcome.result["error"]["code"] == "crashed"
                return outcome

            try:
                shown = jobs.Job.create(home.job, request)
                yield shown, together
            finally:
                home.close(kept)
            return
    yield job, lambda wanted, hear: run(job.folder, wanted, hear, lasts=False)


def _workers(request: jobs.Request, args: argparse.Namespace) -> int:
    from ..worker.pool.worth import KINDS, workers_for

    return workers_for(request, getattr(args, "workers", None)) if request.kind in KINDS else 1


def _together(job: jobs.Job, args: argparse.Namespace, count: int, wanted: Callable[[], bool], hear: Callable[[jobs.Message], None]) -> Outcome:
    from ..worker.pool.crew import Rules
    from ..worker.pool.together import run_together
    from ..worker.pool.worth import hire_local

    told = getattr(args, "retries", None)
    rules = Rules() if told is None else Rules(retries=told)
    return run_together(job.folder, hire_local(job.request(), count), wanted, hear, rules)


def _count(text: str) -> int:
    number = _number(text)
    if not 1 <= number <= 1024:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 1024")
    return number


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text[:9])
