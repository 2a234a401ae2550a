"""A job from the terminal: write its request, run it in this process, show how it goes, tell the answer.

The job has a thread of its own. The main thread only shows progress and hears signals, so Ctrl-C works at once even
while the job is deep inside a library.
"""

from __future__ import annotations

import argparse
import os
import shlex
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn, TextIO

from .. import jobs
from ..worker.outputs import abandon
from ..worker.run import Outcome
from ..worker.shares import Share, ShareJob
from .bars import View, view_for
from .noise import noise_into
from .parsing import Wrong
from .pooling import Run, at_home, whole
from .say import answer, answer_json, complain, finish_answer, silence_stdout, tell
from .scratch import scratch, take_away
from .stopping import Stopping

_TURN_S = 0.05


def absolute(path: str) -> str:
    """A path as a job keeps it. What looks like an address stays as it is, and is refused where it is opened."""
    return path if "://" in path else os.path.abspath(path)


def carry_out(kind: str, inputs: dict[str, str], outputs: Sequence[str], settings: dict[str, Any], args: argparse.Namespace) -> int:
    """Make a job of what was asked, run it, tell the answer; returns the exit status."""
    request = jobs.Request(kind, inputs, tuple(absolute(path) for path in outputs), settings)
    later = getattr(args, "later", False)
    if later and not args.job:
        raise Wrong("--later writes a job folder and does nothing else; name it with --job")
    with scratch() as folder:
        try:
            job = jobs.Job.create(args.job or os.path.join(folder, "job"), request)
        except jobs.JobError as error:
            complain(str(error))
            return 1
        if later:
            return _laid_down(job, args)
        if args.job:
            return _tell(run_job(job, folder, args.quiet, whole(job, args)), args)
        with at_home(request, job, args) as (job, how):
            return _tell(run_job(job, folder, args.quiet, how), args)


def _laid_down(job: jobs.Job, args: argparse.Namespace) -> int:
    """Tell that the folder stands, and how to go on."""
    if args.json:
        answer_json({"exit_status": 0, "job": job.folder})
    elif not args.quiet:
        answer(f"The job is written: {job.folder}")
        answer(f"genlock run {shlex.quote(job.folder)} does it")
    return 0


def carry_on(folder: str, args: argparse.Namespace, how: Run | None = None, share: Share | None = None) -> int:
    """Run a job folder that somebody else has written; returns the exit status.

    how    instead of doing the whole job
    share  if it is one: it tells in a folder of its own
    """
    job = jobs.Job(folder) if share is None else ShareJob(folder, share)
    with scratch() as own:
        return _tell(run_job(job, own, args.quiet, how or whole(job, args)), args)


def run_job(job: jobs.Job, folder: str, quiet: bool, how: Run) -> Outcome:
    """Have a job run in this process, show how it goes, and hear Ctrl-C.

    folder  for everything temporary; it goes where the process ends at once
    """
    there = os.path.exists(job.request_path)
    if there:
        with suppress(OSError):
            os.makedirs(job.folder, exist_ok=True)
    with noise_into(job.log_path if there else os.devnull) as stream:
        view = view_for(stream, quiet)
        outcomes: list[Outcome] = []
        with Stopping(lambda: _end_at_once(job, folder, view, stream)) as stopping:

            def work() -> None:
                outcomes.append(how(stopping.wanted, view.hear))

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
    take_away(folder)
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

