"""OpenTimelineIO adapter "genlock": the alignment that genlock writes as .json, read and written as a timeline.

Give the file the suffix .genlock, or name the adapter: adapters.read_from_file("out.json", adapter_name="genlock").
OpenTimelineIO loads this file by its path, so its imports are absolute.
"""

from __future__ import annotations

from typing import Any

from genlock.otio_adapters.formats import from_json_bytes, to_json_bytes
from genlock.otio_adapters.timeline import from_timeline, to_timeline


def read_from_string(input_str: str) -> Any:
    """The timeline of an alignment. Raises FormatError where the text is none."""
    return to_timeline(from_json_bytes(input_str.encode("utf-8", "surrogatepass")))


def write_to_string(input_otio: Any) -> str:
    """The alignment of a timeline that genlock wrote. Raises FormatError for any other."""
    return to_json_bytes(from_timeline(input_otio)).decode("utf-8", "surrogatepass")
