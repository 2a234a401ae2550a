"""Runs a job folder: request in, outputs and result.json out, every failure explained.

Outputs and result.json are written in one go, result.json last; see outputs.py.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ... import __version__
from ...core.errors import Cancelled, GenlockError, UsageError
from ...core.media.steady import Changed, Steady, steadily
from ...core.progress import Progress
from .. import jobs
from .desk import Answer, Desk
from .faults import explain
from .outputs import File, write_together
from .record import Record
from .staging import Stage

Work = Callable[[Desk], Answer]
_LOOK_S = 0.2
"""How often the cancel file is looked for."""


def _align(desk: Desk) -> Answer:
    from .align import work

    return work(desk)


def _batch(desk: Desk) -> Answer:
    from ..batch.work import work

    return work(desk)


def _verify(desk: Desk) -> Answer:
    from .verify import work

    return work(desk)


def _convert(desk: Desk) -> Answer:
    from .convert import work

    return work(desk)


def _render(desk: Desk) -> Answer:
    from .render import work

    return work(desk)


def _composite(desk: Desk) -> Answer:
    from .composite import work

    return work(desk)


def _stmap(desk: Desk) -> Answer:
    from .stmap import work

    return work(desk)


def _check(desk: Desk) -> Answer:
    from .check import work

    return work(desk)


def _conform(desk: Desk) -> Answer:
    from .conform import work

    return work(desk)


def _inpaint(desk: Desk) -> Answer:
    from .inpaint import work

    return work(desk)


def _retime(desk: Desk) -> Answer:
    from .retime import work

    return work(desk)


def _index(desk: Desk) -> Answer:
    from .index import work

    return work(desk)


def _find(desk: Desk) -> Answer:
    from .find import work

    return work(desk)


KINDS: Mapping[str, Work] = {
    "align": _align,
    "batch": _batch,
    "verify": _verify,
    "convert": _convert,
    "conform": _conform,
    "check": _check,
    "render": _render,
    "composite": _composite,
    "stmap": _stmap,
    "retime": _retime,
    "inpaint": _inpaint,
    "index": _index,
    "find": _find,
}


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    exit_status: int
    """0 done; 1 refused or failed; 2 wrong request; 3 not the same footage; 130 stopped."""
    result: dict[str, Any]
    """What result.json holds."""
    traceback: str = ""
    """Of a failure, for those who ask for it."""


def run(
    folder: str | jobs.Job,
    wanted: Callable[[], bool] = lambda: True,
    listen: Callable[[jobs.Message], None] = lambda message: None,
    kinds: Mapping[str, Work] = KINDS,
    lasts: bool = True,
) -> Outcome:
    """Run the job in a folder, in this process. Raises nothing: an Outcome says how it ended.

    wanted   False once nobody wants the job any more; a file `cancel` in the folder says the same
    listen   called with each message, from whichever thread
    lasts    whether the folder is there after the process; pieces to go on from are kept elsewhere if not
    """
    job = folder if isinstance(folder, jobs.Job) else jobs.Job(folder)
    record = Record(job, listen)
    began = time.monotonic()
    head: dict[str, Any] = {"genlock": jobs.VERSION, "kind": "", "version": __version__}
    stage, steady = Stage(), Steady()
    try:
        request = job.request()
        head.update(kind=request.kind, inputs=dict(request.inputs))
        _begin(job, record, request)
        answer = _work(record, request, Progress(record.progress, _asked(job, wanted)), stage, kinds, job.work_path if lasts else "", steady)
        result = {**head, **_body(answer, record, time.monotonic() - began)}
        write_together([*answer.files, File(job.result_path, _json(result))])
        stage.close(done=True)
    except (Exception, KeyboardInterrupt) as error:
        reason = Cancelled("stopped by request") if isinstance(error, KeyboardInterrupt) else stage.told(explain(error))
        if isinstance(error, Changed):
            stage.close(done=True)  # what stands of it would be taken for pieces of the file as it was
        result = {**head, **_failure(reason, record, time.monotonic() - began)}
        trace = traceback.format_exc()
        _end_badly(job, record, reason, result, trace)
        return Outcome(reason.exit_status, result, trace)
    finally:
        stage.close()
    _end_well(record, answer, result)
    return Outcome(result["exit_status"], result)


def _begin(job: jobs.Job, record: Record, request: jobs.Request) -> None:
    with suppress(FileNotFoundError):
        os.unlink(job.result_path)
    record.begin()
    record.log(f"genlock {__version__} begins: {request.kind} {' '.join(request.inputs.values())}")
    record.say(jobs.Started(request.kind, __version__, os.getpid()))


def _work(
    record: Record, request: jobs.Request, progress: Progress, stage: Stage, kinds: Mapping[str, Work], work_folder: str, steady: Steady
) -> Answer:
    work = kinds.get(request.kind)
    if work is None:
        raise UsageError(f"{request.kind!r} is no kind of job", f"known are {', '.join(sorted(kinds))}")
    check_absolute(request)
    progress.check()
    with steadily(steady):
        answer = work(Desk(request, progress.part(0.0, 0.99), record.note, stage, work_folder, steady=steady))
    progress.at(0.99, "writing" if answer.files else "")
    return answer


def check_absolute(request: jobs.Request) -> None:
    """Raises UsageError for a relative path: a job may be run from another folder than it was written in, where it would mean something else."""
    for path in (*request.inputs.values(), *request.outputs):
        if "\0" in path:
            raise UsageError(f"{path!r} in the request is not the name of a file", "write paths from the root on")
        if not os.path.isabs(path) and "://" not in path:
            raise UsageError(f"{path} in the request is a relative path", "write paths from the root on")


def _asked(job: jobs.Job, wanted: Callable[[], bool]) -> Callable[[], bool]:
    """Whether the job is wanted, and not cancelled by its file, which is looked for only now and then."""
    looked_at = float("-inf")
    cancelled = False

    def still() -> bool:
        nonlocal looked_at, cancelled
        if time.monotonic() - looked_at > _LOOK_S:
            looked_at = time.monotonic()
            cancelled = cancelled or job.cancelled()
        return wanted() and not cancelled

    return still


def _body(answer: Answer, record: Record, seconds: float) -> dict[str, Any]:
    status = answer.error.exit_status if answer.error else answer.exit_status
    return {
        "exit_status": status,
        "sentence": answer.sentence,
        "lines": list(answer.lines),
        "figures": answer.figures,
        "notes": list(record.notes),
        "outputs": list(dict.fromkeys(file.told or file.path for file in answer.files)),
        "error": _error(answer.error) if answer.error else None,
        "versions": versions(),
        "seconds": round(seconds, 3),
    }


def _failure(reason: GenlockError, record: Record, seconds: float) -> dict[str, Any]:
    return {
        "exit_status": reason.exit_status,
        "sentence": str(reason),
        "lines": [],
        "figures": {},
        "notes": list(record.notes),
        "outputs": [],
        "error": _error(reason),
        "versions": versions(),
        "seconds": round(seconds, 3),
    }


def _error(error: GenlockError) -> dict[str, str]:
    return {"code": error.code, "what": error.what, "next_step": error.next_step}


def _json(result: dict[str, Any]) -> bytes:
    return (json.dumps(result, indent=1) + "\n").encode()


def _end_well(record: Record, answer: Answer, result: dict[str, Any]) -> None:
    outputs = tuple(result["outputs"])
    record.progress(1.0, "")
    record.log(result["sentence"])
    for path in outputs:
        record.log(f"written: {path}")
    if answer.error:
        record.say(jobs.Failed(answer.error.code, str(answer.error), answer.error.exit_status, outputs))
    else:
        record.say(jobs.Done(result["sentence"], outputs, result["exit_status"]))


def _end_badly(job: jobs.Job, record: Record, reason: GenlockError, result: dict[str, Any], trace: str) -> None:
    """Tell of a failure in the job's folder; best effort, and nothing where the folder is no job at all."""
    if not os.path.exists(job.request_path):
        return
    with suppress(OSError):
        jobs.write_whole(job.result_path, _json(result).decode())
    record.log(f"{reason.code}: {reason}")
    if not isinstance(reason, Cancelled):
        record.log(trace)
    with suppress(OSError):
        os.unlink(job.cancel_path)
    record.say(jobs.Failed(reason.code, str(reason), reason.exit_status))


def versions() -> dict[str, str]:
    """Of genlock, Python and those libraries that this run has used."""
    found = {"genlock": __version__, "python": sys.version.split()[0]}
    for name in ("av", "numpy", "cv2", "opentimelineio", "PyOpenColorIO", "torch"):
        version = getattr(sys.modules.get(name), "__version__", None)
        if version:
            found[name] = str(version)
    return found
