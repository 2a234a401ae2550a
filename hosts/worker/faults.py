"""Turns whatever ended a job into an error that a person can act on."""

from __future__ import annotations

import errno
import os

from ...core.errors import GenlockError
from ..jobs import JobError


class Fault(GenlockError):
    """genlock itself is wrong; nothing the person did."""

    code = "fault"


class JobRefused(GenlockError):
    """The job folder cannot be used."""

    code = "job"


def explain(error: BaseException) -> GenlockError:
    """The error as one of the family: what happened, why, what to do next."""
    if isinstance(error, GenlockError):
        return error
    if isinstance(error, JobError):
        return JobRefused(str(error))
    if isinstance(error, MemoryError):
        return GenlockError("there is not enough memory for this", "close other programs, or try --quality draft")
    if isinstance(error, OSError):
        return _system(error)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("genlock"):
        return GenlockError(f"the Python package {error.name} is missing", "genlock doctor says what to install")
    text = " ".join(str(error).split())[:300]
    return Fault(f"genlock has a fault: {type(error).__name__}: {text}", "run it again with GENLOCK_DEBUG=1 and report what it prints")


def _system(error: OSError) -> GenlockError:
    where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    step = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    step = "check the disk or the network share" if error.errno == errno.EIO else step
    return GenlockError(f"{where}{error.strerror or error}", step)
