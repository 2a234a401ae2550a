"""What FFmpeg attaches to a decoded frame: display matrix, HDR10 metadata, captions."""

from __future__ import annotations

from typing import Any

import av

_FREED_TWICE = ("png", "apng")
"""Decoders that name what they attach (a PNG's colour profile). PyAV 18.1 and before frees that name, and FFmpeg frees it once more with
the frame: after some pictures with a profile the process dies. So what these attach is never asked for."""


def attached(frame: av.VideoFrame, codec: str) -> dict[str, bytes]:
    """Contents by FFmpeg's name, such as DISPLAYMATRIX.

    codec  FFmpeg's name of the decoder
    Raises ValueError where they cannot be read: by these decoders, or where one is of a kind that this PyAV has no name for.
    """
    if codec in _FREED_TWICE:
        raise ValueError(f"what {codec} attaches cannot be read safely")
    pieces: Any = frame.side_data
    return {piece.type.name: bytes(piece) for piece in pieces}
