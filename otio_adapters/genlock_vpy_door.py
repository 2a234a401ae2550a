"""OpenTimelineIO adapter "genlock_vpy": a timeline that genlock wrote, as a VapourSynth script.

Written only: adapters.write_to_file(timeline, "out.vpy"). OpenTimelineIO loads this file by its path, so its imports are absolute.
"""

from __future__ import annotations

from typing import Any

from genlock.otio_adapters.formats import render
from genlock.otio_adapters.timeline import from_timeline


def write_to_string(input_otio: Any) -> str:
    """The VapourSynth script (.vpy). Raises FormatError for a timeline of others, or one that the format cannot play."""
    return render(from_timeline(input_otio), ".vpy")[0][".vpy"].decode("utf-8", "surrogateescape")
