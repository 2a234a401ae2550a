"""Reading pictures at full depth and colour: what a film, an image sequence or a still holds, bit for bit."""

from .form import Form
from .info import Chapter, LightLevel, Mastering, PictureInfo, PlateOptions, SoundTrack
from .plate import Layer, Plate
from .reading import Plates, open_plates
from .samples import Samples

__all__ = [
    "Chapter",
    "Form",
    "Layer",
    "LightLevel",
    "Mastering",
    "PictureInfo",
    "Plate",
    "PlateOptions",
    "Plates",
    "Samples",
    "SoundTrack",
    "open_plates",
]
