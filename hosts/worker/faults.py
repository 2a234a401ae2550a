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


class TooLittleMemory(GenlockError):
    """Another run may have more."""

    code = "memory"


def explain(error: BaseException) -> GenlockError:
    """The error as one of the family: what happened, why, what to do next."""
    if isinstance(error, GenlockError):
        return error
    if isinstance(error, JobError):
        return JobRefused(str(error))
    if _is_memory(error):
        return TooLittleMemory("there is not enough memory for this", "close other programs, or try --quality draft")
    if isinstance(error, OSError):
        return _system(error)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("genlock"):
        return GenlockError(f"the Python package {error.name} is missing", "genlock doctor says what to install")
    text = " ".join(str(error).split())[:300]
    return Fault(f"genlock has a fault: {type(error).__name__}: {text}", "run it again with GENLOCK_DEBUG=1 and report what it prints")


_MEMORY = (
    "insufficient memory", "out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "failed to allocate memory",
    "bad allocation", "bad_alloc", "can't start new thread", "failed to map segment",
)  # fmt: skip
"""What libraries say: OpenCV, torch on either device, ONNX Runtime, C++, Python's threads, the loader of libraries."""


def _is_memory(error: BaseException | None) -> bool:
    """Whether it was memory, or something that it brought down with it."""
    for _ in range(8):
        if error is None:
            return False
        theirs = isinstance(error, (RuntimeError, ImportError)) or type(error).__module__.startswith(("cv2", "onnx", "torch"))
        says = str(error).lower() if theirs else ""
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM or any(word in says for word in _MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


def _system(error: OSError) -> GenlockError:
    where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    step = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    step = "check the disk or the network share" if error.errno == errno.EIO else step
    return GenlockError(f"{where}{error.strerror or error}", step)
