"""The job "verify": what a timeline claims against what is seen, by another way than the one that made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.alignment import Alignment
from ...core.errors import UsageError
from ...core.progress import Progress
from ...core.settings_verify import VerifySettings
from .desk import Answer, Desk
from .inputs import read_aligned, roles, say_media
from .options import settings_of
from .outputs import File, check_places

if TYPE_CHECKING:
    from ...core.verify.quality import PictureQuality

Verifier = Callable[[Alignment, Progress], Any]
Measurer = Callable[[Alignment, Progress, VerifySettings], "PictureQuality"]
_SUFFIX = ".html"


def work(desk: Desk, verifier: Verifier | None = None, measurer: Measurer | None = None) -> Answer:
    """Look at the footage again and say whether the claims hold; exit status 0 where they do, 1 where not.

    verifier   core.verify.verify where none is given
    measurer   of the pictures, where the settings ask for that; by core.verify.pictures where none is given
    """
    (aligned,) = roles(desk.request, "aligned")
    settings = settings_of(VerifySettings, desk.request.settings)
    _check_outputs(desk.request.outputs, aligned)
    alignment = read_aligned(aligned)
    check_places(desk.request.outputs, (aligned, alignment.clip.path, alignment.ref.path))
    say_media(aligned, alignment, desk.note)
    desk.steady.add([alignment.clip.path, alignment.ref.path])
    checking, measuring, writing = _shares(desk.progress, settings.pictures, bool(desk.request.outputs))
    found = (verifier or _core_verifier())(alignment, checking)
    sentence, *lines = found.lines()
    figures = found.to_json()
    quality = (measurer or _measured)(alignment, measuring, settings) if settings.pictures else None
    if quality is not None:
        from ...core.verify.quality_words import lines as quality_lines

        lines += quality_lines(quality)
        figures = {**figures, "pictures": quality.to_json()}
    files = _reports(alignment, desk.request.outputs, found.lines(), quality, writing)
    return Answer(sentence, tuple(lines), figures, files, exit_status=0 if found.holds else 1)


def _check_outputs(outputs: Sequence[str], aligned: str) -> None:
    for path in outputs:
        if Path(path).suffix.lower() != _SUFFIX:
            raise UsageError(f"verify cannot write {path}", f"it writes a report, {_SUFFIX}; its figures are in --json")


def _shares(progress: Progress, pictures: bool, report: bool) -> tuple[Progress, Progress, Progress]:
    """Of checking the claims, measuring the pictures, writing the report."""
    end = 0.9 if report else 1.0
    middle = 0.3 * end if pictures else end
    return progress.part(0.0, middle), progress.part(middle, end - middle), progress.part(end, 1.0 - end)


def _core_verifier() -> Verifier:
    from ...core.verify import verify

    return verify


def _measured(alignment: Alignment, progress: Progress, settings: VerifySettings) -> PictureQuality:
    """By core, with the flow and the FFmpeg that the settings ask for."""
    from ...core.verify.pictures import picture_quality
    from ...core.verify.vmaf_runs import NO_VMAF, VmafMaker

    vmaf = NO_VMAF if settings.vmaf == "off" else VmafMaker.found()
    if settings.warp == "matrix":
        return picture_quality(alignment, progress, settings, None, vmaf)
    from ...core.space.flow import FlowSettings, estimator

    flow = FlowSettings(precision=settings.precision, soften=settings.soften, device=settings.device)
    return picture_quality(alignment, progress, settings, estimator(flow), vmaf)


def _reports(
    alignment: Alignment, outputs: Sequence[str], checked: Sequence[str], quality: PictureQuality | None, progress: Progress
) -> tuple[File, ...]:
    if not outputs:
        return ()
    from ...core.report.page import to_html

    page = to_html(alignment, progress, checked, quality).encode("utf-8", "replace")
    return tuple(File(path, page) for path in outputs)
