"""A pair's place on disk: its job folder, whether its answer is there already, and what that answer is.

    FOLDER/NAME.otio …       what was asked for
    FOLDER/jobs/NAME/        the job: request, events, log, result, and the key of what it was made from
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ... import __version__
from ...core.errors import GenlockError, OutputError
from ...core.leftovers import name_beside, sweep_beside
from ...core.media.cache import digest
from .. import jobs
from .pairs import Pair

KEY = "key"
DONE = (0, 3)
"""Exit statuses that are answers: found, and not the same footage."""


@dataclass(frozen=True)
class Shelf:
    """One pair, and where it lies."""

    pair: Pair
    job: jobs.Job
    request: jobs.Request
    lock: Any = None
    """Held, while the pair is made."""

    @property
    def key_path(self) -> str:
        return os.path.join(self.job.folder, KEY)

    @property
    def lock_path(self) -> str:
        """Held while the pair is made: the job's own folder is laid out anew then."""
        folder, name = os.path.split(self.job.folder)
        return os.path.join(folder, f".{name}.lock")


def shelf_of(pair: Pair, folder: str, suffixes: Sequence[str]) -> Shelf:
    """Where a pair's job and outputs lie in the batch's folder."""
    outputs = tuple(os.path.join(folder, pair.name + suffix) for suffix in suffixes)
    request = jobs.Request("align", {"clip": pair.clip, "ref": pair.ref}, outputs, dict(pair.settings))
    return Shelf(pair, jobs.Job(os.path.join(folder, "jobs", pair.name)), request)


def key_of(shelf: Shelf) -> str:
    """Of everything that decides the answer: the request, what the two files hold, and the genlock that reads them."""
    state = hashlib.blake2b(digest_size=16)
    state.update(json.dumps([__version__, shelf.request.to_json()], sort_keys=True).encode())
    for path in shelf.request.inputs.values():
        try:
            state.update(digest(path).encode())
        except (OSError, ValueError):
            state.update(b"not there")
    return state.hexdigest()


def answered(shelf: Shelf, key: str) -> dict[str, Any] | None:
    """The result of an earlier run of this same pair, where it is an answer and all that it wrote is still there."""
    try:
        with open(shelf.key_path, encoding="ascii") as file:
            if file.read().strip() != key:
                return None
        result = shelf.job.result()
        if result is None or result.get("exit_status") not in DONE:
            return None
        wrote = result.get("outputs", [])
        needed = shelf.request.outputs if result["exit_status"] == 0 else [p for p in shelf.request.outputs if p.lower().endswith(".html")]
        return result if all(os.path.isfile(path) for path in (*wrote, *needed)) else None
    except (OSError, ValueError, TypeError, jobs.JobError):
        return None


def ended_before(shelf: Shelf, key: str) -> dict[str, Any] | None:
    """The same, or how it failed: a pair that another process has run to its end is not run again only to be told."""
    found = answered(shelf, key)
    if found is not None:
        return found
    try:
        with open(shelf.key_path, encoding="ascii") as file:
            result = shelf.job.result() if file.read().strip() == key else None
        return result if result is not None and result.get("exit_status") == 1 else None
    except (OSError, ValueError, jobs.JobError):
        return None


def prepare(shelf: Shelf, key: str) -> None:
    """Lay out the job anew. Raises OutputError where its folder is somebody else's, or cannot be written."""
    folder = shelf.job.folder
    try:
        sweep_beside([folder])
        if os.path.exists(shelf.job.request_path):
            old = name_beside(folder, "old")
            os.rename(folder, old)  # as a whole: half of a job would be nobody's
            shutil.rmtree(old, ignore_errors=True)
        jobs.Job.create(folder, shelf.request)
        jobs.write_whole(shelf.key_path, key + "\n")
    except (jobs.JobError, OSError) as error:
        raise OutputError(str(error)) from error


def result_of(shelf: Shelf) -> dict[str, Any]:
    """What a job that has ended left behind; a crash is told as a failure."""
    with suppress(jobs.JobError):
        result = shelf.job.result()
        if result is not None:
            return result
    return failed(f"the process ended before it could say why; read {shelf.job.log_path}", "crashed")


def failed(sentence: str, code: str, error: GenlockError | None = None) -> dict[str, Any]:
    """A result that says only that it failed."""
    status = error.exit_status if error is not None else 1
    return {"exit_status": status, "sentence": sentence, "figures": {}, "outputs": [], "error": {"code": code, "what": sentence}, "seconds": 0.0}
