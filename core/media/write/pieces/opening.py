"""The one way in: an output that may have been begun before, or is made by several processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ...plates.info import PictureInfo
from ..choice import suffix_of
from ..codecs import STILLS
from ..settings import WriteSettings
from ..sound import SoundSource
from ..writer import AS_SOURCE, Writer
from .files import drop_numbers, whole_numbers
from .film import PieceFilm
from .pictures import PiecePictures
from .store import drop, pieces_in


class PieceWriter(Writer, Protocol):
    """A Writer of which some pictures may stand already. Pictures are written from the first that is missing on, or from turn_to()'s."""

    def __enter__(self) -> PieceWriter: ...

    @property
    def length(self) -> int:
        """Pictures a piece: it is made whole or not at all."""
        ...

    @property
    def done(self) -> int:
        """How many pictures stood from the first on without a gap when it was opened: write() goes on with the next one."""
        ...

    def stands(self, number: int) -> bool:
        """Whether this picture need not be written (again)."""
        ...

    def turn_to(self, number: int) -> None:
        """What was written is a whole piece, and the next picture has this number, with which a piece begins. Its time counts from the film's
        first picture, which is at 0. Raises UsageError, OutputError."""

    def leave(self) -> None:
        """What was written is a whole piece; there will be no output yet. Raises OutputError."""


def open_pieces(
    path: str | Path, info: PictureInfo, folder: str | Path, settings: WriteSettings = AS_SOURCE, sounds: Sequence[SoundSource] = (),
    key: str = "", alone: bool = True,
) -> PieceWriter:
    """Begin an output, or go on with it.

    folder  of this output's pieces alone; made where it is not there. abandon() and leave() leave whole pieces in it; whoever named it takes
            it away
    key     letters and digits that change with whatever the pictures depend on: pieces of another key are not used. Without one, the folder
            has to belong to the same pictures, info, settings and sounds as when it was begun
    alone   nobody else uses the folder now: what is torn or of another key is taken away. Else other processes may write into it, even the
            same pieces

    For the rest see open_writer. Raises what that raises, and OutputError where the folder cannot be used.
    """
    path = str(path)
    if suffix_of(path) not in STILLS:
        return PieceFilm(path, info, settings, sounds, str(folder), key, alone)
    writer = PiecePictures(path, info, settings, str(folder), key, alone)
    if sounds:
        writer.notes.append("picture files hold no sound; write a film beside them for it")
    return writer


def standing(folder: str | Path, key: str, checked: bool = True) -> list[range]:
    """The pictures of an output that stand whole in its folder of pieces, rising; nothing is changed.

    checked  by their checksums, for which all of them are read; else it is a quick look
    """
    if not os.path.isdir(folder):
        return []
    films = [range(piece.first, piece.end) for piece in pieces_in(str(folder), checked) if piece.origin.key == key]
    return films or [range(number, number + 1) for number in whole_numbers(str(folder), key, checked)]


def discard(folder: str | Path, key: str, pictures: range) -> None:
    """Take away what stands of these pictures: it was made of something else than the key says."""
    if os.path.isdir(folder):
        for piece in pieces_in(str(folder), checked=False):
            if piece.origin.key == key and piece.first < pictures.stop and piece.end > pictures.start:
                drop(piece.path)
        drop_numbers(str(folder), key, pictures)
