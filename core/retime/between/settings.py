"""What a person can say about frames in between that are made without weights."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError

QUALITIES = ("fast", "medium", "fine")


@dataclass(frozen=True)
class BetweenSettings:
    """How the motion is found. The default keeps up with 1080p on two cores at about two frames a second."""

    quality: str = "medium"
    """fast, medium or fine: how dense the patches are that are searched, and down to which level of the pictures."""

    def __post_init__(self) -> None:
        if self.quality not in QUALITIES:
            raise UsageError(f"quality is {self.quality!r}", f"choose one of {', '.join(QUALITIES)}")
