"""How many threads this process uses: one number for FFmpeg's decoders, OpenCV, torch, OpenBLAS and our own pools.

GENLOCK_THREADS says it; else it is the number of cores that the process may use. What comes out never depends on it: what would
(OpenBLAS's products, OpenCV's flow, what an encoder makes of slices) is held at a number of its own, here or where it is called.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from .errors import UsageError

Made = TypeVar("Made")

NAME = "GENLOCK_THREADS"
_MOST = 1024


def cores() -> int:
    """Cores that this process may use, at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def told() -> int | None:
    """What GENLOCK_THREADS says; None where it says nothing. Raises UsageError where that is no number from 1 to 1024."""
    said = os.environ.get(NAME, "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= _MOST):
        raise UsageError(f"{NAME} is {said[:40]!r}", f"set it to a number of threads from 1 to {_MOST}, or take it away")
    return int(said)


def limit() -> int:
    """How many threads of ours may work at once, at least 1. Raises UsageError as told()."""
    return told() or cores()


def of_codec() -> int:
    """FFmpeg's thread_count where it changes no bit; 0, where nobody said, lets FFmpeg choose by the cores."""
    return told() or 0


def pool(most: int) -> ThreadPoolExecutor:
    """Threads for pieces of work that do not depend on one another; at most this many, however many cores there are."""
    return ThreadPoolExecutor(max(1, min(most, limit())))


def hands(most: int) -> Executor:
    """The same for pieces that are handed out and waited for: where there may be one thread, whoever hands them out does them."""
    return pool(most) if limit() > 1 else _Own()


class _Own(Executor):
    """Does at once what it is handed."""

    def submit(self, fn: Callable[..., Made], /, *args: Any, **more: Any) -> Future[Made]:
        done: Future[Made] = Future()
        try:
            done.set_result(fn(*args, **more))
        except Exception as error:
            done.set_exception(error)
        return done


def both(one: Callable[[], Made], other: Callable[[], Made]) -> tuple[Made, Made]:
    """Two pieces of work that do not depend on one another, at once where there may be two threads."""
    if limit() == 1:
        return one(), other()
    with ThreadPoolExecutor(1) as helper:
        second = helper.submit(other)
        return one(), second.result()


def begin() -> None:
    """Tell the libraries by the environment; call before numpy, OpenCV and torch are loaded. Raises UsageError as told().

    OpenBLAS and OpenCV always have one thread: their sums and their flow depend on the number, and with our own threads beside
    theirs all of them wait for one another by spinning (on a busy machine a solve took three times as long).
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["OPENCV_FOR_THREADS_NUM"] = "1"
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's threads spin otherwise: beside other work, ten times as long
    number = told()
    if number:
        os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(number)
