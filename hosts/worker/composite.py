"""The job "composite": the clip over the ref, or the ref over the clip, as films or picture sequences."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.settings_render import CompositeSettings
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
    from ...core.render.composite import Composite


def work(desk: Desk) -> Answer:
    """Composite every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, MediaError, OutputError, Cancelled.
    """
    settings, alignment, read = asked(desk, CompositeSettings)
    estimator = estimator_of(settings)
    cut = _cut(desk, settings, alignment, read)
    from ...core.render.composite import Composite, composited

    pieces = begin(desk, cut)
    with Composite(alignment, settings, desk.progress.part(0.0, 0.05), estimator, begun(desk, cut), pieces.kept) as session:
        sounds = _sounds(session)
        for note in session.notes:
            desk.note(note)

        def made(first: int, end: int) -> Iterator[Shown]:
            return (shown.picture for shown in composited(session, first, end))

        pictures = as_films(made, stamps(session), session.info, settings, sounds, pieces, cut.key)
        how = write_pictures(replace(desk, progress=desk.progress.part(0.05, 0.95)), pieces, cut, pictures)
        for note in session.notes:
            desk.note(note)
        if desk.share is not None:
            return share_made(desk, cut)
        together = sum(step.clip is not None and step.ref is not None for step in session.steps())
        return _answer(session, together, written(desk, read), how)


def cut(desk: Desk) -> Cut:
    """The pictures of the job as units. Raises as work() does for a wrong request."""
    settings, alignment, read = asked(desk, CompositeSettings)
    return _cut(desk, settings, alignment, read)


def _cut(desk: Desk, settings: CompositeSettings, alignment: Alignment, read: list[str]) -> Cut:
    from ...core.render.plan import frames_within

    first, end = frames_within(settings.range, alignment.clip if (settings.keep or settings.over) == "clip" else alignment.ref)
    outputs = desk.request.outputs
    flows = settings.warp == "flow"
    key = key_of(desk.request, weights_of(settings.model, flows), read)
    return Cut(outputs, end - first, unit_length(outputs, flows), key)


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
