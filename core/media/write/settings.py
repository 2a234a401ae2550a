"""How pictures and sound are written."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...errors import UsageError

CHOICES: dict[str, tuple[str, ...]] = {
    "codec": ("", "h264", "h265", "prores", "dnxhr", "ffv1", "vp9", "av1"),
    "quality": ("draft", "standard", "high", "lossless"),
    "depth": ("", "8", "10", "12", "16", "half", "float"),
    "chroma": ("", "420", "422", "444"),
    "alpha": ("auto", "keep", "drop"),
    "odd": ("refuse", "pad", "crop"),
    "sound_codec": ("", "pcm", "flac", "alac", "aac", "opus"),
}


@dataclass(frozen=True)
class WriteSettings:
    """The defaults keep what the source has, as far as the file's suffix can."""

    codec: str = ""
    """"" goes by the suffix: .mov ProRes, .mkv FFV1, .mp4 H.264 or (deeper than 8 bits, HDR) H.265, .webm VP9 or (deeper) AV1."""
    encoder: str = "auto"
    """auto: a hardware encoder where one works and loses nothing, else software; software; or FFmpeg's name of one."""
    quality: str = "high"
    depth: str = ""
    """Bits a sample, half or float; "" as in the source."""
    chroma: str = ""
    """"" as in the source; RGB becomes 4:2:0 in H.264, H.265, VP9 and AV1 unless they are lossless."""
    alpha: str = "auto"
    """keep refuses where it cannot be kept; auto says so and goes on."""
    compression: str = ""
    """Of EXR (none, rle, zips, zip, piz, pxr24, b44, b44a, dwaa, dwab) and TIFF (none, lzw, zip)."""
    odd: str = "refuse"
    """What is done where an encoder needs even sizes: pad repeats the last column or row, crop leaves it out."""
    sound_codec: str = ""
    """Of sound that is edited or that the container cannot hold as it is; "" goes by container and depth."""
    each: bool = False
    """Files of a sequence get their names one by one, each when it is whole, instead of all together at the end."""

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name in CHOICES and value not in CHOICES[f.name]:
                raise UsageError(f"{f.name} is {value!r}", f"choose one of {', '.join(name for name in CHOICES[f.name] if name)}")
