"""What keeps a job from a Ray cluster, as one error of core's family."""

from __future__ import annotations

from ...core.errors import GenlockError


class RayError(GenlockError):
    """The cluster cannot be reached, does not guard itself, does not know us, or is not the same everywhere."""

    code = "ray"
