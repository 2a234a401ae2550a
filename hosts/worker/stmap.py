"""The job "stmap": where the clip lies in the ref, as 32-bit float EXR ST maps or motion vectors."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...core.alignment import Alignment
from ...core.errors import UsageError
from ...core.settings_stmap import StmapSettings
from .desk import Answer, Desk
from .filming import check_paths, estimator_of, require_output, written
from .inputs import read_aligned, roles, say_media
from .options import settings_of
from .outputs import check_places

if TYPE_CHECKING:
    from ...core.render.stmaps import MapFrame

_PATTERN = re.compile(r"%(?:0(?P<wide>\d+))?d|(?P<hashes>#+)")
SUFFIX = ".exr"


def work(desk: Desk) -> Answer:
    """Write every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, FormatError for one file of a transform that moves, MediaError, OutputError, Cancelled.
    """
    (aligned,) = roles(desk.request, "aligned")
    require_output(desk)
    check_paths(desk.request.settings)
    settings = settings_of(StmapSettings, desk.request.settings)
    check_outputs(desk.request.outputs)
    alignment = read_aligned(aligned)
    read = _read(alignment, settings)
    if settings.warp == "flow":
        say_media(aligned, alignment, desk.note)
    check_places(desk.request.outputs, [aligned, *read])
    estimator = estimator_of(settings.as_rendering())
    from ...core.render.plan import frames_within
    from ...core.render.stmaps import map_frames, size_of, still_frame

    sequences = [path for path in desk.request.outputs if is_sequence(path)]
    stills = [path for path in desk.request.outputs if path not in sequences]
    if stills:
        _write(desk, stills, [still_frame(alignment, settings, estimator)], alignment, 1)
    first, end = frames_within(settings.range, alignment.ref)
    unmatched = 0
    if sequences:
        frames = map_frames(alignment, settings, estimator, desk.progress.part(0.0, 0.05))
        unmatched = _write(desk, sequences, frames, alignment, end - first)
        if unmatched:
            desk.note(f"{unmatched} of {end - first} ref frames show nothing of the clip; their maps are empty, with alpha 0")
    files = written(desk, read)
    wide, high = size_of(alignment, settings)
    what = "motion vectors" if settings.motion else "an ST map" if len(files) == 1 else "ST maps"
    lies = "the ref in the clip" if settings.inverse else "the clip in the ref"
    figures = {"frames": end - first if sequences else 1, "unmatched": unmatched, "ref_first": first, "size": [wide, high]}
    return Answer(f"{len(files)} file{'' if len(files) == 1 else 's'} written, {wide}x{high}: {what} of {lies}.", figures=figures, files=files)


def check_outputs(outputs: Iterable[str]) -> None:
    """Raises UsageError where an output is no EXR."""
    for path in outputs:
        if os.path.splitext(path)[1].lower() != SUFFIX:
            raise UsageError(f"{path} cannot hold an ST map", "name an .exr, such as out.%04d.exr: it takes 32-bit float")


def is_sequence(path: str) -> bool:
    """Whether an output is a file a frame."""
    return _PATTERN.search(os.path.basename(path)) is not None


def name_of(path: str, number: int) -> str:
    """The file of one frame: its number in place of %04d or ####; a plain name stays."""
    folder, name = os.path.split(path)
    match = _PATTERN.search(name)
    if match is None:
        return path
    wide = int(match["wide"] or 0) if match["hashes"] is None else len(match["hashes"])
    return os.path.join(folder, f"{name[: match.start()]}{number:0{wide}d}{name[match.end() :]}")


def _read(alignment: Alignment, settings: StmapSettings) -> list[str]:
    """The footage that an output must not overwrite."""
    return [alignment.clip.path, alignment.ref.path, *([settings.mask] if settings.mask else [])]


def _write(desk: Desk, outputs: list[str], frames: Iterable[MapFrame], alignment: Alignment, count: int) -> int:
    """Write each frame to every output; returns how many show nothing."""
    from ...core.media.plates import Layer
    from ...core.media.plates.form import Form
    from ...core.media.write.file import Header, write_file
    from ...core.render.session import moved_timecode

    form = Form("rgb", 32, is_float=True, alpha=True)
    places = {path: desk.stage.place(path) for path in outputs}
    progress = desk.progress.part(0.05, 0.95)
    empty = 0
    for done, frame in enumerate(frames):
        progress.at(done / max(1, count), "mapping")
        empty += frame.step.clip is None
        header = Header(SUFFIX, form, alignment.ref.rate, moved_timecode(alignment.ref, frame.number), compression="zip")
        layer = Layer(frame.channels, frame.pixels, attributes=(("genlock", "string", _told(frame)),))
        for path, place in places.items():
            number = alignment.ref.start_frame + frame.number
            write_file(name_of(place, number), [layer], header, name_of(path, number))
    return empty


def _told(frame: MapFrame) -> str:
    """What the header says of the numbers, for whoever finds the file."""
    if "R" in frame.channels:
        return "ST map: R = S = (x + 0.5) / w, right; G = T, up; A = coverage"
    return "motion vectors in pixels: u right, v up; A = coverage"
