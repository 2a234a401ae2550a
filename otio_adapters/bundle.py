"""A timeline with its media in one file: OpenTimelineIO's .otioz, a zip with content.otio, version.txt and media/.

Media is stored as it is, in pieces, so memory does not grow with it. Names that clash get a number.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.alignment import Alignment
from ..core.errors import FormatError
from .timeline import to_timeline

VERSION = "1.0.0"
_PART = 4 << 20
MOST_BYTES = 256 << 20
_MOST_TIMES = 100
_NO_BOMB = 16 << 20
"""Bytes up to which nobody asks how well a timeline was compressed; text is to a twentieth or so."""


def write_bundle(alignment: Alignment, path: str | os.PathLike[str], copied: Callable[[float], None] = lambda share: None) -> None:
    """The bundle of a timeline, its clip and its ref.

    copied   called with the share of the bytes that stand
    Raises FormatError for an image sequence or a file that is not there, OSError where it cannot be written.
    """
    timeline = to_timeline(alignment)
    names = _names((alignment.clip.path, alignment.ref.path))
    total, done = sum(os.path.getsize(source) for source in names), 0
    for item in timeline.find_clips():
        item.media_reference.target_url = f"media/{names[_source(item, alignment)]}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as out:
        out.writestr("content.otio", timeline.to_json_string(indent=1), zipfile.ZIP_DEFLATED)
        out.writestr("version.txt", VERSION)
        for source, name in names.items():
            with open(source, "rb") as media, out.open(zipfile.ZipInfo.from_file(source, f"media/{name}"), "w", force_zip64=True) as place:
                while part := media.read(_PART):
                    place.write(part)
                    done += len(part)
                    copied(done / max(total, 1))


def read_bundle(path: str | os.PathLike[str]) -> bytes:
    """The timeline in a bundle, as .otio text; its media is not touched. Raises FormatError where there is none."""
    try:
        with zipfile.ZipFile(path) as bundle:
            told = bundle.getinfo("content.otio")
            if told.file_size > MOST_BYTES or told.file_size > max(_NO_BOMB, _MOST_TIMES * told.compress_size):
                raise FormatError(f"the timeline in {path} unpacks to {told.file_size >> 20} MiB, which no alignment does", "name another bundle")
            with bundle.open("content.otio") as content:
                return content.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise FormatError(f"{path} is no .otioz bundle: {error}", "name the .otioz that genlock wrote") from error


def _names(paths: tuple[str, ...]) -> dict[str, str]:
    """The name of each file in the bundle."""
    names: dict[str, str] = {}
    for path in paths:
        if path in names:
            continue
        if not os.path.isfile(path):
            why = "is an image sequence" if "%" in path else "is not there"
            raise FormatError(f"{path} {why}, and a bundle holds single files", "write .otio, which only names its media")
        base = Path(path)
        name, n = base.name, 1
        while name.lower() in {other.lower() for other in names.values()}:
            n += 1
            name = f"{base.stem}_{n}{base.suffix}"
        names[path] = name
    return names


def _source(item: Any, alignment: Alignment) -> str:
    from .timeline import file_url

    return alignment.clip.path if item.media_reference.target_url == file_url(alignment.clip.path) else alignment.ref.path
