"""What one worker of a job needs of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...core.errors import UsageError
from ..jobs import Request


@dataclass(frozen=True)
class Needs:
    """Of a node, for one worker."""

    cpus: int = 1
    gpus: float = 0.0
    """A fraction lets as many workers share a GPU as its memory holds."""


def needs_of(request: Request, gpus_there: float, fraction: float = 1.0) -> Needs:
    """One CPU; and of a GPU this fraction where the job asks for one: device cuda, or auto with a model or a flow and GPUs in the cluster.

    gpus_there  how many GPUs the cluster has now
    All workers of a job are placed alike, since a GPU does not compute bit for bit what a CPU does.
    Raises UsageError for a fraction that is none.
    """
    if not (0 < fraction <= 1 or (fraction > 1 and float(fraction).is_integer())):
        raise UsageError(f"a worker cannot have {fraction:g} of a GPU", "give a number above 0 up to 1, or whole GPUs")
    device = str(request.settings.get("device") or "auto")
    computes = bool(request.settings.get("model")) or request.settings.get("warp") == "flow"
    asked = device.startswith("cuda") or (device == "auto" and computes and gpus_there > 0)
    return Needs(1, float(fraction) if asked else 0.0)


def slots_of(resources: Mapping[str, float], needs: Needs) -> int:
    """How many workers fit on a node with these resources, were it empty."""
    room = resources.get("CPU", 0.0) // needs.cpus
    return int(min(room, resources.get("GPU", 0.0) // needs.gpus) if needs.gpus else room)
