"""What the work of a job is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...core.errors import GenlockError
from ...core.media.steady import Steady
from ...core.progress import Progress
from ..jobs import Request
from .outputs import File
from .staging import Stage

if TYPE_CHECKING:
    from .shares import Share


@dataclass(frozen=True)
class Desk:
    """What one job has at hand."""

    request: Request
    progress: Progress
    note: Callable[[str], None]
    """Tell a person something, in one sentence; the job goes on."""
    stage: Stage = field(default_factory=Stage)
    """Where outputs stand that are too large for memory, until the job is done."""
    work: str = ""
    """The job's folder for pieces that it goes on from when it is run again; "" where the job folder does not last."""
    share: Share | None = None
    """What alone is made, and not joined; None: the whole job."""
    merge: bool = False
    """Nothing is made; what shares have made is joined."""
    steady: Steady = field(default_factory=Steady)
    """Footage that is read; the job is refused at its end where any of it has changed since it was added."""
    told: bool = False
    """Whether a person knows already how much stands from a run before."""


@dataclass(frozen=True)
class Answer:
    """What the work of a job has found. Nothing is written yet."""

    sentence: str
    """The answer in one sentence."""
    lines: tuple[str, ...] = ()
    """More of it, for people, a line each."""
    figures: dict[str, Any] = field(default_factory=dict)
    """The same for programs; plain JSON values."""
    files: tuple[File, ...] = ()
    """To be written together."""
    error: GenlockError | None = None
    """Not the same footage: the answer is a refusal, and `files` holds the report alone."""
    exit_status: int = 0
    """0, or 1 where the claims of a timeline do not hold; an error brings its own."""
