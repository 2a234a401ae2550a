"""One open file as FFmpeg sees it: packets in, frames out, damage counted and passed by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

from ..errors import MediaError
from ..threads import of_codec
from .guard import explain, most_pixels, open_options, unreadable

_PROBE = 1 << 27
"""Bytes that have to be free where only the file is to blame."""
_MOST_BROKEN_READS = 200
"""Reads that fail one after the other before the rest of a file is given up."""


class Damage:
    """What could not be decoded, so far."""

    def __init__(self) -> None:
        self.lost = 0


class Container:
    """An open file with one chosen picture stream. Use with "with"; frames() may be left half way."""

    def __init__(self, path: str, full_path: str, threads: bool = True) -> None:
        self.path = path
        try:
            self.av: Any = av.open(full_path, container_options=open_options(), metadata_errors="replace")
        except (av.FFmpegError, OSError, ValueError) as error:
            raise explain(path, error) from error
        try:
            self.video = _picture_stream(path, self.av)
            self.sounds = [stream for stream in self.av.streams.audio if stream.codec_context is not None]
            context = self.video.codec_context
            context.options = {"max_pixels": str(most_pixels(full_path))}
            self.video.thread_type = "AUTO" if threads else "SLICE"
            context.thread_count = of_codec()
        except BaseException:
            self.av.close()
            raise

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the decoder's threads and close the file. May be called twice."""
        self.av.close()

    def frames(self, damage: Damage) -> Iterator[av.VideoFrame]:
        """Frames in display order from where the file stands."""
        for packet in self.packets(self.video, damage):
            yield from decoded(packet, damage)

    def packets(self, stream: Any, damage: Damage) -> Iterator[Any]:
        """Packets of one stream, the last one empty. What is damaged is counted, and reading goes on behind it.

        Raises MediaError where the disk refuses to read: what lies there is not damaged, it is not known.
        """
        broken, moved = 0, True
        while moved and broken < _MOST_BROKEN_READS:
            try:
                for packet in self.av.demux(stream):
                    broken, moved = 0, True
                    yield packet
                return
            except av.EOFError:
                break
            except IndexError:
                moved = False  # PyAV cannot name a stream that begins in the middle of the file; it says so again at the end
            except (av.FFmpegError, OSError) as error:
                _not_for_memory(error)
                why = unreadable(self.path, error)
                if why is not None:
                    raise why from error
                broken += 1
                damage.lost += 1
        if broken == _MOST_BROKEN_READS:
            damage.lost -= broken - 1
        yield from self._flush(stream)

    def _flush(self, stream: Any) -> Iterator[Any]:
        """What the decoder still holds after reading was given up."""
        packet = av.Packet()
        packet.stream = stream
        yield packet

    def seek(self, pts: int) -> bool:
        """Go to the last place at or before this time where decoding can begin, as far as the container knows; False where it cannot."""
        try:
            self.av.seek(pts, stream=self.video, backward=True, any_frame=False)
        except (av.FFmpegError, OSError, OverflowError):
            return False
        return True


def decoded(packet: Any, damage: Damage) -> list[Any]:
    """The frames that come out after this packet went in; none where it is damaged."""
    try:
        return packet.decode()
    except av.EOFError:
        return []
    except (av.FFmpegError, OSError, ValueError) as error:
        _not_for_memory(error)
        damage.lost += 1
        return []


def _not_for_memory(error: Exception) -> None:
    """Raises MemoryError where that is what failed. A damaged packet may ask for more than anybody has, too: that is damage."""
    if isinstance(error, MemoryError):
        bytearray(_PROBE)


def _picture_stream(path: str, container: Any) -> Any:
    """The first stream of moving pictures that can be decoded; cover art of a sound file is none."""
    videos = list(container.streams.video)
    moving = [stream for stream in videos if not _is_cover(stream)]
    if not moving:
        if container.streams.audio:
            raise MediaError(f"{path} holds sound alone, no picture", "give a file with video")
        raise MediaError(f"{path} holds no picture ({container.format.long_name or container.format.name})", "give a file with video")
    able = [stream for stream in moving if stream.codec_context is not None]
    if not able:
        raise MediaError(f"{path} holds a picture codec that this FFmpeg cannot decode", "export it in a usual codec (ProRes, DNxHR, H.264)")
    return able[0]


def _is_cover(stream: Any) -> bool:
    """A picture attached to a sound file."""
    return "attached_pic" in str(getattr(stream, "disposition", "")).lower()
