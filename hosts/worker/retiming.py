"""Lists of what was dropped: what the job "retime" writes beside pictures."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ... import __version__
from ...core.alignment import Media
from ...core.retime.output import Times
from .outputs import File

if TYPE_CHECKING:
    from ...core.retime.scan import Scan

LISTS = (".csv", ".html", ".json", ".otio", ".txt")
"""Outputs that are no pictures: what each frame does, the same drawn and for programs, a timeline of holds, time stamps of the output (mkvmerge's
format 2)."""


def is_list(path: str) -> bool:
    """Whether an output is a list, and no picture."""
    return os.path.splitext(path)[1].lower() in LISTS


def lists(outputs: Iterable[str], media: Media, seen: Scan, times: Times) -> tuple[File, ...]:
    """The lists that are asked for. Raises FormatError where one cannot say it."""

    def holds(seen: Scan, times: Times) -> str:
        from .holds import timeline_of_holds

        return timeline_of_holds(media, seen)

    def page(seen: Scan, times: Times) -> str:
        from ...core.report.cadence_page import cadence_page

        return cadence_page(media, seen, __version__)

    made = {".csv": _csv, ".html": page, ".json": _json, ".otio": holds, ".txt": _stamps}
    return tuple(File(path, made[os.path.splitext(path)[1].lower()](seen, times).encode()) for path in outputs if is_list(path))


def told(seen: Scan) -> list[dict[str, Any]]:
    """The cadence of every stretch, as plain data."""
    return [
        {
            "first": c.first, "end": c.end, "cadence": c.name, "holds": list(c.holds), "parts": list(c.parts), "pattern": list(c.pattern),
            "camera": c.camera, "n_forward": c.n_forward, "repeats": len(c.repeats),
        }
        for c in seen.cadences
    ]  # fmt: skip


def _csv(seen: Scan, times: Times) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["frame", "time_s", "repeats", "shot", "cadence", "fields"])
    gone, shot = set(seen.repeats), 0
    for cadence in seen.cadences:
        shot += cadence.first in seen.cuts
        shown = cadence.first
        for frame in range(cadence.first, cadence.end):
            if frame not in gone:
                shown = frame
            again = "" if frame == shown else shown
            table.writerow([frame, f"{float(seen.beats.time_s(frame)):.6f}", again, shot + 1, cadence.name, seen.fields[frame : frame + 1]])
    return text.getvalue()


def _json(seen: Scan, times: Times) -> str:
    body = {
        "genlock": 1,
        "frames": seen.beats.frames,
        "rate": None if seen.beats.varies else str(seen.beats.rate),
        "cuts": list(seen.cuts),
        "repeats": list(seen.repeats),
        "fields": seen.fields,
        "stretches": told(seen),
        "output": {"frames": times.count, "rate": str(times.rate) if times.rate else None, "time_base": str(times.time_base)},
    }
    return json.dumps(body, indent=1) + "\n"


def _stamps(seen: Scan, times: Times) -> str:
    lines = ["# timestamp format v2"]
    for number in range(times.count):
        lines.append(f"{float(times.pts(number) * times.time_base * 1000):.6f}")
    return "\n".join(lines) + "\n"


def seconds(value: Fraction) -> str:
    """For people."""
    return f"{float(value):.3f} s"
