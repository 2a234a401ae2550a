"""A job from the terminal: write its request, run it in this process, show how it goes, tell the answer.

The job has a thread of its own. The main thread only shows progress and hears signals, so Ctrl-C works at once even
while the job is deep inside a library.
"""

from __future__ import annotations

import argparse
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TextIO

from .. import jobs
from ..worker.outputs import abandon
from ..worker.run import Outcome, run
from ..worker.shares import Share, ShareJob, run_merge, run_share
from .bars import View, view_for
from .noise import noise_into
from .say import answer, answer_json, complain, finish_answer, silence_stdout, tell
from .scratch import scratch
from .stopping import Stopping

_TURN_S = 0.05
Run = Callable[[Callable[[], bool], Callable[[jobs.Message], None]], Outcome]
"""Given whether it is wanted, and who listens."""


def absolute(path: str) -> str:
    """A path as a job keeps it. What looks like an address stays as it is, and is refused where it is opened."""
    return path if "://" in path else os.path.abspath(path)


def carry_out(kind: str, inputs: dict[str, str], outputs: Sequence[str], settings: dict[str, Any], args: argparse.Namespace) -> int:
    """Make a job of what was asked, run it, tell the answer; returns the exit status."""
    request = jobs.Request(kind, inputs, tuple(absolute(path) for path in outputs), settings)
    with scratch() as folder:
        try:
            job = jobs.Job.create(args.job or os.path.join(folder, "job"), request)
        except jobs.JobError as error:
            complain(str(error))
            return 1
        return _tell(_run(job, folder, args.quiet, lasts=bool(args.job)), args)


def carry_on(folder: str, args: argparse.Namespace, share: Share | None = None, merge: bool = False) -> int:
    """Run a job folder that somebody else has written, a share of it, or the joining of its shares; returns the exit status."""
    job = jobs.Job(folder)
    with scratch() as own:
        if share is not None:
            part = ShareJob(folder, share)
            return _tell(_run(part, own, args.quiet, lambda wanted, hear: run_share(folder, share, wanted, hear)), args)
        if merge:
            return _tell(_run(job, own, args.quiet, lambda wanted, hear: run_merge(folder, wanted, hear)), args)
        return _tell(_run(job, own, args.quiet), args)


def _run(job: jobs.Job, folder: str, quiet: bool, instead: Run | None = None, lasts: bool = True) -> Outcome:
    """instead: of the whole job."""
    there = os.path.exists(job.request_path)
    if there:
        with suppress(OSError):
            os.makedirs(job.folder, exist_ok=True)
    with noise_into(job.log_path if there else os.devnull) as stream:
        view = view_for(stream, quiet)
        outcomes: list[Outcome] = []
        with Stopping(lambda: _end_at_once(job, folder, view, stream)) as stopping:

            def work() -> None:
                if instead is not None:
                    outcomes.append(instead(stopping.wanted, view.hear))
                else:
                    outcomes.append(run(job.folder, stopping.wanted, view.hear, lasts=lasts))

            thread = threading.Thread(target=work, name="job", daemon=True)
            thread.start()
            while thread.is_alive():
                thread.join(_TURN_S)
                with suppress(OSError, ValueError):  # the terminal may go away; the job need not
                    view.draw()
                stopping.look()
        with suppress(OSError, ValueError):
            view.close()
    return outcomes[0]


def _end_at_once(job: jobs.Job, folder: str, view: View, stream: TextIO | None) -> NoReturn:
    """End the process now. Outputs are whole: renames under way are waited for, and nothing can begin afterwards."""
    abandon()
    with suppress(Exception):
        view.close()
    failed = jobs.Failed("cancelled", "stopped by request", 130)
    with suppress(OSError), open(job.events_path, "ab") as file:
        file.write(("\n" + jobs.to_line(failed) + "\n").encode())
    with suppress(OSError):
        os.unlink(job.cancel_path)
    shutil.rmtree(folder, ignore_errors=True)
    complain("stopped", stream)
    os._exit(130)


def _tell(outcome: Outcome, args: argparse.Namespace) -> int:
    result = outcome.result
    if outcome.traceback and os.environ.get("GENLOCK_DEBUG"):
        for line in outcome.traceback.splitlines():
            tell(line)
    try:
        if args.json:
            answer_json(result)
        elif not args.quiet:
            _tell_people(result)
        finish_answer()
    except BrokenPipeError:  # nobody reads on; how the job ended is told all the same
        silence_stdout()
    if outcome.exit_status:
        complain("stopped" if outcome.exit_status == 130 else result["sentence"])
    return outcome.exit_status


def _tell_people(result: dict[str, Any]) -> None:
    if not result["error"]:
        answer(result["sentence"])
    for line in result.get("lines", []):
        answer(line)
    for path in result["outputs"]:
        answer(f"written: {path}")
    if result["kind"] == "align" and not result["outputs"] and not result["error"]:
        tell("genlock: note: nothing is written; name what you want with -o")

