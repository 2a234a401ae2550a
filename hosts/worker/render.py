"""The job "render": the clip as the ref would see it, frame for frame, as films, picture sequences, or its sound alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.settings_render import RenderSettings
from .desk import Answer, Desk
from .filming import asked, counted, estimator_of, weights_of, written
from .making import as_films, begin, begun, share_made, stamps, write_pictures
from .outputs import File
from .pieces import key_of
from .units import Cut, unit_length

if TYPE_CHECKING:
    from ...core.alignment import Alignment
    from ...core.media.plates.plate import Shown
    from ...core.media.write import SoundSource
    from ...core.render.session import Session


def work(desk: Desk) -> Answer:
    """Render every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, MediaError, OutputError, Cancelled.
    """
    settings, alignment, read = asked(desk, RenderSettings)
    estimator = estimator_of(settings)
    cut = _cut(desk, settings, alignment, read)
    from ...core.render.frames import rendered
    from ...core.render.session import Session

    pieces = begin(desk, cut) if cut is not None else None
    anywhere, kept = (begun(desk, cut), pieces.kept) if cut is not None and pieces is not None else (False, "")
    with Session(alignment, settings, desk.progress.part(0.0, 0.05), estimator, anywhere, kept) as session:
        sounds = _sounds(session)
        for note in session.notes:
            desk.note(note)
        if desk.share is None:
            _write_sounds(desk, session, sounds)
        if cut is None or pieces is None:
            files = written(desk, read)
            return Answer(f"the sound of {counted(session.frames)} rendered.", figures={"frames": session.frames}, files=files)

        def made(first: int, end: int) -> Iterator[Shown]:
            return (shown.picture for shown in rendered(session, first, end))

        pictures = as_films(made, stamps(session), session.info, settings, sounds, pieces, cut.key)
        how = write_pictures(replace(desk, progress=desk.progress.part(0.05, 0.95)), pieces, cut, pictures)
        for note in session.notes:
            desk.note(note)
        if desk.share is not None:
            return share_made(desk, cut)
        return _answer(session, sum(1 for _ in session.shown()), written(desk, read), how)


def cut(desk: Desk) -> Cut | None:
    """The pictures of the job as units; None where it writes sound alone. Raises as work() does for a wrong request."""
    settings, alignment, read = asked(desk, RenderSettings)
    return _cut(desk, settings, alignment, read)


def _cut(desk: Desk, settings: RenderSettings, alignment: Alignment, read: list[str]) -> Cut | None:
    from ...core.render.plan import frames_within

    films = tuple(path for path in desk.request.outputs if not _is_sound(path))
    if not films:
        return None
    first, end = frames_within(settings.range, alignment.ref)
    flows = settings.warp == "flow"
    key = key_of(desk.request, weights_of(settings.model, flows), read)
    return Cut(films, end - first, unit_length(films, flows), key)


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
