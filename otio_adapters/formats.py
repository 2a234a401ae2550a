"""The exchange formats by suffix: how each is written, how it is read back, and what it cannot say."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.alignment import Alignment
from ..core.errors import FormatError, UsageError

if TYPE_CHECKING:
    from ..core.settings import AlignSettings

MOST_BYTES = 1 << 30
Rendered = tuple[dict[str, bytes], list[str]]
"""File contents by what follows the output's stem (".edl", "_2.edl"), and notes on what was changed to say it."""


@dataclass(frozen=True)
class Format:
    """One exchange format."""

    write: Callable[[Alignment, Any], Rendered]
    read: Callable[[bytes], Alignment] | None
    """None where the format cannot hold an alignment."""
    lacks: str
    """What it cannot say; empty where it says everything."""


def render(alignment: Alignment, suffix: str, settings: AlignSettings | None = None) -> Rendered:
    """An alignment in one format, in memory.

    suffix    with its dot, in any case
    settings  of the job; its `edl` chooses the manner of an .edl
    Raises UsageError for an unknown suffix, FormatError where the format cannot say this alignment.
    """
    return _known(suffix).write(alignment, settings)


def read(path: str | os.PathLike[str]) -> Alignment:
    """The alignment in an .otio or .json that genlock wrote.

    Raises UsageError for a suffix that holds none, FormatError where the file is malformed, OSError where it
    cannot be opened.
    """
    suffix = Path(path).suffix
    reader = _known(suffix).read
    if reader is None:
        raise UsageError(f"{path} cannot be read back as an alignment: {_known(suffix).lacks}", "name the .otio or .json that genlock align wrote")
    if os.path.getsize(path) > MOST_BYTES:
        raise FormatError(f"{path} is larger than {MOST_BYTES >> 20} MiB, which no alignment is")
    try:
        return reader(Path(path).read_bytes())
    except FormatError as error:
        raise FormatError(f"{path}: {error.what}", error.next_step) from error


def to_json_bytes(alignment: Alignment) -> bytes:
    """What a .json holds: the alignment itself, indented, UTF-8."""
    return (json.dumps(alignment.to_json(), indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def from_json_bytes(body: bytes) -> Alignment:
    """The reverse of to_json_bytes(). Raises FormatError."""
    return Alignment.from_json(_json_of(body))


def _json_of(body: bytes) -> Any:
    """Parsed JSON. Checked here first, since OpenTimelineIO's own parser does not limit how deep a file nests."""
    try:
        return json.loads(body.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        raise FormatError(f"this is not UTF-8 text: byte {error.start}") from error
    except RecursionError as error:
        raise FormatError("this JSON nests too deeply to be an alignment") from error
    except ValueError as error:
        raise FormatError(f"this is not JSON: {error}") from error


def _write_json(alignment: Alignment, _settings: Any) -> Rendered:
    return {".json": to_json_bytes(alignment)}, []


def _write_otio(alignment: Alignment, _settings: Any) -> Rendered:
    from .timeline import to_timeline

    return {".otio": to_timeline(alignment).to_json_string(indent=1).encode("utf-8")}, []


def _read_otio(body: bytes) -> Alignment:
    _json_of(body)
    import opentimelineio as otio

    from .timeline import from_timeline

    try:
        timeline = otio.adapters.read_from_string(body.decode("utf-8"), "otio_json")
    except (otio.exceptions.OTIOError, ValueError, RuntimeError, TypeError, IndexError) as error:
        raise FormatError(f"this is not OpenTimelineIO: {' '.join(str(error).split())}", "name the .otio that genlock align wrote") from error
    return from_timeline(timeline)


def _write_edl(alignment: Alignment, settings: Any) -> Rendered:
    from .edl import to_edl

    texts, notes = to_edl(alignment, settings.edl if settings is not None else "cmx")
    return {".edl" if n == 1 else f"_{n}.edl": text.encode("ascii") for n, text in enumerate(texts, 1)}, notes


FORMATS: dict[str, Format] = {
    ".otio": Format(_write_otio, _read_otio, ""),
    ".json": Format(_write_json, from_json_bytes, ""),
    ".edl": Format(_write_edl, None, "an .edl has no place for transforms, verdicts or scores"),
}


def _known(suffix: str) -> Format:
    found = FORMATS.get(suffix.lower())
    if found is None:
        raise UsageError(f"the suffix {suffix or '(none)'} is not an exchange format of genlock", f"known are {' '.join(FORMATS)}")
    return found
