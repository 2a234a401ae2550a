"""Writing pictures, and their sound, at full depth and colour."""

from .beside import abandon_all
from .edit import SoundEdit, SoundPiece
from .settings import WriteSettings
from .sound import SoundSource
from .writer import Writer, open_writer

__all__ = ["SoundEdit", "SoundPiece", "SoundSource", "WriteSettings", "Writer", "abandon_all", "open_writer"]
