"""genlock's own parsers as functions of bytes: each returns, or raises one of the errors that it promises. Anything else is a fault."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from genlock.core.alignment import Alignment
from genlock.core.errors import FormatError, GenlockError
from genlock.core.inpaint.project.config import read_config
from genlock.core.media.exr import channels, picture_layer
from genlock.core.media.guard import text_kind
from genlock.hosts import aligned, jobs
from genlock.hosts.batch.pairs import read_pairs
from genlock.hosts.blender import otio_in
from genlock.hosts.blender.refusing import CannotLay
from genlock.hosts.nuke import script
from genlock.models.errors import WeightsError
from genlock.models.safetensors import read_header
from genlock.otio_adapters.edl_again import rewrite
from genlock.otio_adapters.formats import from_json_bytes
from genlock.otio_adapters.xml_text import from_bytes

PROMISED = (GenlockError, jobs.JobError, aligned.NotAligned, CannotLay, script.NotOurs, WeightsError)
"""What a reader may raise; every one is told as a line."""


def _edl(body: bytes) -> None:
    rewrite(body, ".edl", Fraction(25), None, "resolve")


def _nk(body: bytes) -> None:
    script.moved(script.parts(body.decode("utf-8", "surrogateescape")), 3, 7)


def _alignment(body: bytes) -> None:
    found = from_json_bytes(body)
    if found.ref.frames < 10_000:
        assert Alignment.from_json(json.loads(json.dumps(found.to_json()))) == found, "what was read is not what is written"


def _host(body: bytes) -> None:
    aligned.from_json(_parsed(body))


def _timeline(body: bytes) -> None:
    _in_file(".otio", body, lambda path: otio_in.load(str(path)))


def _request(body: bytes) -> None:
    jobs.Request.from_json(_parsed(body))


def _events(body: bytes) -> None:
    _in_file(".jsonl", body, lambda path: jobs.Tail(str(path)).read())


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is not JSON: {error}") from error


def _in_file(suffix: str, body: bytes, read: Callable[[Path], object]) -> None:
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(body)
        file.flush()
        read(Path(file.name))


READERS: Mapping[str, Callable[[bytes], None]] = {
    "alignment": _alignment,
    "edl": _edl,
    "events": _events,
    "exr": lambda body: (picture_layer(body), channels(body), None)[2],
    "guard": lambda body: (text_kind(body), None)[1],
    "host": _host,
    "nk": _nk,
    "pairs": lambda body: _in_file(".csv", body, lambda path: read_pairs(str(path), {})),
    "request": _request,
    "safetensors": lambda body: _in_file(".safetensors", body, read_header),
    "timeline": _timeline,
    "toml": lambda body: _in_file(".toml", body, read_config),
    "xml": lambda body: (from_bytes(body), None)[1],
}
"""By the name of its folder in the corpus (tests/hostile/corpus)."""


def tried(reader: str, body: bytes) -> bool:
    """Whether it was read; False where it was refused as promised. Raises whatever else the reader raises."""
    try:
        READERS[reader](body)
    except PROMISED as error:
        assert "\n" not in str(error).strip(), f"more than one line: {str(error)!r}"
        return False
    return True
