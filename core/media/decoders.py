"""Pictures decoded each for itself, by as many threads as ask.

FFmpeg could do several at once by threads of its own in one decoder. But what comes out then trails what goes in: at the end of a sequence one
damaged file hid the good ones after it, and a decoder that was given up with pictures under way now and then waited for its threads for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import av

from .container import Damage, decoded


class Decoders:
    """A decoder of one thread for each thread that asks."""

    def __init__(self, codec: str, options: Mapping[str, str]) -> None:
        self._codec, self._options = codec, options
        self._own = threading.local()

    def picture(self, body: bytes, number: int) -> av.VideoFrame | None:
        """What the bytes of one file hold, with `number` as its time stamp; None where they are damaged. Raises MemoryError."""
        decoder = getattr(self._own, "decoder", None) or self._begun()
        self._own.decoder = None
        found = decoded(_Fed(body, number, decoder), Damage())
        if not found:
            return None  # and the decoder goes: nobody knows what it keeps of the damage
        self._own.decoder = decoder
        picture: av.VideoFrame = found[0]
        return picture

    def _begun(self) -> Any:
        decoder = av.CodecContext.create(self._codec, "r")
        decoder.thread_count = 1
        decoder.options = dict(self._options)
        return decoder


class _Fed:
    """A file's bytes on their way into a decoder."""

    def __init__(self, body: bytes, number: int, decoder: Any) -> None:
        self._packet = av.Packet(body)
        self._packet.is_keyframe = True  # FFmpeg adds a PNG packet without this flag to the picture before it
        self._packet.pts = number
        self._decoder = decoder

    def decode(self) -> list[Any]:
        """The picture that comes out."""
        return list(self._decoder.decode(self._packet))
