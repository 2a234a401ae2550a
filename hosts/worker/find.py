"""The job "find": which files of an archive hold a clip, and where."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from ...core.errors import NotSameFootage, UsageError
from ...core.settings_archive import FindSettings
from ...core.timing import FrameRate, timecode
from .desk import Answer, Desk
from .index import counted
from .inputs import roles
from .options import settings_of

if TYPE_CHECKING:
    from fractions import Fraction

    from ...core.archive.ask import Answered
    from ...core.archive.places import Place


def work(desk: Desk) -> Answer:
    """Look the clip up; exit status 3 where it is nowhere. Nothing is written."""
    clip, archive = roles(desk.request, "clip", "archive")
    if desk.request.outputs:
        raise UsageError("find writes nothing", "its answer is on stdout, with --json for programs")
    settings = settings_of(FindSettings, desk.request.settings)
    from ...core.archive.ask import ask

    answered = ask(clip, archive, settings, desk.progress)
    figures = _figures(answered, archive)
    for place in answered.found.places:
        if answered.confirmed.get(place.file) is False:
            desk.note(f"aligning the clip to {_path(answered, place)} does not confirm it; left out")
    places = answered.places
    if not places:
        hours = answered.found.archive_s / 3600
        among = f"{counted(answered.found.files, 'piece')} of footage ({hours:.1f} hours)"
        error = NotSameFootage(f"{clip} is not in the archive {archive}, among {among}", "index more with genlock index FOLDER")
        return Answer(str(error), figures=figures, error=error)
    files = len({place.file for place in places})
    sure = sum(place.verdict == "sure" for place in places)
    sentence = f"Found in {counted(files, 'file')}, {counted(len(places), 'place')}: {sure} sure, {len(places) - sure} likely."
    return Answer(sentence, tuple(_lines(answered, clip)), figures)


def _lines(answered: Answered, clip: str) -> list[str]:
    lines = []
    for place in answered.places:
        file = place.entry
        from_frame, to_frame = _clip_frames(answered, place)
        rate = answered.media.rate
        shown = f"{_time(place.first_frame, file.start_frame, file.rate, file.timecode)} to " + _time(
            place.last_frame, file.start_frame, file.rate, file.timecode
        )
        start, code = answered.media.start_frame, answered.media.timecode or ""
        asked = f"{_time(from_frame, start, rate, code)} to {_time(to_frame, start, rate, code)}"
        lines.append(f"{place.verdict:6}  {_path(answered, place)}")
        lines.append(f"        {shown} (frames {place.first_frame} to {place.last_frame})")
        lines.append(f"        shows the clip's {asked} (frames {from_frame} to {to_frame})")
        lines.append(f"        {', '.join(_traits(place, answered.confirmed.get(place.file, False)))}")
    times = answered.found.times_s
    lines.append(
        f"{counted(answered.found.files, 'piece')} of footage, {answered.found.archive_s / 3600:.1f} hours, asked in {sum(times.values()):.2f} s; "
        f"reading the clip took {answered.read_s:.2f} s"
    )
    best = answered.places[0]
    if answered.paths.get(best.file):
        lines.append(f"next: genlock align {shlex.quote(clip)} {shlex.quote(_path(answered, best))} -o aligned.otio")
    return lines


def _traits(place: Place, confirmed: bool) -> list[str]:
    out = [f"likeness {place.likeness:.2f} over {counted(place.moments, 'moment')}"]
    if place.framing.mirrored:
        out.append("mirrored")
    if not place.framing.plain:
        out.append("another part of the picture")
    if abs(place.speed - 1) > 0.004:
        out.append(f"the clip runs at {100 * place.speed:.1f} % of the file's speed")
    if place.loose_s >= 0.5:
        out.append(f"hardly anything moves: the time may be {place.loose_s / 2:.1f} s off")
    if confirmed:
        out.append("aligning confirms it")
    return out


def _path(answered: Answered, place: Place) -> str:
    paths = answered.paths.get(place.file, ())
    return paths[0] if paths else "a file that is not known by name any more"


def _clip_frames(answered: Answered, place: Place) -> tuple[int, int]:
    """First and last frame of the clip that a place shows."""
    rate, frames = float(answered.media.rate), answered.media.frames
    first = min(frames - 1, max(0, round(place.clip_from_s * rate)))
    return first, min(frames - 1, max(first, round(place.clip_to_s * rate) - 1))


def _time(frame: int, start: int, rate: Fraction, code: str) -> str:
    counting = FrameRate(rate)
    return timecode(frame + start, counting, drop=";" in code and counting.drops)


def _figures(answered: Answered, archive: str) -> dict[str, Any]:
    return {
        "archive": archive, "pieces": answered.found.files, "archive_seconds": round(answered.found.archive_s, 3),
        "read_s": answered.read_s, "times_s": answered.found.times_s,
        "places": [_place(answered, place) for place in answered.places],
    }


def _place(answered: Answered, place: Place) -> dict[str, Any]:
    first, last = _clip_frames(answered, place)
    framing = place.framing
    return {
        "paths": list(answered.paths.get(place.file, ())), "verdict": place.verdict,
        "frames": [place.first_frame, place.last_frame], "rate": str(place.entry.rate), "start_frame": place.entry.start_frame,
        "clip_frames": [first, last], "clip_rate": str(answered.media.rate),
        "offset_s": round(place.offset_s, 4), "speed": round(place.speed, 5), "loose_s": round(place.loose_s, 3),
        "likeness": round(place.likeness, 4), "moments": place.moments, "mirrored": framing.mirrored,
        "part": {"scale": [round(framing.scale_x, 4), round(framing.scale_y, 4)], "shift": [round(framing.shift_x, 4), round(framing.shift_y, 4)]},
        "confirmed": answered.confirmed.get(place.file),
    }
