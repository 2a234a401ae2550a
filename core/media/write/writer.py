"""The one way out: pictures to a film or to picture files, by the output's suffix."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol

from ..plates.info import PictureInfo
from ..plates.plate import Layer, Shown
from .choice import suffix_of
from .codecs import STILLS
from .film import FilmWriter
from .pictures import PictureWriter
from .settings import WriteSettings
from .sound import SoundSource

AS_SOURCE = WriteSettings()


class Writer(Protocol):
    """Writes pictures in order. Use with "with": leaving it closes, leaving it by an error abandons."""

    notes: list[str]
    """What could not be kept, a line each; complete after the first picture."""

    @property
    def encoder(self) -> str: ...
    @property
    def pix_fmt(self) -> str: ...

    def __enter__(self) -> Writer: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def write(self, picture: Shown, pts: int | Fraction | None = None, extra: Sequence[Layer] = (), duration: int | None = None) -> None:
        """One picture.

        picture   a Plate: its samples go through untouched as far as the output's form allows; Samples: the same; or (h, w, 3) or (h, w, 4)
                  float32 RGB; of the size and, but for a Plate, in the encoding of the info that the writer was opened with
        pts       int: in info.time_base; Fraction: seconds; None: one frame after the one before, at info.rate. Counted from the first picture
        extra     further EXR layers
        duration  in info.time_base, of the picture that is written last

        Raises UsageError for a picture that does not fit or a time that does not rise, OutputError where it cannot be written; then nothing
        of the output stays.
        """

    def close(self) -> tuple[Path, ...]:
        """Finish, check, and give the files their names, which are returned."""

    def abandon(self) -> None:
        """Take away what was begun. Does nothing after close()."""


def open_writer(
    path: str | Path, info: PictureInfo, settings: WriteSettings = AS_SOURCE, sounds: Sequence[SoundSource] = ()
) -> Writer:
    """Begin an output.

    path    .mov .mp4 .m4v .mkv .webm; .exr .png .tif .dpx, as NAME.%04d.exr or, for one picture, a plain name
    info    of the pictures that will be written: that of the plates, changed where they are changed (dataclasses.replace)
    sounds  tracks in order; picture files have none

    Raises UsageError for what cannot be had, OutputError for a place that cannot be written, MediaError for sound that cannot be read.
    """
    path = str(path)
    if suffix_of(path) not in STILLS:
        return FilmWriter(path, info, settings, sounds)
    writer = PictureWriter(path, info, settings)
    if sounds:
        writer.notes.append("picture files hold no sound; write a film beside them for it")
    return writer
