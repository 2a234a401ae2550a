"""ST maps and motion vectors to disk: 32-bit float EXR, a file a frame or one for all."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ...core.alignment import Alignment
from ...core.errors import OutputError
from ...core.settings_stmap import StmapSettings
from .desk import Desk
from .making import Pictures, begin, begun, write_pictures
from .outputs import beside, forget
from .units import Cut

if TYPE_CHECKING:
    from ...core.render.stmaps import MapFrame
    from ...core.space.flow import Estimator

_PATTERN = re.compile(r"%(?:0(?P<wide>\d+))?d|(?P<hashes>#+)")
SUFFIX = ".exr"


def is_sequence(path: str) -> bool:
    """Whether an output is a file a frame."""
    return _PATTERN.search(os.path.basename(path)) is not None


def name_of(path: str, number: int) -> str:
    """The file of one frame: its number in place of %04d or ####; a plain name stays."""
    folder, name = os.path.split(path)
    match = _PATTERN.search(name)
    if match is None:
        return path
    wide = int(match["wide"] or 0) if match["hashes"] is None else len(match["hashes"])
    return os.path.join(folder, f"{name[: match.start()]}{number:0{wide}d}{name[match.end() :]}")


def write_maps(desk: Desk, cut: Cut, alignment: Alignment, settings: StmapSettings, estimator: Estimator | None) -> None:
    """Write the maps of all frames, as write_pictures() does."""
    from ...core.render.plan import frames_within
    from ...core.render.stmaps import map_frames, size_of

    pieces = begin(desk, cut)
    first, _ = frames_within(settings.range, alignment.ref)
    width, height = size_of(alignment, settings)
    reading, anywhere = desk.progress.part(0.0, 0.05), begun(desk, cut)

    def made(begin: int, end: int) -> Any:
        return map_frames(alignment, settings, estimator, reading, begin, end, anywhere, pieces.kept)

    def opened(place: str, folder: str) -> MapWriter:
        return MapWriter(place, folder, alignment, first, cut, pieces.alone)

    pictures = Pictures(made, lambda number: (Fraction(number), None), opened, width * height * 16)
    write_pictures(replace(desk, progress=desk.progress.part(0.05, 0.95)), pieces, cut, pictures)


def write_map(place: str, frame: MapFrame, alignment: Alignment, shown: str) -> None:
    """One map to one file. Raises OutputError.

    shown  what a person calls the file
    """
    from ...core.media.plates import Layer
    from ...core.media.plates.form import Form
    from ...core.media.write.file import Header, write_file
    from ...core.render.session import moved_timecode

    form = Form("rgb", 32, is_float=True, alpha=True)
    header = Header(SUFFIX, form, alignment.ref.rate, moved_timecode(alignment.ref, frame.number), compression="zip")
    write_file(place, [Layer(frame.channels, frame.pixels, attributes=(("genlock", "string", _told(frame)),))], header, shown)


def _told(frame: MapFrame) -> str:
    """What the header says of the numbers, for whoever finds the file."""
    if "R" in frame.channels:
        return "ST map: R = S = (x + 0.5) / w, right; G = T, up; A = coverage"
    return "motion vectors in pixels: u right, v up; A = coverage"


class MapWriter:
    """A sequence of maps as pieces; a PieceWriter whose pictures are MapFrames."""

    encoder, pix_fmt, length = "OpenImageIO", "", 1

    def __init__(self, path: str, folder: str, alignment: Alignment, first: int, cut: Cut, alone: bool) -> None:
        """
        path   a pattern, where the files will have their places
        first  the ref frame that is the sequence's first
        """
        from ...core.media.write.pieces import FilePieces

        self.notes: list[str] = []
        self._path, self._alignment, self._first, self._frames = path, alignment, first, cut.frames
        self._files = FilePieces(folder, SUFFIX, cut.key, path, alone)
        self._part = beside(os.path.join(folder, "map"))
        self._number = 0
        self._closed = False

    def __enter__(self) -> MapWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
        self.abandon()

    @property
    def done(self) -> int:
        """See PieceWriter."""
        return next((number for number in range(self._frames) if not self.stands(number)), self._frames)

    def stands(self, number: int) -> bool:
        """See PieceWriter."""
        return self._files.path(number) is not None

    def turn_to(self, number: int) -> None:
        """See PieceWriter."""
        self._number = number

    def write(self, picture: Any, pts: int | Fraction | None = None, extra: Sequence[Any] = (), duration: int | None = None) -> None:
        """One map; times do not matter."""
        made = os.path.join(self._part, f"map{SUFFIX}")
        write_map(made, picture, self._alignment, self._named(self._number))
        self._files.keep(self._number, made)
        self._number += 1

    def leave(self) -> None:
        """See PieceWriter."""
        self.abandon()

    def close(self) -> tuple[Path, ...]:
        """Give the files their places, which are returned. Raises OutputError."""
        if self._closed:
            return ()
        if self.done != self._frames:
            raise OutputError(f"map {self.done} of {os.path.basename(self._path)} is missing", "run it again: it is made then")
        places = [self._named(number) for number in range(self._frames)]
        for number, place in enumerate(places):
            self._files.place(number, place)
        self.abandon()
        return tuple(map(Path, places))

    def abandon(self) -> None:
        """Take away what is half written."""
        self._closed = True
        forget(self._part)

    def _named(self, number: int) -> str:
        return name_of(self._path, self._alignment.ref.start_frame + self._first + number)
