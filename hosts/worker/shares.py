"""One job on many processes and machines: which units of it a share makes, which of them stand, and how they are joined.

A unit is a fixed stretch of pictures (of a batch: one pair). How a job is cut into units depends on its request alone, never on how many
work at it, so neither does what comes out. A share K/N is the K-th of N contiguous, near-equal blocks of units.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import UsageError
from .. import jobs
from .run import Outcome, run

_MOST = 1_000_000


@dataclass(frozen=True)
class Share:
    """The K-th of N; K counts from 1."""

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of <= _MOST:
            raise UsageError(f"there is no share {self.number}/{self.of}", "shares of N count from 1/N to N/N")

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def parse(cls, text: str) -> Share:
        """From "2/8". Raises UsageError."""
        found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text.strip(), re.ASCII)
        if found is None:
            raise UsageError(f"{text!r} is no share", "write K/N, such as 2/8: the second of eight")
        return cls(int(found[1]), int(found[2]))


def span(units: int, share: Share) -> tuple[int, int]:
    """First and end unit of a share; the two are equal where there are more shares than units and nothing is left for this one."""
    return units * (share.number - 1) // share.of, units * share.number // share.of


def share_folder(folder: str, share: Share) -> str:
    """Where a share tells its events, log and result."""
    return os.path.join(jobs.Job(folder).work_path, "shares", f"{share.number}-of-{share.of}")


def units(folder: str) -> int:
    """How many units a job has; 1 where its kind is not cut. Raises GenlockError, JobError for a wrong request or a missing input."""
    jobs.Job(folder).request()
    return 1


def missing(folder: str) -> list[int]:
    """The units that do not stand whole, rising; empty where the kind is not cut. Raises as units()."""
    jobs.Job(folder).request()
    return []


def run_share(
    folder: str, share: Share, wanted: Callable[[], bool] = lambda: True, listen: Callable[[jobs.Message], None] = lambda message: None
) -> Outcome:
    """Make the units of one share that do not stand yet; no output is written. Raises nothing: an Outcome says how it ended."""
    return run(folder, wanted, listen)


def run_merge(
    folder: str, wanted: Callable[[], bool] = lambda: True, listen: Callable[[jobs.Message], None] = lambda message: None
) -> Outcome:
    """Verify and join what the shares have made; refuses in one line where a unit is missing. Raises nothing."""
    return run(folder, wanted, listen)
