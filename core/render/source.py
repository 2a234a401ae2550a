"""Opens footage for rendering, with its index where the order of frames asks for seeking."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..align import analysis_key, content_digest
from ..alignment import Alignment, Media
from ..errors import MediaError
from ..media.cache import Cache, default_root
from ..media.footage import open_footage
from ..media.info import FrameIndex, ReadOptions
from ..media.kept import index_from_json, index_to_json, keep
from ..media.kept import kept as found_before
from ..media.plates import PlateOptions, Plates, open_plates
from ..media.steady import Steady
from ..progress import Progress
from ..sync.analysis import VERSION

_WORTH_AN_INDEX = 240
"""Frames ahead that are sooner decoded and thrown away than sought."""


@dataclass(frozen=True)
class Sources:
    """How the files of one alignment are read: as align did."""

    clip: ReadOptions
    ref: ReadOptions
    cache: str


def sources_of(alignment: Alignment) -> Sources:
    """From the settings that the alignment was made with."""
    told = {name: value for name, value in alignment.settings.items() if isinstance(value, str)}
    return Sources(
        ReadOptions(told.get("clip_rate", ""), told.get("clip_space", "")),
        ReadOptions(told.get("ref_rate", ""), told.get("ref_space", "")),
        told.get("cache", ""),
    )


def steps_back(numbers: Iterable[int]) -> bool:
    """Whether an order goes back, or far ahead, so that seeking pays."""
    last = 0
    for number in numbers:
        if number < last or number > last + _WORTH_AN_INDEX:
            return True
        last = number
    return False


def open_source(path: str, read: ReadOptions, seeks: bool, cache: str = "", progress: Progress = Progress(), kept: str = "") -> Plates:
    """Open footage for pictures at full depth.

    seeks     frames will be asked for out of order: the index is taken from what align kept of this file, else the file is read once
    kept      a folder, perhaps not there yet: an index that had to be made is kept in it for whoever asks next
    Raises MediaError, UsageError as open_plates does.
    """
    index = _index(path, read, cache, progress, kept) if seeks else None
    return open_plates(path, PlateOptions(read), index)


def require_same_frames(media: Media, plates: Plates, role: str) -> None:
    """Raises MediaError where a file is not the one that the alignment speaks of, by its size."""
    if (plates.info.width, plates.info.height) != (media.width, media.height):
        raise MediaError(
            f"the {role} {media.path} is {plates.info.width}x{plates.info.height} now, and was {media.width}x{media.height} when it was aligned",
            "align again, or put the old file back",
        )


def changed_since(media: Media, role: str) -> str:
    """A sentence for a person where a file's content is no longer what was aligned; "" where it is, or nobody can tell."""
    if not media.digest:
        return ""
    with open_footage(media.path) as footage:
        same = content_digest(footage) == media.digest
    return "" if same else f"the {role} {media.path} has changed since it was aligned: frames may be others now; align again to be sure"


def _index(path: str, read: ReadOptions, cache: str, progress: Progress, kept: str) -> FrameIndex | None:
    """None where frames are found without one."""
    with open_footage(path, read) as footage:
        if footage.info.kind != "video":
            return None
        root, key = Path(cache) if cache else default_root(), analysis_key(content_digest(footage), read)
        if cache != "off" and root.is_dir():  # an alignment from another machine names a folder of that one; it is not made here
            folder = Cache(root).find(key)
            index = _kept_index(folder) if folder is not None else None
            if index is not None:
                return index
        beside = Path(kept, f"index-{key}.json") if kept else None
        index = index_from_json(found_before(beside)) if beside is not None else None
        if index is not None:
            return index
        steady, expected = Steady([path]), max(1, footage.info.frames)
        for frame in footage.frames():
            progress.at(frame.number / expected, "reading")
        assert footage.index is not None
        if beside is not None and steady.holds():
            keep(beside, index_to_json(footage.index))
        return footage.index


def _kept_index(folder: Path) -> FrameIndex | None:
    """The index of a file, out of what the analysis left in its folder; None where it is not there or of another version."""
    try:
        body = json.loads((folder / "meta.json").read_text())
        return FrameIndex(tuple(body["pts"]), tuple(body["keys"])) if body["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
