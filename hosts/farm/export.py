"""Writes the template of a job folder, once it is sure that a farm could run it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import GenlockError, MediaError, UsageError
from ..jobs import Job, Request
from ..worker.outputs import File, check_places, write_together
from ..worker.run import check_absolute
from ..worker.shares import MOST, units
from .template import template
from .yaml import to_yaml

SUFFIXES = (".yaml", ".yml")
_A_TASK = 4
"""Units for each share, unless told: a farm takes seconds to begin a task."""


@dataclass(frozen=True)
class Exported:
    """What stands now."""

    path: str
    units: int
    pieces: int
    default: str
    """The job's folder as the template names it; "" where whoever submits it has to."""


def export(folder: str, output: str, pieces: int | None = None) -> Exported:
    """Write a job's template.

    pieces  how many shares; if not given, one for every four units
    Raises UsageError for a request with relative paths, MediaError for an input that is not there, JobError, OutputError.
    """
    if os.path.splitext(output)[1].lower() not in SUFFIXES:
        raise UsageError(f"{output} is not the name of a template", "give it the suffix .yaml")
    job = Job(folder)
    request = job.request()
    check_absolute(request)
    _check_there(request)
    check_places([output], [job.request_path, *request.inputs.values()])
    count = units(job.folder)
    if pieces is not None and not 1 <= pieces <= MOST:
        raise UsageError(f"{pieces} pieces are asked for", f"choose from 1 to {MOST}")
    chosen = min(count, pieces if pieces is not None else max(2, -(-count // _A_TASK)))
    default = _relative(job.folder, os.path.dirname(os.path.realpath(output)))
    body = template(request.kind, job.folder, chosen, _asks_gpu(request.settings), default)
    write_together([File(output, to_yaml(body).encode("ascii"))])
    return Exported(output, count, chosen, default)


def _check_there(request: Request) -> None:
    """A worker of the farm would find out too, but only once it has been waited for."""
    from ...core.media.sequence import find_sequence

    for role, path in request.inputs.items():
        try:
            there = os.path.exists(path) or find_sequence(path) is not None
        except GenlockError:
            there = False
        if not there:
            raise MediaError(f"{path}, the {role} of the job, is not there", "name a file that is, on storage that every worker sees")


def _relative(folder: str, place: str) -> str:
    """The folder from a place on, with slashes; "" where it does not lie at or below it, or has a name that is no text."""
    home = os.path.realpath(folder)
    try:
        home.encode()
        inside = os.path.commonpath([home, place]) == place
    except ValueError:
        return ""
    return os.path.relpath(home, place).replace(os.sep, "/") if inside else ""


def _asks_gpu(settings: Mapping[str, Any]) -> bool:
    return str(settings.get("device", "")).startswith("cuda")
