"""Opens a file of an alignment again, ready to seek, without decoding it all where that can be spared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from ..alignment import Alignment, Media
from ..errors import MediaError
from ..media.cache import digest
from ..media.footage import Footage, open_footage
from ..media.info import FrameIndex, ReadOptions
from ..progress import Progress


def reopen(media: Media, options: ReadOptions, progress: Progress = Progress()) -> Footage:
    """The file as the alignment knew it, with its index.

    The index comes from the file's packets; only where they do not add up to the frames that the alignment
    counted is the file decoded once. Raises MediaError where it cannot be read, or no longer has these frames.
    """
    footage = open_footage(media.path, options)
    if (footage.info.width, footage.info.height) != (media.width, media.height):
        footage.close()
        raise MediaError(
            f"{media.path} was {media.width}x{media.height} when it was aligned and is {footage.info.width}x{footage.info.height}", "align again"
        )
    if footage.info.kind != "video":
        footage.index = FrameIndex(tuple(range(footage.info.frames)), tuple(range(footage.info.frames)))
    elif footage.index is None:
        footage.index = packet_index(media)
    if footage.index is None or len(footage.index.pts) != media.frames:
        footage.index = None
        for frame in footage.frames():
            progress.at((frame.number + 1) / max(1, media.frames), "counting frames")
    if footage.index is None or len(footage.index.pts) != media.frames:
        found = 0 if footage.index is None else len(footage.index.pts)
        footage.close()
        raise MediaError(f"{media.path} had {media.frames} frames when it was aligned and has {found}", "align again")
    return footage


def packet_index(media: Media) -> FrameIndex | None:
    """The index as the container's packets tell it; None where they leave it open."""
    try:
        with av.open(media.path, container_options={"protocol_whitelist": "file"}, metadata_errors="replace") as container:
            stream = container.streams.video[0]
            packets = [
                (packet.pts, packet.is_keyframe)
                for packet in container.demux(stream)
                if packet.size and not packet.is_corrupt and not packet.is_discard
            ]
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return None
    known: list[tuple[int, bool]] = sorted((pts, key) for pts, key in packets if pts is not None)
    if len(known) != media.frames or len(known) != len(packets):
        return None
    pts = tuple(p for p, _ in known)
    if len(set(pts)) != len(pts):
        return None
    return FrameIndex(pts, tuple(number for number, (_, key) in enumerate(known) if key))


def options_for(alignment: Alignment, which: str) -> ReadOptions:
    """How the alignment read its "clip" or its "ref"."""

    def told(name: str) -> str:
        value: Any = alignment.settings.get(f"{which}_{name}", "")
        return value if isinstance(value, str) else ""

    return ReadOptions(rate=told("rate"), space=told("space"))


def changed(media: Media) -> bool:
    """Whether the file's content is known to differ from what was aligned; False where that cannot be told."""
    path = Path(media.path)
    if not media.digest or not path.is_file():
        return False
    try:
        return digest(path) != media.digest
    except OSError:
        return False
