"""genlock inside VapourSynth: spatial() and temporal(), for scripts."""

from .spatial import spatial
from .temporal import temporal

__all__ = ["spatial", "temporal"]
