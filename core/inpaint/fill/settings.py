"""What a person may say about the fill."""

from __future__ import annotations

from dataclasses import dataclass

from ...settings import Settings, option

REAL = ("flow", "camera", "plate")
"""Methods that show what other frames show; of two foreseen equally well, the earlier is taken."""
METHODS = (*REAL, "still", "smooth")


@dataclass(frozen=True)
class FillSettings(Settings):
    """How the masked pixels of a shot are found in its other frames."""

    kind = "the table [fill]"

    method: str = option(
        "auto",
        "auto: the one that a test on the shot itself finds best; camera: by the camera's motion; flow: by each pixel's own; "
        "plate: what most frames show; still: painted once and carried; smooth: from the edge inwards, for wires and scratches",
        choices=("auto", *METHODS),
    )
    reach: int = option(48, "frames looked at before and after each", low=1, high=1000)
    margin_px: int = option(
        -1, "pixels around the mask that are trusted in no frame: the thing's soft edge, its blur; -1: 0.2 % of the width", low=-1, high=512
    )
    memory_mb: int = option(768, "for frames that were read and may be wanted again", low=1, high=1_000_000)
