"""An alignment as the files that were asked for, by suffix. Nothing is imported that the asked suffixes do not need."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ...core.alignment import Alignment
from ...core.errors import GenlockError, UsageError, cannot_write
from ...core.progress import Progress
from ...core.settings import AlignSettings
from .outputs import File, check_places
from .staging import Stage

EXCHANGED = (".otio", ".otioz", ".edl", ".json", ".nk", ".fcpxml", ".xml", ".mlt", ".vpy")
REPORTED = (".html", ".csv")
KNOWN = EXCHANGED + REPORTED
_OTHERS = (".aaf", ".otiod", ".kdenlive")
"""Known, and refused with the reason."""


def check_suffixes(outputs: Sequence[str]) -> None:
    """Raises UsageError for an output that genlock cannot write, with the list of what it can."""
    for path in outputs:
        suffix = Path(path).suffix.lower()
        if suffix in _OTHERS:
            from ...otio_adapters.formats import refusal

            raise refusal(suffix)
        if suffix not in KNOWN:
            what = f"the suffix {suffix} of {path}" if suffix else f"an output without a suffix, {path},"
            raise UsageError(f"{what} says nothing that genlock writes", f"known are {' '.join(KNOWN)}")


def render(
    alignment: Alignment, outputs: Sequence[str], settings: AlignSettings, progress: Progress, note: Callable[[str], None],
    stage: Stage | None = None,
) -> tuple[File, ...]:
    """The contents of all outputs, in memory. One output may become several files, such as out.edl and out_2.edl.

    stage   where a bundle is put together, which holds the media; without one, bundles are refused
    Raises FormatError where a format cannot say what is asked of it, OutputError where such a further file has no place.
    """
    files: list[File] = []
    for n, path in enumerate(outputs):
        step = progress.part(n / len(outputs), 1 / len(outputs))
        step.at(0.0, f"writing {os.path.basename(path)}")
        if Path(path).suffix.lower() == ".otioz":
            files.append(_bundled(alignment, path, step, stage))
        else:
            files += _render_one(alignment, path, settings, step, note)
    check_places([file.path for file in files], (alignment.clip.path, alignment.ref.path))
    return tuple(files)


def _bundled(alignment: Alignment, path: str, progress: Progress, stage: Stage | None) -> File:
    """A bundle, put together on the disk: its media is too large for memory."""
    if stage is None:
        raise UsageError(f"{os.path.basename(path)} cannot be written here", "convert the .otio to it")
    from ...otio_adapters.bundle import write_bundle

    place = stage.place(path)
    try:
        write_bundle(alignment, place, lambda share: progress.at(share, f"copying into {os.path.basename(path)}"))
    except OSError as error:
        raise cannot_write(path, error) from error
    return File(path, source=place)


def _render_one(alignment: Alignment, path: str, settings: AlignSettings, progress: Progress, note: Callable[[str], None]) -> list[File]:
    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        from ...core.report.table import to_csv

        return [File(path, to_csv(alignment).encode("utf-8"))]
    if suffix == ".html":
        from ...core.report.page import to_html

        return [File(path, to_html(alignment, progress).encode("utf-8", "replace"))]
    from ...otio_adapters.formats import render as render_format

    bodies, notes = render_format(alignment, suffix, settings)
    for text in notes:
        note(f"{os.path.basename(path)}: {text}")
    stem = path[: -len(suffix)]
    return [File(stem + ending, body) for ending, body in bodies.items()]


def report_only(alignment: Alignment, outputs: Sequence[str], progress: Progress, note: Callable[[str], None]) -> tuple[File, ...]:
    """The reports among the outputs: all that is written where the two do not show the same footage.

    A report that cannot be made is told in a note; the answer stays "not the same footage".
    """
    try:
        return render(alignment, [path for path in outputs if path.lower().endswith(".html")], AlignSettings(), progress, note)
    except (GenlockError, OSError) as error:
        note(f"the report could not be made: {error}")
        return ()

