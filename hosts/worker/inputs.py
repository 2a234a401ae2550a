"""Reads what a request names as its inputs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ...core.alignment import Alignment
from ...core.errors import GenlockError, UsageError
from ..jobs import Request

READABLE = (".json", ".otio", ".otioz")


def roles(request: Request, *names: str) -> list[str]:
    """The request's paths for some roles. Raises UsageError where one is missing, or another is there."""
    for name in names:
        if name not in request.inputs:
            raise UsageError(f"the request names no {name}", f'"inputs" of {request.kind} are {" and ".join(names)}')
    for name in request.inputs:
        if name not in names:
            raise UsageError(f"{request.kind} knows no input {name!r}", f"its inputs are {' and '.join(names)}")
    return [request.inputs[name] for name in names]


def read_aligned(path: str) -> Alignment:
    """What genlock align wrote, from its .json or .otio.

    Raises UsageError for another suffix, FormatError where it is not what it should be, GenlockError where it cannot be read.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in READABLE:
        raise UsageError(f"{path} cannot be read back as an alignment", f"name the {' or '.join(READABLE)} that genlock align wrote")
    from ...otio_adapters.formats import read

    try:
        return read(path)
    except OSError as error:
        raise GenlockError(f"{path} cannot be read: {error.strerror or error}", "name the file that genlock align wrote") from error


def say_media(aligned: str, alignment: Alignment, note: Callable[[str], None]) -> None:
    """Tell which files a timeline is about to have opened, where they lie outside its own folder."""
    home = os.path.realpath(os.path.dirname(os.path.abspath(aligned)))
    for role, media in (("clip", alignment.clip), ("ref", alignment.ref)):
        inside = False
        with suppress(OSError, ValueError):
            inside = os.path.commonpath([home, os.path.realpath(media.path)]) == home
        if not inside:
            note(f"the {role} is read from {media.path}")
