"""The footage in a folder: videos by their suffix, pictures with numbers as sequences. What is neither is passed by and counted."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import MediaError
from ..media.cache import digest, digest_of_many
from ..media.sequence import find_sequence

VIDEOS = frozenset(
    ".3g2 .3gp .asf .avi .dif .divx .dv .f4v .flv .gxf .h264 .h265 .hevc .ivf .m2t .m2ts .m2v .m4v .mjpg .mkv .mov .mp4 .mpe .mpeg .mpg "
    ".mts .mxf .nut .ogm .ogv .qt .rm .rmvb .tod .ts .vob .webm .wmv .y4m".split()
)
PICTURES = frozenset(".bmp .cin .dpx .exr .hdr .jp2 .jpeg .jpg .pfm .pgm .png .ppm .sgi .tga .tif .tiff .webp".split())
LEAST_PICTURES = 8
"""Numbered pictures that make a sequence; fewer are photographs."""
_NUMBER = re.compile(r"(\d+)(?!.*\d)")
_SYNC = b"\x47"


@dataclass(frozen=True)
class Item:
    """One piece of footage on disk."""

    path: str
    """A file, or the pattern of a sequence."""
    size: int
    changed_ns: int
    """Of a sequence: the latest change; its files and their sizes count in `size`."""
    sequence: bool = False

    def digest(self) -> str:
        """Of its content. Raises OSError, MediaError."""
        if not self.sequence:
            return digest(self.path)
        found = find_sequence(self.path)
        if found is None:
            raise MediaError(f"no picture on disk is named like {self.path}")
        return digest_of_many([Path(path) for path in found.files.values()])


@dataclass
class Walk:
    """What a folder holds."""

    items: list[Item] = field(default_factory=list)
    passed: int = 0
    """Files that are no footage: documents, sound, single pictures, links, hidden files."""
    unread: list[str] = field(default_factory=list)
    """Folders that could not be looked into."""


def walk(folder: str, spare: str = "") -> Walk:
    """The footage in a folder and the folders in it, by name; links are not followed, hidden files and folders are left.

    spare   the archive's own file, in case it lies there
    """
    found = Walk()

    def failed(error: OSError) -> None:
        found.unread.append(str(error.filename))

    for here, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        pictures: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name in sorted(names):
            path = os.path.join(here, name)
            suffix = os.path.splitext(name)[1].lower()
            if name.startswith(".") or os.path.islink(path) or not os.path.isfile(path) or path == spare:
                found.passed += 1
            elif suffix in PICTURES and _NUMBER.search(os.path.splitext(name)[0]):
                pictures[_pattern(name)].append(path)
            elif suffix in VIDEOS and not (suffix == ".ts" and _no_stream(path)):
                stat = os.stat(path)
                found.items.append(Item(path, stat.st_size, stat.st_mtime_ns))
            else:
                found.passed += 1
        for (before, after), files in sorted(pictures.items()):
            if len(files) < LEAST_PICTURES or "%" in before + after or "#" in before + after:
                found.passed += len(files)
                continue
            stats = [os.stat(path) for path in files]
            name = f"{before}%{_wide(before, after, files)}d{after}"
            size = sum(s.st_size for s in stats) + len(files)
            found.items.append(Item(os.path.join(here, name), size, max(s.st_mtime_ns for s in stats), True))
    found.items.sort(key=lambda item: item.path)
    return found


def _pattern(name: str) -> tuple[str, str]:
    """What stands before and after the last number of a name."""
    stem, suffix = os.path.splitext(name)
    match = _NUMBER.search(stem)
    assert match is not None
    return stem[: match.start()], stem[match.end() :] + suffix


def _wide(before: str, after: str, files: list[str]) -> str:
    """How many digits a sequence's numbers have, as a pattern says it; "" where they are not filled with zeros."""
    digits = [os.path.basename(path)[len(before) :].removesuffix(after) for path in files]
    least = min(map(len, digits))
    filled = any(text.startswith("0") and len(text) > 1 for text in digits) or least == max(map(len, digits))
    return f"0{least}" if filled else ""


def _no_stream(path: str) -> bool:
    """A .ts that is no transport stream: TypeScript, or translations."""
    try:
        with open(path, "rb") as file:
            head = file.read(5)
    except OSError:
        return False
    return _SYNC not in (head[:1], head[4:5])
