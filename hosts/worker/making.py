"""Pictures to disk, for every job that makes some: by pieces, so that it goes on where it was ended, and shares can be made apart and joined."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import OutputError
from ...core.settings_render import WarpSettings
from ...core.settings_retime import RetimeSettings
from .desk import Answer, Desk
from .pieces import Pieces
from .shares import span
from .tidy import tidy
from .units import Cut, runs_of, told

if TYPE_CHECKING:
    from ...core.media.plates import PictureInfo
    from ...core.media.plates.plate import Shown
    from ...core.media.write import SoundSource
    from ...core.media.write.pieces import PieceWriter
    from ...core.render.composite import Composite
    from ...core.render.session import Session


@dataclass(frozen=True)
class Pictures:
    """What is written. Each picture can be made from its number alone: nothing shows where the making began."""

    made: Callable[[int, int], Iterator[Any]]
    """Pictures first … end - 1, 0 being the output's first."""
    stamp: Callable[[int], tuple[int | Fraction, int | None]]
    """When a picture begins, as Writer.write() takes it, the first at 0; and how long it is shown, in info.time_base, where that is known."""
    opened: Callable[[str, str], PieceWriter]
    """The writer of an output: its place on the stage, the folder of its pieces."""
    bytes: int
    """Of one of them, about."""


