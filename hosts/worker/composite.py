"""The job "composite": the clip over the ref, or the ref over the clip, as films or picture sequences."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...core.settings_render import CompositeSettings
from .desk import Answer, Desk
from .filming import asked, counted, estimator_of, film, written
from .outputs import File

if TYPE_CHECKING:
    from ...core.media.write import SoundSource
    from ...core.render.composite import Composite


def work(desk: Desk) -> Answer:
    """Composite every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, MediaError, OutputError, Cancelled.
    """
    settings, alignment, read = asked(desk, CompositeSettings)
    from ...core.render.composite import Composite, composited

    estimator = estimator_of(settings)
    with Composite(alignment, settings, desk.progress.part(0.0, 0.05), estimator) as session:
        sounds = _sounds(session)
        for note in session.notes:
            desk.note(note)
        together = 0
        how: dict[str, str] = {}
        filming = Desk(desk.request, desk.progress.part(0.05, 0.95), desk.note, desk.stage)
        for shown in film(filming, session.info, composited(session), settings, sounds, how):
            together += shown.step.clip is not None and shown.step.ref is not None
        for note in session.notes:
            desk.note(note)
        return _answer(session, together, written(desk, read), how)


def _sounds(session: Composite) -> list[SoundSource]:
    from ...core.render.sound import sound_of

    wanted = session.settings.sound
    if wanted == "none":
        return []
    other = "ref" if session.over == "clip" else "clip"
    order = [session.over, other] if wanted == "auto" else [wanted]
    for whose in order:
        found = sound_of(session.alignment, whose, session.keep, session.first, session.end)
        if found is not None:
            return [found]
    if wanted != "auto":
        session.notes.append(f"the {wanted} has no sound, so neither has the composite")
    return []


def _answer(session: Composite, together: int, files: tuple[File, ...], how: dict[str, str]) -> Answer:
    alignment = session.alignment
    names = {"clip": os.path.basename(session.settings.out_of or alignment.clip.path), "ref": os.path.basename(alignment.ref.path)}
    below = "ref" if session.over == "clip" else "clip"
    sentence = f"{counted(session.frames)}, {session.info.width}x{session.info.height}: {names[session.over]} over {names[below]}"
    alone = session.frames - together
    sentence += f"; {alone} of them show one of the two alone." if alone else "."
    figures = {
        "frames": session.frames,
        "together": together,
        "first": session.first,
        "timeline": session.keep,
        "size": [session.info.width, session.info.height],
        "rate": str(session.info.rate),
        "encoded": how,
    }
    return Answer(sentence, figures=figures, files=files)
