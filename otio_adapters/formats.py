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

MOST_BYTES = 256 << 20
"""Twelve hours of variable rate take 100 MiB."""
MOST_VALUES = 1 << 24
"""Twelve hours take two million. What is parsed takes 20 bytes of memory and more for each, however short it is written."""
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
    if suffix.lower() == BUNDLE:
        from .bundle import read_bundle

        return _read_otio(read_bundle(path))
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
    if body.count(b",") > MOST_VALUES:
        raise FormatError(f"this JSON holds more than {MOST_VALUES:,} values, which no timeline does", "export it again, or split it")
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


def _write_otio(alignment: Alignment, settings: Any) -> Rendered:
    if settings is not None and getattr(settings, "otio", "genlock") == "resolve":
        from .resolve import to_resolve

        shaped, notes = to_resolve(alignment)
        return {".otio": shaped.to_json_string(indent=1).encode("utf-8")}, notes
    from .timeline import to_timeline

    return {".otio": to_timeline(alignment).to_json_string(indent=1).encode("utf-8")}, []


def otio_of(body: bytes) -> Any:
    """What an .otio holds. Raises FormatError where it is not OpenTimelineIO."""
    _json_of(body)
    import opentimelineio as otio

    try:
        return otio.adapters.read_from_string(body.decode("utf-8"), "otio_json")
    except (otio.exceptions.OTIOError, ValueError, RuntimeError, TypeError, LookupError) as error:
        raise FormatError(f"this is not OpenTimelineIO: {' '.join(str(error).split())}", "name the .otio that genlock align wrote") from error


def _read_otio(body: bytes) -> Alignment:
    timeline = otio_of(body)
    from .timeline import from_timeline

    return from_timeline(timeline)


def _write_edl(alignment: Alignment, settings: Any) -> Rendered:
    from .edl import to_edl
    from .whole import space_notes

    texts, notes = to_edl(alignment, settings.edl if settings is not None else "cmx")
    notes += space_notes(alignment, ".edl")
    return {".edl" if n == 1 else f"_{n}.edl": text.encode("ascii") for n, text in enumerate(texts, 1)}, notes


def _write_fcp7(alignment: Alignment, _settings: Any) -> Rendered:
    from .fcp7 import to_fcp7

    body, notes = to_fcp7(alignment)
    return {".xml": body}, notes


def _write_fcpxml(alignment: Alignment, _settings: Any) -> Rendered:
    from .fcpxml import to_fcpxml

    body, notes = to_fcpxml(alignment)
    return {".fcpxml": body}, notes


def _write_mlt(alignment: Alignment, _settings: Any) -> Rendered:
    from .mlt import to_mlt

    body, notes = to_mlt(alignment)
    return {".mlt": body}, notes


def _write_vpy(alignment: Alignment, _settings: Any) -> Rendered:
    from .vpy import to_vpy

    text, notes = to_vpy(alignment)
    return {".vpy": text.encode("utf-8", "surrogateescape")}, notes


def _write_nk(alignment: Alignment, _settings: Any) -> Rendered:
    from .nuke import to_nk

    text, notes = to_nk(alignment)
    return {".nk": text.encode("utf-8", "surrogateescape")}, notes


FORMATS: dict[str, Format] = {
    ".otio": Format(_write_otio, _read_otio, ""),
    ".json": Format(_write_json, from_json_bytes, ""),
    ".edl": Format(_write_edl, None, "an .edl has no place for transforms, verdicts or scores"),
    ".nk": Format(_write_nk, None, "a Nuke script has no place for verdicts or scores"),
    ".xml": Format(_write_fcp7, None, "Final Cut Pro 7 XML has no place for transforms or scores"),
    ".fcpxml": Format(_write_fcpxml, None, "FCPXML has no place for matrices or scores"),
    ".mlt": Format(_write_mlt, None, "MLT has no place for verdicts or scores"),
    ".vpy": Format(_write_vpy, None, "a VapourSynth script has no place for verdicts or scores"),
}
BUNDLE = ".otioz"
"""Holds the media too, so it is written to disk by bundle.write_bundle(), never in memory."""
REFUSED: dict[str, tuple[str, str]] = {
    ".aaf": ("its readers and writers here lose every change of speed without a word", ".otio, .edl or .mlt"),
    ".otiod": ("it is a folder, and outputs appear whole or not at all", ".otioz, which holds the same in one file"),
    ".kdenlive": ("nothing but Kdenlive itself can tell whether it plays right", ".mlt, or .otio, which Kdenlive 25.04 and later import"),
}
"""Formats that are known and not written: why, and what is there instead."""


def refusal(suffix: str) -> UsageError:
    """Why a format of REFUSED is not written, and what is there instead."""
    why, instead = REFUSED[suffix]
    return UsageError(f"{suffix} is neither written nor read: {why}", f"use {instead}")


def _known(suffix: str) -> Format:
    found = FORMATS.get(suffix.lower())
    if suffix.lower() in REFUSED:
        raise refusal(suffix.lower())
    if found is None:
        raise UsageError(f"the suffix {suffix or '(none)'} is not an exchange format of genlock", f"known are {' '.join(FORMATS)}")
    return found
