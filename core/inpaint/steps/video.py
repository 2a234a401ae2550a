"""The film: out/final.mkv, or as [output] says. It is made of the shot's own samples, and only those inside the mask are others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from typing import Any

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
from ..finish import Finish, output_rel
from ..project import Project
from ..project.inputs import input_digest
from .bench import Bench
from .step import Step
from .upscale import FOLDER


def _given(project: Project) -> Any:
    config = project.config
    table = {name: value for name, value in config.output.to_json().items() if name not in ("grid", "rate")}
    return [table, output_rel(project), config.enhance.to_json(), config.composite.feather, config.input.space, input_digest(project.root, "video")]


def _run(bench: Bench) -> None:
    project = bench.project
    rel = output_rel(project)
    large = project.config.upscale.times > 1
    with project.plates(upright=large or not _turns()) as plates:
        info = film_info(project, plates.info)
        if large:
            times = project.config.upscale.times
            info = replace(info, width=info.width * times, height=info.height * times)
        pictures = _enlarged(bench, plates) if large else _finished(bench, plates)
        write_film(bench, rel, info, pictures, settings_of(project), sounds_of(project, info))


def _turns() -> bool:
    """Whether this PyAV can write a rotation flag: then pictures stay as they are stored."""
    return hasattr(av.VideoStream, "set_display_matrix")


def film_info(project: Project, info: PictureInfo) -> PictureInfo:
    """Of the film's pictures: the shot's own, cut to the frames that are worked on."""
    span, time_base = project.span, info.time_base
    after_s = (project.pts[0] - info.first_pts) * time_base
    return replace(
        info, frames=len(span), first_pts=0, timecode=retimed_timecode(info, info.rate, after_s) if span.start else info.timecode,
        start_frame=info.start_frame + span.start, chapters=() if span.start else info.chapters,
    )  # fmt: skip


def settings_of(project: Project) -> WriteSettings:
    """How it is written: losslessly where no name and no codec say otherwise."""
    table = project.config.output
    return WriteSettings(codec=table.codec, quality=table.quality)


def sounds_of(project: Project, info: PictureInfo) -> list[SoundSource]:
    """The shot's sound: as it is, or cut to the frames that are worked on."""
    if not info.sounds or not project.config.output.sound:
        return []
    facts = project.facts
    with project.plates() as plates:
        first = plates.info.first_pts
        whole = facts["first"] == 0 and len(facts["pts"]) >= (plates.info.frames or 0)
    if whole:
        return [SoundSource(project.video)]
    start_s = (project.pts[0] - first) * info.time_base
    length_s = (project.pts[-1] - project.pts[0]) * info.time_base + length_of_last_s(project, info)
    return [SoundSource(project.video, SoundEdit((SoundPiece(Fraction(0), length_s, start_s),), length_s))]


def length_of_last_s(project: Project, info: PictureInfo) -> Fraction:
    """How long the last frame is shown, in seconds."""
    ticks = project.facts.get("last_duration")
    return ticks * info.time_base if ticks else 1 / info.rate


def write_film(
    bench: Bench, rel: str, info: PictureInfo, pictures: Iterator[tuple[Shown, int | Fraction, int | None]], settings: WriteSettings,
    sounds: list[SoundSource],
) -> None:
    """Write pictures to a file of the project, or to a sequence of them; a run that was killed goes on from its last whole piece.

    pictures  each with its time, in info.time_base or seconds, and its length in time_base where it is known
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
        for number, (picture, pts, length) in enumerate(pictures):
            bench.progress.at(number / max(1, info.frames), "writing the film")
            if number >= writer.done:
                writer.write(picture, pts, duration=length)
        made = writer.close()
    for note in writer.notes:
        bench.tell(f"{rel}: {note}")
    if sequence:
        for path in made:
            bench.enter(path.relative_to(project.root).as_posix())
    else:
        bench.adopt(rel)
        _say_if_lossy(bench, rel, writer.encoder, settings)
    shutil.rmtree(pieces, ignore_errors=True)


def _say_if_lossy(bench: Bench, rel: str, encoder: str, settings: WriteSettings) -> None:
    title = next((codec.title for codec in CODECS.values() if encoder in (codec.software, *codec.hardware)), encoder)
    if encoder != "ffv1" and settings.quality != "lossless":
        bench.tell(f"{rel}: {title} codes all pixels anew, those outside the mask too; leave name empty below [output] for a film that keeps them")


def _finished(bench: Bench, plates: Plates) -> Iterator[tuple[Shown, int, int | None]]:
    """The shot's own plates with the change in their samples."""
    finish = Finish(bench.project)
    span, turn = bench.project.span, plates.info.turn
    resized = 0
    for plate in plates.frames():
        if plate.number >= span.stop:
            break
        if plate.number < span.start:
            bench.progress.check()
            continue
        before, after, mask = finish.of(plate.number)
        if plate.untouched:
            yield composed(plate, before, after, mask, turn), plate.pts, plate.duration
        else:
            resized += 1
            yield _as_rgb(after, turn), plate.pts, plate.duration
    if resized:
        bench.tell(f"{resized} frames are turned or sized as they are shown, and all of their pixels are coded anew")


def _as_rgb(picture: np.ndarray, turn: Turn = AS_STORED) -> np.ndarray:
    scaled = picture.astype(np.float32) if picture.dtype.kind == "f" else picture * np.float32(1 / np.iinfo(picture.dtype).max)
    return unturned(scaled, turn)


def _enlarged(bench: Bench, plates: Plates) -> Iterator[tuple[Shown, int, int | None]]:
    pictures = bench.project.pictures(FOLDER)
    pts, last = bench.project.pts, bench.project.facts.get("last_duration")
    for at, number in enumerate(bench.project.span):
        yield _as_rgb(pictures[number]), pts[at], last if at == len(pts) - 1 else pts[at + 1] - pts[at]


STEP = Step(
    "video", "writing the film", ("extract", "mask", "composite", "check", "enhance", "upscale"), _run, given=_given, share=2.0
)  # fmt: skip
