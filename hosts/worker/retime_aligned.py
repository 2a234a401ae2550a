"""The job "retime" of an aligned timeline: the clip on the ref's clock, with frames made wherever the map asks for a moment between two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.errors import MediaError, UsageError
from ...core.settings_retime import RetimeSettings
from .desk import Answer, Desk
from .filming import counted, named_files, require_output, written
from .inputs import read_aligned, roles, say_media
from .making import as_films, share_made, write_pictures
from .making import begin as begin_pieces
from .outputs import check_places
from .retime import cadence_lines, cut_of, figures_of, first_stamps, interpolator_of, made_by, promise, span_of
from .retime_look import Look, look
from .retiming import is_list
from .sizing import sized
from .units import Cut

if TYPE_CHECKING:
    from ...core.alignment import Alignment
    from ...core.media.plates import PictureInfo
    from ...core.media.plates.plate import Shown
    from ...core.media.write import SoundSource
    from ...core.retime.contracts import Interpolator
    from ...core.retime.mapped import Mapped


def work_aligned(desk: Desk, settings: RetimeSettings) -> Answer:
    """Retime into every output. Raises UsageError for a wrong request, MediaError, OutputError, GenlockError of a model, Cancelled."""
    from ...core.retime.mapped import Mapped

    (aligned,) = roles(desk.request, "aligned")
    _refuse(desk, settings)
    alignment = read_aligned(aligned)
    say_media(aligned, alignment, desk.note)
    desk.steady.add([alignment.clip.path, alignment.ref.path])
    clip = alignment.clip.path
    check_places(desk.request.outputs, [aligned, clip, alignment.ref.path, *named_files(settings)])
    interpolator = None if settings.dry_run else interpolator_of(settings)
    found = _looked_at(desk, alignment, settings)
    seen = found.seen
    plan = Mapped(alignment, seen.beats)
    if settings.dry_run:
        return Answer(promise(plan), tuple(cadence_lines(seen)), figures_of(seen, plan, 0, plan.count) | {"pts": first_stamps(plan)})
    assert interpolator is not None
    first, end = span_of(plan, settings.preview)
    cut = cut_of(desk, end - first, (clip, alignment.ref.path))
    assert cut is not None
    how = _film(desk, cut, alignment, found, plan, (first, end), settings, interpolator)
    if desk.share is not None:
        return share_made(desk, cut)
    files = written(desk, [clip, alignment.ref.path, *named_files(settings)])
    shown = [moment for moment in plan.moments(first, end) if moment.frame >= 0]
    between, black = sum(moment.share > 0 for moment in shown), end - first - len(shown)
    sentence = f"{counted(end - first)} on the clock of {os.path.basename(alignment.ref.path)} from {os.path.basename(clip)}"
    sentence += f"{made_by(settings, interpolator)}: {between} lie between two of its frames, {black} show nothing of it and are black."
    more = {"encoded": how, "between": between, "black": black}
    return Answer(sentence, tuple(cadence_lines(seen)), figures_of(seen, plan, first, end) | more, files)


def cut_aligned(desk: Desk, settings: RetimeSettings) -> Cut | None:
    """The pictures of the job as units. Raises as work_aligned() does for a wrong request."""
    from ...core.retime.mapped import Mapped

    (aligned,) = roles(desk.request, "aligned")
    _refuse(desk, settings)
    alignment = read_aligned(aligned)
    first, end = span_of(Mapped(alignment, _looked_at(desk, alignment, settings).seen.beats), settings.preview)
    return cut_of(desk, end - first, (alignment.clip.path, alignment.ref.path))


def _refuse(desk: Desk, settings: RetimeSettings) -> None:
    if not settings.dry_run:
        require_output(desk)
    for name in ("fps", "times", "rate"):
        if getattr(settings, name):
            raise UsageError(f"{name} is given, and an aligned timeline has the ref's clock", f"leave out {name}")
    if settings.dedup == "only":
        raise UsageError("dedup only makes no frames, and an aligned timeline is retimed by making some", "name the clip itself")
    for path in filter(is_list, desk.request.outputs):
        raise UsageError(f"{os.path.basename(path)} is a list, and lists are of footage", "name the clip itself")


def _looked_at(desk: Desk, alignment: Alignment, settings: RetimeSettings) -> Look:
    """The first pass over the clip. Raises MediaError where it is not what was aligned."""
    from ...core.render.source import changed_since, sources_of

    clip = alignment.clip
    found = look(clip.path, replace(settings, rate=sources_of(alignment).clip.rate), desk)
    seen, media = found.seen, found.media
    if (media.width, media.height, seen.beats.frames) != (clip.width, clip.height, clip.frames):
        now, then = f"{seen.beats.frames} frames of {media.width}x{media.height}", f"{clip.frames} of {clip.width}x{clip.height}"
        raise MediaError(f"the clip {clip.path} has {now} now, and had {then} when it was aligned", "align again, or put the old file back")
    for role, one in (("clip", clip), ("ref", alignment.ref)):
        note = changed_since(one, role)
        if note:
            desk.note(note)
    return found


def _film(
    desk: Desk, cut: Cut, alignment: Alignment, found: Look, plan: Mapped, span: tuple[int, int], settings: RetimeSettings,
    interpolator: Interpolator,
) -> dict[str, str]:
    from ...core.media.plates import PlateOptions, open_plates
    from ...core.render.source import sources_of
    from ...core.retime.making import made

    first, end = span
    with open_plates(alignment.clip.path, PlateOptions(sources_of(alignment).clip, fields="first"), found.index) as plates:
        if plates.info.interlaced:
            desk.note("the clip is interlaced: each frame shows its first field")
        info = _info(alignment, plates.info, plan, first, end, settings)
        start = plan.pts(first)

        def pictures(begin: int, stop: int) -> Iterator[Shown]:
            run = made(plates, found.seen, plan, settings, interpolator, first + begin, first + stop)
            return (sized(one.picture, info) for one in run)

        def stamp(n: int) -> tuple[int, int]:
            return plan.pts(first + n) - start, plan.pts(first + n + 1) - plan.pts(first + n)

        pieces = begin_pieces(desk, cut)
        films = as_films(pictures, stamp, info, settings, _sounds(desk, alignment, settings, first, end), pieces, cut.key)
        return write_pictures(replace(desk, progress=desk.progress.part(0.1, 0.9)), pieces, cut, films)


def _info(alignment: Alignment, source: PictureInfo, plan: Mapped, first: int, end: int, settings: RetimeSettings) -> PictureInfo:
    """The clip's samples, colour and size; the ref's rate, timecode and chapters."""
    from ...core.media.plates import open_plates
    from ...core.render.session import moved_timecode
    from ...core.retime.output import info_of

    ref = alignment.ref
    with open_plates(ref.path) as plates:
        chapters = plates.info.chapters if first == 0 else ()
    info = info_of(source, plan, first, end, settings.size_wh())
    return replace(info, rate=ref.rate, timecode=moved_timecode(ref, first), start_frame=ref.start_frame + first, chapters=chapters, sounds=())


def _sounds(desk: Desk, alignment: Alignment, settings: RetimeSettings, first: int, end: int) -> list[SoundSource]:
    """As genlock render has it."""
    from ...core.render.sound import sound_of

    if settings.sound == "none":
        return []
    found = sound_of(alignment, settings.sound, "ref", first, end)
    if found is None and settings.sound == "clip":
        desk.note("the clip has no sound, so neither has what is made")
    return [found] if found else []
