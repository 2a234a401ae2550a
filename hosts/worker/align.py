"""The job "align": two pieces of footage in, timelines and reports out."""

from __future__ import annotations

from collections.abc import Callable

from ...core.alignment import Alignment
from ...core.errors import NotSameFootage
from ...core.progress import Progress
from ...core.settings import AlignSettings
from .desk import Answer, Desk
from .documents import check_suffixes, render, report_only
from .figures import of_alignment
from .inputs import roles
from .options import align_settings
from .outputs import File, check_places

Aligner = Callable[[str, str, AlignSettings, Progress], Alignment]
_SOLVING = 0.95
"""Share of the job that is not writing."""


def work(desk: Desk, aligner: Aligner | None = None) -> Answer:
    """Align the clip to the ref and render every output; nothing is written here.

    aligner   core.align.align where none is given
    Raises what the aligner raises, UsageError for a wrong request, OutputError for an output that cannot be written.
    """
    clip, ref = roles(desk.request, "clip", "ref")
    settings = align_settings(desk.request.settings)
    check_suffixes(desk.request.outputs)
    check_places(desk.request.outputs, (clip, ref))
    solve = aligner or _core_aligner()
    writing = desk.progress.part(_SOLVING, 1 - _SOLVING)
    try:
        alignment = solve(clip, ref, settings, desk.progress.part(0.0, _SOLVING))
    except NotSameFootage as error:
        return _refusal(error, desk, writing)
    files = render(alignment, desk.request.outputs, settings, writing, desk.note, desk.stage)
    return _answer(alignment, files)


def _core_aligner() -> Aligner:
    """Imported only now: it brings in FFmpeg, OpenCV and numpy, and what is wrong with a request is told without them."""
    from ...core.align import align

    return align


def _answer(alignment: Alignment, files: tuple[File, ...]) -> Answer:
    from ...core.report.words import lines, summary

    return Answer(summary(alignment), tuple(lines(alignment)[1:]), of_alignment(alignment), files)


def _refusal(error: NotSameFootage, desk: Desk, progress: Progress) -> Answer:
    """Not the same footage: the report alone is written."""
    if error.alignment is None:
        return Answer(str(error), error=error)
    files = report_only(error.alignment, desk.request.outputs, progress, desk.note)
    return Answer(str(error), figures=of_alignment(error.alignment), files=files, error=error)
