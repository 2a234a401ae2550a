"""What a worker of the pool is given, as a line of JSON, and how it went."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from ... import jobs
from ..shares import Share, share_folder


@dataclass(frozen=True)
class Task:
    """A job, or one share of it."""

    job: str
    """Its folder."""
    piece: str = ""
    """K/N; "" for the whole job."""
    name: str = ""
    """For people."""
    weight: float = 1.0
    """How much of the whole it is, in any unit."""

    def to_line(self) -> bytes:
        """As a worker reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Task:
        """The reverse. Raises ValueError, TypeError."""
        body: Any = json.loads(line)
        return cls(**body)

    @property
    def share(self) -> Share:
        """Raises UsageError where it is a whole job."""
        return Share.parse(self.piece)

    @property
    def record(self) -> jobs.Job:
        """The folder in which it tells how it goes."""
        return jobs.Job(share_folder(self.job, self.share) if self.piece else self.job)


@dataclass(frozen=True)
class Ended:
    """A task that is no longer worked at."""

    task: Task
    lost: str = ""
    """Why its worker went before it could answer; it may be run again."""
    exit_status: int = 0
    error: dict[str, str] | None = None
    """As in result.json: code, what, next_step."""
    node: str = ""
    """The machine, where there are several."""
