"""What travels beside a frame's samples: HDR10 metadata and captions, from the structures that FFmpeg attaches."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from ..attached import attached
from .info import LightLevel, Mastering


@dataclass(frozen=True)
class FrameSide:
    """Of one frame; None and empty where the frame has none."""

    mastering: Mastering | None = None
    light: LightLevel | None = None
    captions: bytes = b""
    """CEA-608/708 (A/53), as in the bitstream."""


def side_of(frame: av.VideoFrame, codec: str) -> FrameSide:
    """Read the side data that is known; the rest is passed by. codec: FFmpeg's name of the decoder."""
    try:
        found = attached(frame, codec)
    except ValueError:  # a kind that this PyAV has no name for hides the others
        return FrameSide()
    return FrameSide(
        _mastering(found.get("MASTERING_DISPLAY_METADATA", b"")), _light(found.get("CONTENT_LIGHT_LEVEL", b"")), found.get("A53_CC", b"")
    )


def _mastering(body: bytes) -> Mastering | None:
    """AVMasteringDisplayMetadata: ten rationals (three primaries, white, low, high) and two flags."""
    if len(body) < 88:
        return None
    numbers = np.frombuffer(body, np.int32, 20).reshape(10, 2).tolist()
    has_primaries, has_light = np.frombuffer(body, np.int32, 2, 80).tolist()
    if not (has_primaries and has_light) or any(den == 0 for _, den in numbers):
        return None
    x = [Fraction(num, den) for num, den in numbers]
    return Mastering(((x[0], x[1]), (x[2], x[3]), (x[4], x[5])), (x[6], x[7]), x[8], x[9])


def _light(body: bytes) -> LightLevel | None:
    """AVContentLightMetadata: MaxCLL and MaxFALL."""
    if len(body) < 8:
        return None
    most, mean = np.frombuffer(body, np.uint32, 2).tolist()
    return LightLevel(most, mean) if most or mean else None
