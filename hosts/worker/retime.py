"""The job "retime": footage at another rate, with motion made even, or with its repeats dropped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...core.errors import UsageError
from ...core.settings_retime import RetimeSettings
from .desk import Answer, Desk
from .filming import check_paths, counted, named_files, require_output, weights_of, written
from .inputs import roles
from .making import as_films, begin, share_made, write_pictures
from .options import settings_of
from .outputs import check_places
from .pieces import key_of
from .retime_look import Look, look
from .retiming import is_list, lists, seconds, told
from .sizing import sized
from .units import Cut, unit_length

if TYPE_CHECKING:
    from ...core.media.plates import Plates
    from ...core.media.plates.plate import Shown
    from ...core.media.write import SoundSource
    from ...core.retime.contracts import Interpolator
    from ...core.retime.drop import Kept
    from ...core.retime.output import Times
    from ...core.retime.plan import Plan
    from ...core.retime.scan import Scan

PREVIEW_S = 5
FEW = 20_000
"""Time stamps that an answer lists."""


def work(desk: Desk) -> Answer:
    """Retime into every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, MediaError, OutputError, GenlockError of a model, Cancelled.
    """
    check_paths(desk.request.settings)
    settings = settings_of(RetimeSettings, desk.request.settings)
    if "aligned" in desk.request.inputs:
        from .retime_aligned import work_aligned

        return work_aligned(desk, settings)
    (footage,) = roles(desk.request, "footage")
    if settings.sound != "ref":
        raise UsageError(f"sound is {settings.sound}, which is for an aligned timeline", "leave it out: footage keeps its own")
    if not settings.dry_run:
        require_output(desk)
    check_places(desk.request.outputs, [footage, *named_files(settings)])
    desk.steady.add([footage])
    interpolator = None if settings.dedup == "only" or settings.dry_run else interpolator_of(settings)
    found = look(footage, settings, desk)
    seen, media = found.seen, found.media
    plan = planned(seen, settings)
    if settings.dry_run:
        return Answer(promise(plan), tuple(cadence_lines(seen)), figures_of(seen, plan, 0, plan.count) | {"pts": first_stamps(plan)})
    first, end = span_of(plan, settings.preview)
    cut = cut_of(desk, end - first)
    how = _film(desk, cut, found, plan, (first, end), settings, interpolator) if cut is not None else {}
    if cut is not None and desk.share is not None:
        return share_made(desk, cut)
    files = (*written(desk, [footage, *named_files(settings)]), *lists(desk.request.outputs, media, seen, plan))
    sentence = f"{_frames(plan, end - first)} from {counted(seen.beats.frames)} of {os.path.basename(footage)}{made_by(settings, interpolator)}."
    given = settings.out_rate() if settings.dedup == "only" and cut is not None else None
    return Answer(sentence, tuple(cadence_lines(seen, given)), figures_of(seen, plan, first, end) | {"encoded": how}, files)


def cut(desk: Desk) -> Cut | None:
    """The pictures of the job as units; None where it makes none. Raises as work() does for a wrong request."""
    check_paths(desk.request.settings)
    settings = settings_of(RetimeSettings, desk.request.settings)
    if settings.dry_run or all(is_list(path) for path in desk.request.outputs):
        return None
    if "aligned" in desk.request.inputs:
        from .retime_aligned import cut_aligned

        return cut_aligned(desk, settings)
    (footage,) = roles(desk.request, "footage")
    first, end = span_of(planned(look(footage, settings, desk).seen, settings), settings.preview)
    return cut_of(desk, end - first)


def cut_of(desk: Desk, frames: int, files: Sequence[str] = ()) -> Cut | None:
    """So many pictures as units; None where the outputs are lists alone. files: footage that the request does not name itself."""
    films = tuple(path for path in desk.request.outputs if not is_list(path))
    told = desk.request.settings
    weights = weights_of(told.get("model", ""), told.get("dedup") != "only")
    return Cut(films, frames, unit_length(films), key_of(desk.request, weights, files)) if films else None


def interpolator_of(settings: RetimeSettings) -> Interpolator:
    """What makes frames in between: the built-in way, or a model."""
    if not settings.model:
        from ...core.retime.between import BetweenSettings, FlowBetween

        return FlowBetween(BetweenSettings(quality=settings.motion))
    from ...models.load import interpolator
    from ...models.settings import RunSettings

    return interpolator(settings.model, RunSettings(settings.device, settings.half, settings.tile, settings.scale))


def planned(seen: Scan, settings: RetimeSettings) -> Plan | Kept:
    """Every output frame and its time."""
    from ...core.retime.drop import kept
    from ...core.retime.fields import repeats_of
    from ...core.retime.plan import plan

    rate = settings.out_rate()
    if settings.dedup == "only":
        return kept(seen.beats, repeats_of(seen.fields, seen.repeats) if seen.fields and rate else seen.repeats, rate)
    return plan(seen.beats, rate, settings.times)


def _film(
    desk: Desk, cut: Cut, found: Look, plan: Plan | Kept, span: tuple[int, int], settings: RetimeSettings, interpolator: Interpolator | None
) -> dict[str, str]:
    from ...core.media.info import ReadOptions
    from ...core.media.plates import PlateOptions, open_plates
    from ...core.retime.output import info_of

    (first, end), seen, footage = span, found.seen, desk.request.inputs["footage"]
    copied = settings.dedup == "only"
    woven = "keep" if copied else "first"
    with open_plates(footage, PlateOptions(ReadOptions(rate=settings.rate), fields=woven), found.index) as plates:
        if plates.info.interlaced and woven == "first":
            desk.note("the footage is interlaced: each frame shows its first field; --dedup only takes woven film apart")
        info = info_of(plates.info, plan, first, end, settings.size_wh(), copied and not seen.fields)
        sounds = _sounds(footage, plates, plan, first, end)
        start = plan.pts(first)

        def made(begin: int, stop: int) -> Iterator[Shown]:
            pictures = _pictures(plates, seen, plan, settings, interpolator, first + begin, first + stop)
            return (sized(picture, info) for picture in pictures)

        def stamp(n: int) -> tuple[int, int]:
            return plan.pts(first + n) - start, plan.pts(first + n + 1) - plan.pts(first + n)

        pieces = begin(desk, cut)
        pictures = as_films(made, stamp, info, settings, sounds, pieces, cut.key)
        return write_pictures(replace(desk, progress=desk.progress.part(0.1, 0.9)), pieces, cut, pictures)


def _pictures(
    plates: Plates, seen: Scan, plan: Plan | Kept, settings: RetimeSettings, interpolator: Interpolator | None, first: int, end: int
) -> Iterator[Shown]:
    from ...core.retime.drop import Kept
    from ...core.retime.making import made
    from ...core.retime.reweave import pictures

    if isinstance(plan, Kept):
        frames = plan.frames[first:end]
        return pictures(plates, seen.fields, frames) if seen.fields else plates.at(frames)
    assert interpolator is not None
    return (one.picture for one in made(plates, seen, plan, settings, interpolator, first, end))


def _sounds(footage: str, plates: Plates, plan: Plan | Kept, first: int, end: int) -> list[SoundSource]:
    from ...core.media.write import SoundEdit, SoundPiece, SoundSource

    if plates.info.kind != "video" or (not plates.info.sounds and (first, end) != (0, plan.count)):
        return []
    if (first, end) == (0, plan.count):
        return [SoundSource(footage, subtitles=True)]
    start_s, length_s = plan.pts(first) * plan.time_base, (plan.pts(end) - plan.pts(first)) * plan.time_base
    return [SoundSource(footage, SoundEdit((SoundPiece(Fraction(0), length_s, start_s),), length_s))]


def span_of(plan: Times, preview: bool) -> tuple[int, int]:
    """The output frames that are made."""
    if not preview or plan.length_s <= PREVIEW_S:
        return 0, plan.count
    begin_s = (plan.length_s - PREVIEW_S) / 2
    inside = [n for n in range(plan.count) if begin_s <= plan.pts(n) * plan.time_base < begin_s + PREVIEW_S]
    return inside[0], inside[-1] + 1


def made_by(settings: RetimeSettings, interpolator: Interpolator | None) -> str:
    """For a sentence: the way, and what made the frames."""
    if interpolator is None:
        return ", repeats dropped"
    way = "respect" if settings.intent == "respect" else settings.method if settings.dedup == "smooth" else "plain"
    return f", by {way} with {interpolator.name}"


def _frames(plan: Times, count: int) -> str:
    rate = f"at {plan.rate} frames a second" if plan.rate else "at a rate that varies"
    return f"{counted(count)} {rate}"


def promise(plan: Times) -> str:
    """What a dry run says."""
    return f"The output would have {_frames(plan, plan.count)}, {seconds(plan.length_s)} long."


def cadence_lines(seen: Scan, given: Fraction | None = None) -> list[str]:
    """What was found, for people. given: the rate that repeats are dropped for."""
    from ...core.retime.drop import PULLDOWNS, native_rate
    from ...core.retime.fields import film_rate

    names = Counter(cadence.name for cadence in seen.cadences for _ in range(cadence.first, cadence.end))
    share = ", ".join(f"{name} {100 * n / seen.beats.frames:.0f} %" for name, n in names.most_common(4))
    lines = [f"cadence: {share}; {len(seen.cuts)} cuts; {len(seen.repeats)} of {counted(seen.beats.frames)} repeat the one before"]
    rates: Counter[Fraction] = Counter()
    for cadence in seen.cadences:
        rate = native_rate(seen.beats, cadence.pattern)
        if rate is not None and cadence.pattern in PULLDOWNS:
            rates[rate] += cadence.end - cadence.first
    woven = None if seen.beats.varies else film_rate(seen.fields, seen.beats.rate)
    if woven is not None:
        rates[woven] = seen.beats.frames
    for rate, frames in rates.most_common(1):
        if frames > 0.8 * seen.beats.frames:
            how = ", and is again" if rate == given else f": --dedup only --fps {rate} brings it back"
            lines.append(f"it was {rate} frames a second before{how}")
    return lines


def figures_of(seen: Scan, plan: Times, first: int, end: int) -> dict[str, Any]:
    """The same and the counts, for programs."""
    return {
        "frames": end - first,
        "rate": str(plan.rate) if plan.rate else None,
        "time_base": str(plan.time_base),
        "length_s": str((plan.pts(end) - plan.pts(first)) * plan.time_base),
        "first": first,
        "input_frames": seen.beats.frames,
        "repeats": len(seen.repeats),
        "cuts": list(seen.cuts),
        "cadence": told(seen),
    }


def first_stamps(plan: Times) -> list[int]:
    """The first time stamps, in time_base."""
    if plan.count > FEW and plan.rate is None:
        raise UsageError(f"the output would have {plan.count} frames of varying length", "write their times with -o times.txt")
    return [plan.pts(n) for n in range(min(plan.count, FEW))]
