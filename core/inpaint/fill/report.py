"""What the fill says of its work: which method, how well it should do, and where a person should look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ShotReport:
    """One shot."""

    first: int
    last: int
    """Inclusive."""
    method: str
    """"" where nothing is masked."""
    expected: Mapping[str, float] = field(default_factory=dict)
    """PSNR in dB inside a hole of the same shape elsewhere in the shot, by method; empty where none could be placed."""
    masked_px: int = 0
    unseen_px: int = 0
    """Of the masked pixels, those that no frame within reach shows: painted from the picture itself, and carried."""
    painted: tuple[int, ...] = ()
    """Frames in which something was painted anew; the others took it from them."""
    unsure: tuple[int, ...] = ()
    """Frames whose fill does not meet its surroundings: a person should look at them."""

    @property
    def expected_db(self) -> float | None:
        """Of the method that was taken; None where it was not tested."""
        return self.expected.get(self.method)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "first": self.first, "last": self.last, "method": self.method, "expected": {k: round(v, 2) for k, v in self.expected.items()},
            "masked_px": self.masked_px, "unseen_px": self.unseen_px, "painted": list(self.painted), "unsure": list(self.unsure),
        }  # fmt: skip


@dataclass(frozen=True)
class FillReport:
    """The whole span."""

    shots: tuple[ShotReport, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"shots": [shot.to_json() for shot in self.shots]}
