"""The job "stmap": where the clip lies in the ref, as 32-bit float EXR ST maps or motion vectors."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ...core.alignment import Alignment
from ...core.errors import UsageError
from ...core.settings_stmap import StmapSettings
from .desk import Answer, Desk
from .filming import check_paths, estimator_of, require_output, weights_of, written
from .inputs import read_aligned, roles, say_media
from .making import share_made
from .maps import is_sequence, write_map, write_maps
from .options import settings_of
from .outputs import check_places
from .pieces import key_of
from .units import Cut, unit_length

SUFFIX = ".exr"


def work(desk: Desk) -> Answer:
    """Write every output; they stand on the desk's stage until the job is done.

    Raises UsageError for a wrong request, FormatError for one file of a transform that moves, MediaError, OutputError, Cancelled.
    """
    settings, alignment, read = _asked(desk)
    estimator = estimator_of(settings.as_rendering())
    cut = _cut(desk, settings, alignment, read)
    from ...core.render.plan import frames_within, steps
    from ...core.render.stmaps import size_of, still_frame

    sequences = cut.outputs if cut is not None else ()
    stills = [path for path in desk.request.outputs if path not in sequences]
    first, end = frames_within(settings.range, alignment.ref)
    unmatched = 0
    if cut is not None:
        write_maps(desk, cut, alignment, settings, estimator)
        if desk.share is not None:
            return share_made(desk, cut)
        unmatched = sum(step.clip is None for step in steps(alignment, first, end, settings.threshold))
        if unmatched:
            desk.note(f"{unmatched} of {end - first} ref frames show nothing of the clip; their maps are empty, with alpha 0")
    for path in stills:
        write_map(desk.stage.place(path), still_frame(alignment, settings, estimator), alignment, path)
    files = written(desk, read)
    wide, high = size_of(alignment, settings)
    what = "motion vectors" if settings.motion else "an ST map" if len(files) == 1 else "ST maps"
    lies = "the ref in the clip" if settings.inverse else "the clip in the ref"
    figures = {"frames": end - first if sequences else 1, "unmatched": unmatched, "ref_first": first, "size": [wide, high]}
    return Answer(f"{len(files)} file{'' if len(files) == 1 else 's'} written, {wide}x{high}: {what} of {lies}.", figures=figures, files=files)


def _asked(desk: Desk) -> tuple[StmapSettings, Alignment, list[str]]:
    """Settings, the alignment, and the footage that an output must not overwrite."""
    (aligned,) = roles(desk.request, "aligned")
    require_output(desk)
    check_paths(desk.request.settings)
    settings = settings_of(StmapSettings, desk.request.settings)
    check_outputs(desk.request.outputs)
    alignment = read_aligned(aligned)
    if settings.warp == "flow":
        say_media(aligned, alignment, desk.note)
        desk.steady.add([alignment.clip.path, alignment.ref.path])
    read = [alignment.clip.path, alignment.ref.path, *([settings.mask] if settings.mask else [])]
    check_places(desk.request.outputs, [aligned, *read])
    return settings, alignment, read


def cut(desk: Desk) -> Cut | None:
    """The maps of the job as units; None where it writes one for all frames. Raises as work() does for a wrong request."""
    return _cut(desk, *_asked(desk))


def _cut(desk: Desk, settings: StmapSettings, alignment: Alignment, read: list[str]) -> Cut | None:
    from ...core.render.plan import frames_within

    sequences = tuple(path for path in desk.request.outputs if is_sequence(path))
    if not sequences:
        return None
    first, end = frames_within(settings.range, alignment.ref)
    flows = settings.warp == "flow"
    return Cut(sequences, end - first, unit_length(sequences, flows), key_of(desk.request, weights_of(settings.model, flows), read if flows else ()))


def check_outputs(outputs: Iterable[str]) -> None:
    """Raises UsageError where an output is no EXR."""
    for path in outputs:
        if os.path.splitext(path)[1].lower() != SUFFIX:
            raise UsageError(f"{path} cannot hold an ST map", "name an .exr, such as out.%04d.exr: it takes 32-bit float")
