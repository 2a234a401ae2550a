"""What is known of a piece of footage before its frames are seen, and how a person can correct it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class ReadOptions:
    """What a person knows better than the file does."""

    rate: str = ""
    """Frames a second, as FrameRate.parse reads it; "" takes the file's own. An image sequence without it runs at 24."""
    space: str = ""
    """OCIO name of the pictures' colour space; "" takes it from the file's tags."""


@dataclass(frozen=True)
class FrameIndex:
    """Where the frames are, from one whole pass."""

    pts: tuple[int, ...]
    """Of every frame that can be decoded, in display order, in the stream's time base."""
    keys: tuple[int, ...]
    """Numbers of the frames that a seek can land on, ascending."""


@dataclass(frozen=True)
class Colour:
    """Colour tags as the file has them, by their H.273 code points; 2 is "not said"."""

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full_range: bool = False


@dataclass(frozen=True)
class FootageInfo:
    """What the header says."""

    width: int
    height: int
    """In stored pixels, after the rotation flag."""
    rate: Fraction
    time_base: Fraction
    """Seconds a unit of pts."""
    frames: int
    """As the header says or as the duration suggests: an estimate until the footage was read once. 0 is unknown."""
    duration_s: Fraction
    """As the header says, in seconds; 0 is unknown."""
    first_pts: int = 0
    """When the first frame begins, in time_base."""
    stamped: bool = True
    """Frames carry time stamps of their own; without them (a bare H.264 stream) they run at the constant rate."""
    kind: str = "video"
    """video, sequence or still."""
    codec: str = ""
    pix_fmt: str = ""
    bits: int = 8
    """Bits a sample."""
    colour: Colour = Colour()
    sample_aspect: Fraction = Fraction(1)
    rotation: int = 0
    """Degrees that the stored picture is turned clockwise to be upright: 0, 90, 180 or 270. Mirrored pictures are mirrored back too."""
    interlaced: bool = False
    timecode: str | None = None
    start_frame: int = 0
    """Of the timecode, or the number of a sequence's first file; else 0."""
    sound: bool = False
    sound_rate: int = 0
    """Samples a second; 0 without sound."""
    sound_channels: int = 0
