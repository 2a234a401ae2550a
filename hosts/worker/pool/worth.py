"""Whether a job is worth several processes on this machine, how many, and how much memory each will take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ....core import threads
from ....core.errors import GenlockError
from ...jobs import Request
from ..desk import Desk
from ..inputs import READABLE
from .crew import Workers
from .local import LocalWorkers
from .places import gpus, places
from .together import Hire

KINDS = ("render", "composite", "stmap", "retime")
"""Those whose pictures are made side by side. A batch has a pool of its own, and the others are not cut."""
_PAYS_MPX = 150.0
"""So many megapixels of output are half a minute of work for one core. A process takes half a second to start, each share some tenths to read its
way in, and one process with as many threads as it likes keeps 1.6 to 1.8 of two cores busy; of more, 2 to 3.6 (docs/farm.md)."""
_FLOW = 4.0
"""A picture made with a dense flow takes so many times as long."""
_BASE_BYTES, _BYTES_PX = 160 << 20, 400
"""What a worker takes: its libraries, and for each pixel the pictures that decoders, encoders and the warp hold. Measured with one thread:
123 to 222 MB at 640x360, 298 to 764 MB at 1920x1080, the most with H.264 and H.265."""


@dataclass(frozen=True)
class Size:
    """Of what a job makes, about: as its request tells, before anything is read."""

    pictures: int
    pixels: int
    """Of one."""


def workers_for(request: Request, asked: int | None = None) -> int:
    """How many processes a job is to have: as many as asked for; else one a GPU or a core where that pays, or 1."""
    if request.kind not in KINDS or asked == 1:
        return 1
    if asked is not None:
        return asked
    most = len(_gpus_of(request)) or threads.limit()
    size = _size_of(request) if most > 1 else None
    work = size.pictures * size.pixels * (_FLOW if _flows(request) else 1.0) if size is not None else 0.0
    return most if work >= _PAYS_MPX * 1e6 else 1


def hire_local(request: Request, count: int) -> Hire:
    """Workers of this machine, for run_together(); so many at most, and no more than units are missing."""

    def hire(desk: Desk, lacking: int) -> Workers | None:
        most = min(count, lacking)
        return LocalWorkers(places(most, _gpus_of(request)), need_bytes(_size_of(request)), desk.note) if most > 1 else None

    return hire


def need_bytes(size: Size | None) -> int:
    """What one worker takes at its peak, as far as the size of the pictures tells."""
    return _BASE_BYTES + _BYTES_PX * (size.pixels if size is not None else 0)


def _flows(request: Request) -> bool:
    told = request.settings
    between = request.kind == "retime" and told.get("dedup") != "only"
    return told.get("warp") == "flow" or bool(told.get("model")) or between


def _gpus_of(request: Request) -> tuple[str, ...]:
    """Those that the job computes on."""
    told = request.settings
    return gpus() if _flows(request) and told.get("device", "auto") in ("auto", "cuda") else ()


def _size_of(request: Request) -> Size | None:
    """None where it cannot be told; the job itself says why."""
    way: Callable[[Request], Size] = _of_aligned if "aligned" in request.inputs else _of_footage
    try:
        return way(request)
    except (GenlockError, KeyError, OSError, ValueError):
        return None


def _of_aligned(request: Request) -> Size:
    from ..inputs import read_aligned

    if not request.inputs["aligned"].lower().endswith(READABLE):
        raise ValueError(request.inputs["aligned"])
    alignment = read_aligned(request.inputs["aligned"])
    return Size(alignment.ref.frames, max(media.width * media.height for media in (alignment.clip, alignment.ref)))


def _of_footage(request: Request) -> Size:
    from ....core.media.footage import open_footage

    with open_footage(request.inputs["footage"]) as footage:
        return Size(footage.info.frames, footage.info.width * footage.info.height)
