"""A picture sequence as pieces: each file is one."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ....errors import OutputError, UsageError
from ...plates.info import PictureInfo
from ..beside import forget
from ..pictures import PictureWriter
from ..settings import WriteSettings
from .files import FilePieces


class PiecePictures(PictureWriter):
    """Writes one file a picture into the folder of pieces, and gives them all their places at the end. Made by open_pieces."""

    length = 1

    def __init__(self, path: str, info: PictureInfo, settings: WriteSettings, folder: str, key: str, alone: bool) -> None:
        self._home = os.path.dirname(os.path.realpath(path))
        self._files = FilePieces(folder, os.path.splitext(path)[1].lower(), key, path, alone)
        self._turned = False
        super().__init__(os.path.join(folder, os.path.basename(path)), info, replace(settings, each=True))

    @cached_property
    def done(self) -> int:
        """See PieceWriter."""
        number = 0
        while self.stands(number):
            number += 1
        return number

    def __enter__(self) -> PiecePictures:
        return self

    def stands(self, number: int) -> bool:
        """See PieceWriter."""
        return self._files.path(number) is not None

    def turn_to(self, number: int) -> None:
        """See PieceWriter."""
        self._count, self._turned = number, True

    def write(self, *args: object, **named: object) -> None:
        """One picture, one file; see Writer."""
        if not self._turned:
            self.turn_to(self.done)
        super().write(*args, **named)  # type: ignore[arg-type]

    def _shown(self, number: int) -> str:
        """Its place at the end: nobody knows of the folder of pieces."""
        return os.path.join(self._home, os.path.basename(self._named(number)))

    def leave(self) -> None:
        """See PieceWriter."""
        self.abandon()

    def close(self) -> tuple[Path, ...]:
        """Give the files their places, which are returned. Raises OutputError."""
        if self._closed:
            return ()
        try:
            numbers = self._files.numbers()
            if not numbers:
                raise UsageError(f"{self.path} would hold no picture", "write at least one")
            if len(numbers) != numbers[-1] + 1:
                missing = next(n for n, number in enumerate(numbers) if n != number)
                raise OutputError(f"picture {missing} of {os.path.basename(self.path)} is missing", "run it again: it is made then")
            made = tuple(self._placed(number) for number in numbers)
        except BaseException:
            self.abandon()
            raise
        self._closed = True
        forget(self._folder)
        return made

    def _placed(self, number: int) -> Path:
        place = self._shown(self.info.start_frame + number)
        self._files.place(number, place)
        return Path(place)

    def _rename(self) -> None:
        for made, _ in self._made:
            self._files.keep(self._count - 1, made)
        self._made.clear()