def as_films(
    made: Callable[[int, int], Iterator[Shown]], stamp: Callable[[int], tuple[int | Fraction, int | None]], info: PictureInfo,
    settings: WarpSettings | RetimeSettings, sounds: Sequence[SoundSource], pieces: Pieces, key: str,
) -> Pictures:
    """Pictures for films and picture sequences, written as the settings say."""
    from ...core.media.write import WriteSettings
    from ...core.media.write.pieces import open_pieces

    manner = WriteSettings(
        codec=settings.codec, encoder=settings.encoder, quality=settings.quality, depth=settings.depth, chroma=settings.chroma, odd=settings.odd
    )

    def opened(place: str, folder: str) -> PieceWriter:
        return open_pieces(place, info, folder, manner, sounds, key, pieces.alone)

    return Pictures(made, stamp, opened, info.width * info.height * 3 * (info.bits + 7) // 8)


def stamps(session: Session | Composite) -> Callable[[int], tuple[Fraction, int]]:
    """When each picture begins, in seconds, and how long it is shown, in the output's ticks: both are the timeline's, whosever the pixels are."""

    def stamp(number: int) -> tuple[Fraction, int]:
        begins = session.time_s(number)
        return begins, round((session.time_s(number + 1) - begins) / session.info.time_base)

    return stamp


def begin(desk: Desk, cut: Cut) -> Pieces:
    """The folder of a job's pieces, which is let go of when the desk's stage is closed.

    Raises OutputError, also where units are missing that are to be joined; JobBusy.
    """
    pieces = Pieces(desk.work, cut.outputs, cut.key, desk.share is not None, desk.merge)
    desk.stage.go_on(pieces)
    if desk.merge:
        _require_all(cut, cut.missing(desk.work, checked=False))
    return pieces


def _require_all(cut: Cut, missing: Sequence[int]) -> None:
    """Raises OutputError, naming them, where units are missing."""
    if missing:
        first = cut.pictures(missing[0], missing[0] + 1)
        what = f"unit {told(missing)} of {cut.units} does" if len(missing) == 1 else f"units {told(missing)} of {cut.units} do"
        raise OutputError(
            f"{what} not stand whole for this request, pictures {first.start} to {first.stop - 1}{' first' if len(missing) > 1 else ''}",
            f"genlock run JOB --piece {missing[0] + 1}/{cut.units} makes {'it' if len(missing) == 1 else 'the first'}, genlock run JOB all of it",
        )


def begun(desk: Desk, cut: Cut) -> bool:
    """Whether making will not simply begin with the first picture and go on to the last."""
    first = span(cut.units, desk.share)[0] if desk.share is not None else 0
    return first > 0 or (bool(desk.work) and not desk.merge and len(cut.missing(desk.work, checked=False)) < cut.units)


def write_pictures(desk: Desk, pieces: Pieces, cut: Cut, pictures: Pictures) -> dict[str, str]:
    """Make what is missing, of the whole or of a share; of the whole, join it too. Returns how each output is encoded.

    At the end outputs stand on the desk's stage; of a share its pieces alone stand.
    Raises UsageError for an output that cannot be written this way, OutputError where the disk refuses, Cancelled.
    """
    wanted = cut.pictures(*span(cut.units, desk.share)) if desk.share is not None else range(cut.frames)
    with ExitStack() as stack:
        writers = [stack.enter_context(pictures.opened(desk.stage.place(path), pieces.folder(n))) for n, path in enumerate(cut.outputs)]
        lacks = [_lacks(writer, wanted) for writer in writers]
        missing = np.flatnonzero(np.any(lacks, axis=0)) + wanted.start if wanted else np.zeros(0, int)
        if desk.merge:
            _require_all(cut, cut.holding(missing.tolist()))
        _tell(desk, len(wanted), len(missing))
        kept = stack.enter_context(tidy(pictures.bytes))
        next_in = [-1] * len(writers)
        made = stack.enter_context(closing(_made(pictures, missing.tolist())))
        for done, (number, picture) in enumerate(made):
            desk.progress.at(done / len(missing), "making pictures")
            for n, writer in enumerate(writers):
                if lacks[n][number - wanted.start]:
                    if number != next_in[n]:
                        writer.turn_to(number)
                    time, length = pictures.stamp(number)
                    writer.write(picture, time, duration=length)
                    next_in[n] = number + 1
            kept.step()
        desk.progress.at(1.0, "finishing")
        for writer in writers if desk.share is not None else ():
            writer.leave()
    return _told(desk, cut, writers)


def _lacks(writer: PieceWriter, wanted: range) -> np.ndarray:
    """(pictures wanted,) bool: those that do not stand yet, asked once a piece."""
    out = np.ones(len(wanted), bool)
    for first in range(wanted.start, wanted.stop, writer.length):
        end = min(first + writer.length, wanted.stop)
        if writer.stands(end - 1):
            out[first - wanted.start : end - wanted.start] = False
    return out


def _made(pictures: Pictures, missing: Sequence[int]) -> Generator[tuple[int, Any], None, None]:
    """(number, picture) of those that are missing."""
    for first, end in runs_of(missing):
        yield from zip(range(first, end), pictures.made(first, end), strict=True)


def _tell(desk: Desk, wanted: int, missing: int) -> None:
    """That some stand already."""
    if missing < wanted and not desk.merge and not desk.told:
        whose = " of this share" if desk.share is not None else ""
        desk.note(f"{wanted - missing} of {wanted} pictures{whose} stand from a run before; this one goes on from there")


def _told(desk: Desk, cut: Cut, writers: Sequence[PieceWriter]) -> dict[str, str]:
    how = {}
    for path, writer in zip(cut.outputs, writers, strict=True):
        how[path] = f"{writer.encoder} {writer.pix_fmt}".strip()
        for note in writer.notes if desk.share is None else ():
            desk.note(f"{os.path.basename(path)}: {note}")
    return how


def share_made(desk: Desk, cut: Cut) -> Answer:
    """What the making of a share answers."""
    assert desk.share is not None
    first, end = span(cut.units, desk.share)
    pictures = cut.pictures(first, end)
    figures = {"share": str(desk.share), "units": cut.units, "first_unit": first, "end_unit": end, "pictures": len(pictures)}
    if first == end:
        return Answer(f"share {desk.share} of {cut.units} units is empty: nothing is to do.", figures=figures)
    what = f"unit{'s' if end - first > 1 else ''} {told(range(first, end))} of {cut.units}"
    return Answer(f"share {desk.share} stands: {what}, pictures {pictures.start} to {pictures.stop - 1} of {cut.frames}.", figures=figures)
