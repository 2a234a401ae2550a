"""The job "render": the clip as the ref would see it, frame for frame, as films, picture sequences, or its sound alone."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.settings_render import RenderSettings
from .desk import Answer, Desk
from .filming import asked, counted, estimator_of, film, written
from .outputs import File

if TYPE_CHECKING:
    from ...core.media.write import SoundSource
    from ...core.render.session import Session


def work(desk: Desk) -> Answer:
    """Render every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, MediaError, OutputError, Cancelled.
    """
    settings, alignment, read = asked(desk, RenderSettings)
    from ...core.render.frames import rendered
    from ...core.render.session import Session

    estimator = estimator_of(settings)
    with Session(alignment, settings, desk.progress.part(0.0, 0.05), estimator) as session:
        sounds = _sounds(session)
        for note in session.notes:
            desk.note(note)
        matched = 0
        how: dict[str, str] = {}
        _write_sounds(desk, session, sounds)
        films = replace(desk.request, outputs=tuple(path for path in desk.request.outputs if not _is_sound(path)))
        if not films.outputs:
            files = written(desk, read)
            return Answer(f"the sound of {counted(session.frames)} rendered.", figures={"frames": session.frames}, files=files)
        filming = Desk(films, desk.progress.part(0.05, 0.95), desk.note, desk.stage)
        for shown in film(filming, session.info, rendered(session), settings, sounds, how):
            matched += shown.step.clip is not None
        for note in session.notes:
            desk.note(note)
        return _answer(session, matched, written(desk, read), how)


def _sounds(session: Session) -> list[SoundSource]:
    from ...core.render.sound import sound_of

    settings = session.settings
    if settings.sound == "none":
        return []
    found = sound_of(session.alignment, settings.sound, "ref", session.first, session.end)
    if found is None and settings.sound == "clip":
        session.notes.append("the clip has no sound, so neither has what is rendered")
    return [found] if found else []


def _is_sound(path: str) -> bool:
    return path.lower().endswith(".wav")


def _write_sounds(desk: Desk, session: Session, sounds: list[SoundSource]) -> None:
    """Every output that is sound alone. Raises UsageError where there is none to be written."""
    from ...core.media.write.wav import write_wav

    for path in filter(_is_sound, desk.request.outputs):
        if not sounds:
            raise UsageError(f"{os.path.basename(path)} is asked for, and there is no sound to write", "leave it out, or choose another sound")
        notes: list[str] = []
        length_s = Fraction(session.frames) / session.info.rate
        write_wav(desk.stage.place(path), sounds[0], length_s, lambda share: desk.progress.at(0.05 * share, "rendering sound"), notes)
        for note in notes:
            desk.note(f"{os.path.basename(path)}: {note}")


def _answer(session: Session, matched: int, files: tuple[File, ...], how: dict[str, str]) -> Answer:
    alignment, settings = session.alignment, session.settings
    rest = session.frames - matched
    instead = f"come from {os.path.basename(settings.fallback)}" if settings.fallback else "are transparent" if settings.alpha else "are black"
    source = os.path.basename(settings.out_of or alignment.clip.path)
    sentence = f"{counted(session.frames)} rendered from {source}, {session.info.width}x{session.info.height}"
    sentence += f"; {rest} of them show nothing of it and {instead}." if rest else "."
    figures = {
        "frames": session.frames,
        "matched": matched,
        "ref_first": session.first,
        "size": [session.info.width, session.info.height],
        "rate": str(session.info.rate),
        "encoded": how,
    }
    return Answer(sentence, figures=figures, files=files)
