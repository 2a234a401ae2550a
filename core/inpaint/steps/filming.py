"""Writing finished pictures as a film or a sequence of a project: what both films share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np

from ...media.plates import PictureInfo, Plates
from ...media.plates.plate import Shown
from ...media.upright import AS_STORED, Turn
from ...media.write import SoundEdit, SoundPiece, SoundSource, WriteSettings
from ...media.write.choice import suffix_of
from ...media.write.codecs import CODECS, STILLS
from ...media.write.pieces import open_pieces
from ...retime.output import retimed_timecode
from ..compose import composed, unturned
from ..finish import Finish
from ..project import Project
from .bench import Bench
from .upscale import FOLDER

Timed = Iterator[tuple[Shown, int, int | None]]
"""Pictures, each with its time and its length in time_base; None where that is not known."""


def turns() -> bool:
    """Whether this PyAV can write a rotation flag: then pictures stay as they are stored."""
    return hasattr(av.VideoStream, "set_display_matrix")


def film_info(project: Project, info: PictureInfo) -> PictureInfo:
    """Of the film's pictures: the shot's own, cut to the frames that are worked on, and enlarged."""
    span, times = project.span, project.config.upscale.times
    after_s = (project.pts[0] - info.first_pts) * info.time_base
    return replace(
        info, frames=len(span), first_pts=0, timecode=retimed_timecode(info, info.rate, after_s) if span.start else info.timecode,
        start_frame=info.start_frame + span.start, chapters=() if span.start else info.chapters,
        width=info.width * times, height=info.height * times,
    )  # fmt: skip


def settings_of(project: Project) -> WriteSettings:
    """How it is written: losslessly where neither a name nor a codec says otherwise."""
    table = project.config.output
    return WriteSettings(codec=table.codec, quality=table.quality)


def sounds_of(project: Project, info: PictureInfo) -> list[SoundSource]:
    """The shot's sound: as it is, or cut to the frames that are worked on."""
    if not info.sounds or not project.config.output.sound:
        return []
    with project.plates() as plates:
        first, known = plates.info.first_pts, plates.info.frames
    if project.span.start == 0 and len(project.span) >= known:
        return [SoundSource(project.video)]
    start_s = (project.pts[0] - first) * info.time_base
    length_s = (project.pts[-1] - project.pts[0]) * info.time_base + length_of_last_s(project, info)
    return [SoundSource(project.video, SoundEdit((SoundPiece(Fraction(0), length_s, start_s),), length_s))]


def length_of_last_s(project: Project, info: PictureInfo) -> Fraction:
    """How long the last frame is shown, in seconds."""
    ticks = project.facts.get("last_duration")
    return ticks * info.time_base if ticks else 1 / info.rate


def finished(bench: Bench, plates: Plates, large: bool, begin: int) -> Timed:
    """The finished pictures from one on, counted from the first that is worked on: the shot's own plates with the change in their samples."""
    return _enlarged(bench.project, begin) if large else _composed(bench, plates, begin)


def _composed(bench: Bench, plates: Plates, begin: int) -> Timed:
    finish = Finish(bench.project)
    span, turn = bench.project.span, plates.info.turn
    shown_only = 0
    for plate in plates.frames():
        if plate.number >= span.stop:
            break
        if plate.number < span.start + begin:
            bench.progress.check()
            continue
        before, after, mask = finish.of(plate.number)
        if plate.untouched:
            yield composed(plate, before, after, mask, turn), plate.pts, plate.duration
        else:
            shown_only += 1
            yield as_light(after, turn), plate.pts, plate.duration
    if shown_only:
        bench.tell(f"{shown_only} frames are turned or sized as they are shown, and all of their pixels are coded anew")


def _enlarged(project: Project, begin: int) -> Timed:
    pictures, pts = project.pictures(FOLDER), project.pts
    last = project.facts.get("last_duration")
    for at in range(begin, len(pts)):
        yield as_light(pictures[project.span[at]]), pts[at], last if at == len(pts) - 1 else pts[at + 1] - pts[at]


def as_light(picture: np.ndarray, turn: Turn = AS_STORED) -> np.ndarray:
    """A frame as writers take RGB: float32, 1 is white, as it is stored."""
    scaled = picture.astype(np.float32) if picture.dtype.kind == "f" else picture * np.float32(1 / np.iinfo(picture.dtype).max)
    return unturned(scaled, turn)


def write_film(
    bench: Bench, rel: str, info: PictureInfo, pictures: Callable[[int], Timed], settings: WriteSettings, sounds: list[SoundSource],
    quiet: bool = False,
) -> None:
    """Write pictures to a file of the project, or to a sequence of them; a run that was killed goes on from its last whole piece.

    pictures  from the n-th on
    quiet     what the codec loses is not told
    """
    project = bench.project
    sequence = suffix_of(rel) in STILLS
    place = project.path(rel) if sequence else bench.place(rel)
    pieces = project.path("state", "pieces", bench.step)
    key = pieces / "key"
    if not key.exists() or key.read_text() != bench.key:
        shutil.rmtree(pieces, ignore_errors=True)
        pieces.mkdir(parents=True)
        key.write_text(bench.key)
    place.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writer = stack.enter_context(open_pieces(place, info, pieces / "film", settings, [] if sequence else sounds))
        for number, (picture, pts, length) in enumerate(pictures(writer.done), writer.done):
            bench.progress.at(number / max(1, info.frames), "writing the film")
            writer.write(picture, pts, duration=length)
        made = writer.close()
    for note in () if quiet else writer.notes:
        bench.tell(f"{rel}: {note}")
    if sequence:
        for path in made:
            bench.enter(path.relative_to(project.root).as_posix())
    else:
        bench.adopt(rel)
    if not sequence and not quiet:
        _say_if_lossy(bench, rel, writer.encoder, settings)
    shutil.rmtree(pieces, ignore_errors=True)


def _say_if_lossy(bench: Bench, rel: str, encoder: str, settings: WriteSettings) -> None:
    title = next((codec.title for codec in CODECS.values() if encoder in (codec.software, *codec.hardware)), encoder)
    if encoder != "ffv1" and settings.quality != "lossless":
        bench.tell(f"{rel}: {title} codes all pixels anew, those outside the mask too; leave name empty below [output] for a film that keeps them")
