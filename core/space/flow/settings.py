"""What a person can say about how the flow is found."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError

PRECISIONS = (1, 2, 3, 4)
LEAST_TILE = 64


@dataclass(frozen=True)
class FlowSettings:
    """How the flow is estimated. The defaults suit footage whose matrix is known to a few pixels."""

    precision: int = 2
    """1 fastest to 4 most exact: how fine the last level is, how fine its mesh, and how often it is gone over."""
    iterations: int = 0
    """Rounds on every level; 0 leaves it to the precision."""
    soften: bool = False
    """Look at softened pictures and hold the warp stiffer: grain, halos and compression do not pull. The warp still draws the original."""
    wide: bool = False
    """Search for large displacements first: a fifth of the picture's size, where a few of its hundredths are usual."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:N or mps. auto takes what is there, in the order cuda, mps, cpu."""
    tile: int = 0
    """Pixels a side that are worked on at once, against running out of memory; 0 takes all. The answer is the same."""
    half: bool = False
    """Keep the pictures' detail in half precision; what is summed stays single. The answer is the same to a few thousandths of a pixel."""

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise UsageError(f"precision is {self.precision!r}", "choose 1 (fast), 2, 3 or 4 (exact)")
        if self.iterations < 0:
            raise UsageError(f"iterations is {self.iterations}", "give a number of rounds, or 0 to leave it to the precision")
        if self.tile != 0 and self.tile < LEAST_TILE:
            raise UsageError(f"tile is {self.tile}", f"give {LEAST_TILE} pixels or more, or 0 for no tiles")
