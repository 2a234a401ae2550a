"""A picture sequence as pieces: each file is one, and has its name once it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType

from ....errors import cannot_write
from ...plates.info import PictureInfo
from ...plates.plate import Layer, Shown
from ..beside import rename
from ..pictures import PictureWriter
from ..settings import WriteSettings
from .store import own_folder


class PiecePictures:
    """Writes one file a picture into the folder of pieces, and gives them all their places at the end. Made by open_pieces."""

    encoder = PictureWriter.encoder

    def __init__(self, path: str, info: PictureInfo, settings: WriteSettings, folder: str) -> None:
        self.path = path
        self._home = os.path.dirname(os.path.realpath(path))
        _tidied(own_folder(folder, path))
        inside = os.path.join(folder, os.path.basename(path))
        self._writer = PictureWriter(inside, info, replace(settings, each=True))
        self.done = self._writer.go_on()
        self.notes = self._writer.notes

    @property
    def pix_fmt(self) -> str:
        """What the samples mean, in words."""
        return self._writer.pix_fmt

    def __enter__(self) -> PiecePictures:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def write(self, picture: Shown, pts: int | Fraction | None = None, extra: Sequence[Layer] = (), duration: int | None = None) -> None:
        """One picture; see Writer."""
        self._writer.write(picture, pts, extra, duration)

    def close(self) -> tuple[Path, ...]:
        """Give the files their places, which are returned. Raises OutputError."""
        return tuple(self._placed(made) for made in self._writer.close())

    def abandon(self) -> None:
        """Take away what was begun, but for whole files."""
        self._writer.abandon()

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
