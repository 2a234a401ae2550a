"""One job on many processes and machines: which units of it a share makes, which of them stand, and how they are joined.

A unit is a fixed stretch of pictures (of a batch: one pair). How a job is cut into units depends on its request alone, never on how many
work at it, so neither does what comes out. A share K/N is the K-th of N contiguous, near-equal blocks of units.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ...core.errors import UsageError
from ...core.media.steady import Changed
from ...core.progress import Progress
from .. import jobs
from .locks import hold
from .outputs import forget
from .pieces import SHARES
from .staging import Stage

if TYPE_CHECKING:
    from .desk import Answer, Desk
    from .run import Outcome, Work

MOST = 1_000_000


class NoShare(UsageError, ValueError):
    """What was named is no share."""


@dataclass(frozen=True)
class Share:
    """The K-th of N; K counts from 1."""

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of <= MOST:
            raise NoShare(f"there is no share {self.number}/{self.of}", f"shares of N count from 1/N to N/N, and N is {MOST} at most")

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def parse(cls, text: str) -> Share:
        """From "2/8". Raises NoShare."""
        found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text.strip(), re.ASCII)
        if found is None:
            raise NoShare(f"{text!r} is no share", "write K/N, such as 2/8: the second of eight")
        return cls(int(found[1]), int(found[2]))


def span(units: int, share: Share) -> tuple[int, int]:
    """First and end unit of a share; the two are equal where there are more shares than units and nothing is left for this one."""
    return units * (share.number - 1) // share.of, units * share.number // share.of


class Units(Protocol):
    """A job's units, as its kind cuts them."""

    @property
    def units(self) -> int: ...
    def missing(self, work: str) -> list[int]:
        """Those that do not stand whole, rising."""
        ...

    def forget(self, work: str, first: int, end: int) -> None:
        """What stands of the units first … end - 1 was made of files that changed meanwhile."""


def _render(desk: Desk) -> Units | None:
    from .render import cut

    return cut(desk)


def _composite(desk: Desk) -> Units | None:
    from .composite import cut

    return cut(desk)


def _stmap(desk: Desk) -> Units | None:
    from .stmap import cut

    return cut(desk)


def _retime(desk: Desk) -> Units | None:
    from .retime import cut

    return cut(desk)


def _batch(desk: Desk) -> Units | None:
    from ..batch.work import cut

    return cut(desk)


CUTS: Mapping[str, Callable[[Desk], Units | None]] = {
    "render": _render,
    "composite": _composite,
    "stmap": _stmap,
    "retime": _retime,
    "batch": _batch,
}
"""How each kind of job is cut that is cut at all; None where this job of the kind is not."""


def units(folder: str) -> int:
    """How many units a job has; 1 where it is not cut. Raises GenlockError, JobError for a wrong request or an input that cannot be read."""
    cut = _cut(jobs.Job(folder))
    return cut.units if cut is not None else 1


def missing(folder: str) -> list[int]:
    """The units that do not stand whole, rising from 0; none where the job is not cut. Raises as units()."""
    job = jobs.Job(folder)
    cut = _cut(job)
    return cut.missing(job.work_path) if cut is not None else []


def _cut(job: jobs.Job) -> Units | None:
    from .desk import Desk
    from .run import check_absolute

    request = job.request()
    check_absolute(request)
    return cut_of(Desk(request, Progress(), lambda text: None, work=job.work_path))


def cut_of(desk: Desk) -> Units | None:
    """The units of a job that is under way; None where it is not cut. Raises as its work does for a wrong request."""
    way = CUTS.get(desk.request.kind)
    return way(desk) if way else None


def share_folder(folder: str, share: Share) -> str:
    """Where a share tells its events, log and result."""
    return os.path.join(jobs.Job(folder).work_path, SHARES, f"{share.number}-of-{share.of}")


class ShareJob(jobs.Job):
    """A job's folder as one share of it sees it: it tells in a folder of its own, and hears when either is cancelled."""

    def __init__(self, folder: str, share: Share, ending: str = "") -> None:
        whole = jobs.Job(folder)
        super().__init__(share_folder(folder, share) + ending)
        self.request_path, self.work_path = whole.request_path, whole.work_path
        self._whole = whole

    def cancelled(self) -> bool:
        """Whether the share has been asked to stop, or the whole job."""
        return super().cancelled() or self._whole.cancelled()


def run_share(
    folder: str, share: Share, wanted: Callable[[], bool] = lambda: True, listen: Callable[[jobs.Message], None] = lambda message: None
) -> Outcome:
    """Make the units of one share that do not stand yet; no output is written. Raises nothing: an Outcome says how it ended.

    Where another process is at the same share, both make its units, which come out the same, and this one tells in a folder of its own that
    goes away with it.
    """
    from .run import KINDS, run

    job = ShareJob(folder, share)
    lock = None
    if os.path.isfile(job.request_path):
        with suppress(OSError):
            os.makedirs(job.folder, exist_ok=True)
            lock = hold(os.path.join(job.folder, "lock"))
            if lock is None:
                job = ShareJob(folder, share, f".{os.getpid()}-{os.urandom(3).hex()}")
                os.makedirs(job.folder)
    making = os.path.join(job.folder, "making")
    forget(making)
    try:
        return run(job, wanted, listen, {kind: _as_share(work, share, making) for kind, work in KINDS.items()})
    finally:
        forget(making if lock is not None else job.folder)
        if lock is not None:
            lock.close()


def _as_share(work: Work, share: Share, making: str) -> Work:
    """The work of a kind, of which only a share is done."""

    def part(desk: Desk) -> Answer:
        from .desk import Answer

        cut = cut_of(desk)
        if cut is None:
            return Answer("this job is one unit, which no share makes: nothing is to do here, and genlock run does all of it.", figures={"units": 1})
        first, end = span(cut.units, share)
        if first == end:
            return Answer(
                f"share {share} is empty, since the job has {cut.units} unit{'s' if cut.units > 1 else ''}: nothing is to do.",
                figures={"share": str(share), "units": cut.units, "first_unit": first, "end_unit": end},
            )
        stage = Stage(making)
        try:
            answer = work(replace(desk, stage=stage, share=share))
            desk.steady.check()
            return answer
        except Changed:
            cut.forget(desk.work, first, end)
            raise
        finally:
            stage.close()

    return part


def run_merge(
    folder: str, wanted: Callable[[], bool] = lambda: True, listen: Callable[[jobs.Message], None] = lambda message: None
) -> Outcome:
    """Verify and join what the shares have made; refuses in one line where a unit is missing. Raises nothing: an Outcome says how it ended.

    A job that is not cut is run whole.
    """
    from .run import KINDS, run

    return run(folder, wanted, listen, {kind: _as_merge(work) for kind, work in KINDS.items()})


def _as_merge(work: Work) -> Work:
    return lambda desk: work(replace(desk, merge=True))
