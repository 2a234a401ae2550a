"""HDR10 metadata in the header of a finished QuickTime or MP4 file: mdcv (SMPTE ST 2086) and clli (CTA-861.3).

PyAV gives a stream no side data, so the boxes are put into the first picture stream's sample entry afterwards. The header (moov) stands at the
end of the file, behind the pictures, so nothing else moves and no offset changes. Layout: ISO/IEC 14496-12, and 23001-17 for the two boxes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from ..plates.info import LightLevel, Mastering

_MOST_HEADER = 1 << 30
_VISUAL_ENTRY = 86
"""Bytes of a visual sample entry before its own boxes."""


def add_hdr_boxes(file: Any, mastering: Mastering | None, light: LightLevel | None) -> bool:
    """Add them to an open, finished file; False where its header is not as expected, and then it is left as it was."""
    file.seek(0, 2)
    end = file.tell()
    start, size = _last_box(file, end)
    if start is None or size > _MOST_HEADER:
        return False
    file.seek(start)
    moov = file.read(size)
    new = _with_boxes(moov, _boxes(mastering, light))
    if new is None:
        return False
    file.seek(start)
    file.write(new)
    return True


def _last_box(file: Any, end: int) -> tuple[int | None, int]:
    """(offset, size) of moov, where it is the last box of the file."""
    at = 0
    while at + 8 <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        if size < 8:
            return None, 0
        if kind == b"moov":
            return (at, size) if at + size == end else (None, 0)
        at += size
    return None, 0


def _boxes(mastering: Mastering | None, light: LightLevel | None) -> bytes:
    body = b""
    if mastering:
        red, green, blue = mastering.primaries_xy
        points = [round(n * 50_000) for xy in (green, blue, red, mastering.white_xy) for n in xy]
        body += struct.pack(">I4s8H2I", 32, b"mdcv", *points, round(mastering.high_nits * 10_000), round(mastering.low_nits * 10_000))
    if light:
        body += struct.pack(">I4s2H", 12, b"clli", min(65535, light.most_nits), min(65535, light.mean_nits))
    return body


def _with_boxes(moov: bytes, extra: bytes) -> bytes | None:
    """moov with these boxes at the end of the first picture track's sample entry, and all sizes around it corrected."""
    for trak_at, trak_end in _inside(moov, 8, len(moov), b"trak"):
        path = [0, trak_at]
        at, end = trak_at + 8, trak_end
        for name in (b"mdia", b"minf", b"stbl", b"stsd"):
            found = next(_inside(moov, at, end, name), None)
            if found is None:
                break
            path.append(found[0])
            at, end = found[0] + 8, found[1]
            if name == b"minf" and next(_inside(moov, at, end, b"vmhd"), None) is None:
                break
        else:
            entry = path[-1] + 16
            (size,) = struct.unpack_from(">I", moov, entry)
            if size < _VISUAL_ENTRY or entry + size > len(moov):
                return None
            out = bytearray(moov[: entry + size] + extra + moov[entry + size :])
            for box in (*path, entry):
                struct.pack_into(">I", out, box, struct.unpack_from(">I", moov, box)[0] + len(extra))
            return bytes(out)
    return None


def _inside(body: bytes, at: int, end: int, kind: bytes) -> Iterator[tuple[int, int]]:
    """(offset, end) of the boxes of one kind between two places."""
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", body, at)
        if size < 8 or at + size > end:
            return
        if name == kind:
            yield at, at + size
        at += size
