"""OpenTimelineIO adapter "genlock_edl": a timeline that genlock wrote as a CMX 3600 EDL, and EDLs read line by line.

Name the adapter, since .edl belongs to cmx_3600: adapters.read_from_file("out.edl", adapter_name="genlock_edl", rate=25).
OpenTimelineIO loads this file by its path, so its imports are absolute.
"""

from __future__ import annotations

from typing import Any

from genlock.core.errors import FormatError
from genlock.otio_adapters.edl import to_edl
from genlock.otio_adapters.edl_timeline import edl_to_timeline
from genlock.otio_adapters.timeline import from_timeline


def read_from_string(input_str: str, rate: str | float = 24, clip_rate: str | float | None = None) -> Any:
    """The timeline of an EDL of cuts and constant speeds.

    rate       of the record timecode
    clip_rate  of the source timecode; that of the record where it is not given
    """
    return edl_to_timeline(input_str, rate, clip_rate)


def write_to_string(input_otio: Any, manner: str = "cmx") -> str:
    """The EDL of a timeline that genlock wrote, "cmx" or "resolve". Raises FormatError where one list cannot hold it."""
    texts, _ = to_edl(from_timeline(input_otio), manner)
    if len(texts) > 1:
        raise FormatError(f"this takes {len(texts)} lists of 999 events", "write it with genlock convert IN -o OUT.edl")
    return texts[0]
