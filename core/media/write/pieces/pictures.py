"""A picture sequence as pieces: each file is one, and has its name once it is whole."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ....errors import cannot_write
from ...plates.info import PictureInfo
from ..beside import rename
from ..pictures import PictureWriter
from ..settings import WriteSettings
from .store import own_folder


class PiecePictures(PictureWriter):
    """Writes one file a picture into the folder of pieces, and gives them all their places at the end. Made by open_pieces."""

    def __init__(self, path: str, info: PictureInfo, settings: WriteSettings, folder: str) -> None:
        self._home = os.path.dirname(os.path.realpath(path))
        _tidied(own_folder(folder, path))
        super().__init__(os.path.join(folder, os.path.basename(path)), info, replace(settings, each=True))
        self.done = self.go_on()

    def __enter__(self) -> PiecePictures:
        return self

    def close(self) -> tuple[Path, ...]:
        """Give the files their places, which are returned. Raises OutputError."""
        return tuple(self._placed(made) for made in super().close())

    def _placed(self, made: Path) -> Path:
        """A file at its place under a second name, or copied where that lies on another file system; the piece stays."""
        place = os.path.join(self._home, made.name)
        beside = os.path.join(self._home, f".{made.name}.placing")
        try:
            with suppress(OSError):
                os.unlink(beside)
            try:
                os.link(made, beside)
            except OSError:
                shutil.copyfile(made, beside)
        except OSError as error:
            raise cannot_write(place, error) from error
        rename(beside, place, place)
        return Path(place)


def _tidied(folder: str) -> None:
    """Take away what a process that was killed has left half written."""
    for name in os.listdir(folder):
        if name.startswith("."):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
