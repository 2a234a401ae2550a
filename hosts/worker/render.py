"""An alignment as the files that were asked for, by suffix. Nothing is imported that the asked suffixes do not need."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ...core.alignment import Alignment
from ...core.errors import GenlockError, UsageError
from ...core.progress import Progress
from ...core.settings import AlignSettings
from .outputs import File, check_places

EXCHANGED = (".otio", ".edl", ".json")
REPORTED = (".html", ".csv")
KNOWN = EXCHANGED + REPORTED


def check_suffixes(outputs: Sequence[str]) -> None:
    """Raises UsageError for an output that genlock cannot write, with the list of what it can."""
    for path in outputs:
        suffix = Path(path).suffix.lower()
        if suffix not in KNOWN:
            what = f"the suffix {suffix} of {path}" if suffix else f"an output without a suffix, {path},"
            raise UsageError(f"{what} says nothing that genlock writes", f"known are {' '.join(KNOWN)}")


def render(
    alignment: Alignment, outputs: Sequence[str], settings: AlignSettings, progress: Progress, note: Callable[[str], None]
) -> tuple[File, ...]:
    """The contents of all outputs, in memory. One output may become several files, such as out.edl and out_2.edl.

    Raises FormatError where a format cannot say what is asked of it, OutputError where such a further file has no place.
    """
    files: list[File] = []
    for n, path in enumerate(outputs):
        step = progress.part(n / len(outputs), 1 / len(outputs))
        step.at(0.0, f"writing {os.path.basename(path)}")
        files += _render_one(alignment, path, settings, step, note)
    check_places([file.path for file in files], (alignment.clip.path, alignment.ref.path))
    return tuple(files)


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

