"""What is known of pictures that are read or written: everything that a copy has to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ..info import Colour, ReadOptions
from ..upright import AS_STORED, Turn
from .colour import Encoding
from .form import Form

LINEAR = 8
"""Transfer characteristic of scene-linear light, in H.273."""

AS_TAGGED = ReadOptions()
UNSAID = Colour()


@dataclass(frozen=True)
class PlateOptions:
    """How plates are read."""

    read: ReadOptions = AS_TAGGED
    fields: str = "keep"
    """Of interlaced pictures: keep both fields woven, or "first": rgb() shows the first field, the lines between interpolated."""
    upright: bool = True
    """rgb() is turned upright by the rotation flag; False: as stored, and PictureInfo.turn says how it would be turned."""


@dataclass(frozen=True)
class Mastering:
    """SMPTE ST 2086: the display that a picture was graded on."""

    primaries_xy: tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction], tuple[Fraction, Fraction]]
    """CIE 1931 x, y of red, green, blue."""
    white_xy: tuple[Fraction, Fraction]
    low_nits: Fraction
    high_nits: Fraction


@dataclass(frozen=True)
class LightLevel:
    """CTA-861.3: brightest pixel, and brightest frame on average, in cd/m2."""

    most_nits: int
    mean_nits: int


@dataclass(frozen=True)
class Chapter:
    """A named stretch, in seconds of the file's own clock."""

    start_s: Fraction
    end_s: Fraction
    title: str = ""


@dataclass(frozen=True)
class SoundTrack:
    """One sound stream of a file."""

    index: int
    """Among the file's sound streams, from 0."""
    codec: str
    rate: int
    channels: int
    layout: str
    sample_format: str = ""
    bits: int = 0
    """Bits a sample that carry sound; 0 where a lossy codec has none."""
    language: str = ""
    title: str = ""


@dataclass(frozen=True)
class PictureInfo:
    """Of footage that is read, or of pictures about to be written; change it with dataclasses.replace."""

    width: int
    height: int
    """Of the upright picture where plates are read upright, else as stored. Stored pixels; the sample aspect is not applied."""
    form: Form
    """What the stored samples mean."""
    rate: Fraction
    time_base: Fraction
    pix_fmt: str = ""
    colour: Colour = UNSAID
    chroma_location: str = "left"
    """left, center or topleft; by convention of the codec, since decoders do not tell it through PyAV."""
    mastering: Mastering | None = None
    light: LightLevel | None = None
    associated: bool = False
    """Colours are multiplied by alpha already (EXR); else alpha is straight."""
    sample_aspect: Fraction = Fraction(1)
    turn: Turn = AS_STORED
    """Of the rotation flag, not yet applied; AS_STORED where plates are read upright."""
    interlaced: bool = False
    bottom_first: bool = False
    first_pts: int = 0
    frames: int = 0
    """An estimate, as in FootageInfo."""
    kind: str = "video"
    codec: str = ""
    timecode: str | None = None
    start_frame: int = 0
    chapters: tuple[Chapter, ...] = ()
    sounds: tuple[SoundTrack, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def encoding(self) -> Encoding:
        """How colour is coded in the samples."""
        full = self.colour.full_range or (self.form.model == "gray" and self.kind != "video")
        return Encoding(self.colour.matrix, full, self.chroma_location, self.interlaced)

    @property
    def linear(self) -> bool:
        """Scene-linear light: tagged so, or float without a tag."""
        return self.colour.transfer == LINEAR or (self.form.is_float and self.colour.transfer in (0, 2, 3))

    @property
    def hdr(self) -> bool:
        """Tagged PQ or HLG."""
        return self.colour.transfer in (16, 18)

    @property
    def bits(self) -> int:
        """Bits a sample; of float 16 or 32."""
        return self.form.bits

    @property
    def alpha(self) -> bool:
        return self.form.alpha
