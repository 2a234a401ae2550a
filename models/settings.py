"""How a model is run; said with every call, and never a switch for the whole process."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.errors import UsageError

LEAST_TILE = 64
SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class RunSettings:
    """How a model that makes frames is run."""

    device: str = "auto"
    """auto, cpu, cuda, cuda:N or mps."""
    half: bool = False
    """The network's layers in half precision: float16, on a CPU bfloat16. Flow and pictures stay single."""
    tile: int = 0
    """Pixels a side that the network sees at once, against running out of memory; 0 takes all."""
    scale: float = 1.0
    """How closely motion is looked at: 0.5 for 4K and for very large motion, 2 for small motion in small pictures."""

    def __post_init__(self) -> None:
        if self.tile != 0 and self.tile < LEAST_TILE:
            raise UsageError(f"tile is {self.tile}", f"give {LEAST_TILE} pixels or more, or 0 for no tiles")
        if self.scale not in SCALES:
            raise UsageError(f"scale is {self.scale}", f"choose one of {', '.join(f'{scale:g}' for scale in SCALES)}")
