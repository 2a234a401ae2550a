"""The one way in: an output that may have been begun before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ...plates.info import PictureInfo
from ..choice import suffix_of
from ..codecs import STILLS
from ..settings import WriteSettings
from ..sound import SoundSource
from ..writer import AS_SOURCE, Writer
from .film import PieceFilm
from .pictures import PiecePictures


class PieceWriter(Writer, Protocol):
    """A Writer whose first pictures may stand already."""

    def __enter__(self) -> PieceWriter: ...

    @property
    def done(self) -> int:
        """How many pictures need not be written again: write() goes on with the next one."""
        ...


def open_pieces(
    path: str | Path, info: PictureInfo, folder: str | Path, settings: WriteSettings = AS_SOURCE, sounds: Sequence[SoundSource] = ()
) -> PieceWriter:
    """Begin an output, or go on with it.

    folder  of this output's pieces alone; made where it is not there. It has to belong to the same pictures, info, settings and sounds as
            when it was begun, and nobody else may use it now. abandon() leaves whole pieces in it; whoever named it takes it away

    For the rest see open_writer. Raises what that raises, and OutputError where the folder cannot be used.
    """
    path = str(path)
    if suffix_of(path) not in STILLS:
        return PieceFilm(path, info, settings, sounds, str(folder))
    writer = PiecePictures(path, info, settings, str(folder))
    if sounds:
        writer.notes.append("picture files hold no sound; write a film beside them for it")
    return writer
