"""Changes that know how media containers nest: MP4 and MOV boxes, Matroska elements, RIFF and PNG chunks.

Every one gives a file that a reader follows some way down before it meets what is wrong.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .plain import EDGES

_HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"dinf", b"mvex", b"moof", b"traf"}
_TABLES = (b"stts", b"stsc", b"stsz", b"stco", b"co64", b"ctts", b"elst", b"stss", b"stsd", b"tkhd", b"mvhd", b"mdhd", b"dref", b"hdlr", b"sdtp")
_MASTERS = {0x1A45DFA3, 0x18538067, 0x114D9B74, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x1F43B675, 0x1C53BB6B, 0xBB, 0xB7, 0xA0, 0x1254C367}
_MOST_DEEP = 12


@dataclass(frozen=True)
class Box:
    """A piece with a size of its own: where it begins, where its content begins, where it ends, and which ones it lies in."""

    kind: bytes
    begin: int
    inside: int
    end: int
    above: tuple[int, ...] = ()
    """Begins of the boxes around it, the outermost first."""


def boxes(data: bytes, begin: int = 0, end: int | None = None, above: tuple[int, ...] = ()) -> Iterator[Box]:
    """The boxes of an MP4, the outer ones before those in them."""
    end = len(data) if end is None else end
    while begin + 8 <= end:
        size, kind = struct.unpack(">I4s", data[begin : begin + 8])
        head = 16 if size == 1 else 8
        if size == 1:
            size = int.from_bytes(data[begin + 8 : begin + 16], "big")
        stop = end if size == 0 else begin + size
        if stop > end or stop < begin + head:
            return
        yield Box(kind, begin, begin + head, stop, above)
        if kind in _HOLDERS and len(above) < _MOST_DEEP:
            yield from boxes(data, begin + head, stop, (*above, begin))
        begin = stop


def mp4(rng: Random, data: bytes) -> bytes:
    """One change of a box; of its size, kind or place, or of a word in a table."""
    found = list(boxes(data))
    if not found:
        return data
    tables = [box for box in found if box.kind in _TABLES]
    box = rng.choice(tables if tables and rng.random() < 0.6 else found)
    how = rng.randrange(7)
    if how == 0:
        return _resized(data, box, rng.choice(EDGES) & 0xFFFFFFFF)
    if how == 1:
        kind = rng.choice((*_TABLES, *_HOLDERS, b"meta", b"cmov", b"rmra", b"free", b"\0\0\0\0", b"uuid"))
        return data[: box.begin + 4] + kind + data[box.begin + 8 :]
    if how == 2:
        return _mended(data, box, b"")
    if how == 3:
        return _mended(data, box, data[box.begin : box.end] * rng.choice((2, 3, 30)))
    if how == 4:
        body = data[box.begin : box.end]
        for _ in range(rng.choice((3, 40, 2000))):
            body = struct.pack(">I4s", len(body) + 8, rng.choice((b"moov", b"trak", b"udta", box.kind))) + body
        return _mended(data, box, body)
    if how == 5:
        return _mended(data, box, data[box.begin : box.inside] + rng.randbytes(box.end - box.inside))
    return _word(rng, data, box.inside, box.end)


def _word(rng: Random, data: bytes, begin: int, end: int) -> bytes:
    """Whole 32 bit words, as tables hold them, changed to edge values."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 6))):
        at = begin + 4 * rng.randrange(max(1, min((end - begin) // 4, rng.choice((3, 40, 1000)))))
        if at + 4 <= len(out):
            out[at : at + 4] = (rng.choice(EDGES) & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(out)


def _resized(data: bytes, box: Box, size: int) -> bytes:
    return data[: box.begin] + size.to_bytes(4, "big") + data[box.begin + 4 :]


def _mended(data: bytes, box: Box, body: bytes) -> bytes:
    """Another body in a box's place, with the sizes of those around it made to fit."""
    grown = len(body) - (box.end - box.begin)
    out = bytearray(data[: box.begin] + body + data[box.end :])
    for begin in box.above:
        size = int.from_bytes(out[begin : begin + 4], "big")
        if size > 1:
            out[begin : begin + 4] = max(8, size + grown).to_bytes(4, "big")
    return bytes(out)


def elements(data: bytes, begin: int = 0, end: int | None = None, deep: int = 0) -> Iterator[Box]:
    """The elements of a Matroska file; one of unknown size reaches to the end."""
    end = len(data) if end is None else end
    while begin < end and data[begin]:
        wide = 9 - data[begin].bit_length()
        at = begin + wide
        if at >= end or not data[at]:
            return
        long = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + long], "big") & ((1 << 7 * long) - 1)
        inside = at + long
        stop = min(end, inside + size)
        kind = data[begin:at]
        yield Box(kind, begin, inside, stop)
        if int.from_bytes(kind, "big") in _MASTERS and deep < _MOST_DEEP:
            yield from elements(data, inside, stop, deep + 1)
        begin = stop


def mkv(rng: Random, data: bytes) -> bytes:
    """One change of an element: its length, its content, doubled, dropped, or deep in itself."""
    found = list(elements(data))
    if not found:
        return data
    box = rng.choice(found[: rng.choice((6, 60, len(found)))])
    at, long = box.begin + len(box.kind), box.inside - box.begin - len(box.kind)
    how = rng.randrange(6)
    if how == 0:
        size = rng.choice(((1 << 7 * long) - 1, 0, rng.choice(EDGES) % (1 << 7 * long)))
        return data[:at] + (size | 1 << 7 * long).to_bytes(long, "big") + data[box.inside :]
    if how == 1:
        return data[: box.inside] + rng.randbytes(min(box.end - box.inside, 4096)) + data[min(box.end, box.inside + 4096) :]
    if how == 2:
        return data[: box.begin] + data[box.end :]
    if how == 3:
        return data[: box.end] + data[box.begin : box.end] * rng.choice((1, 30)) + data[box.end :]
    if how == 4:
        body = data[box.begin : min(box.end, box.begin + 200)]
        for _ in range(rng.choice((3, 40, 2000))):
            body = box.kind + (len(body) | 1 << 56).to_bytes(8, "big") + body
        return data[: box.begin] + body + data[box.begin :]
    value = rng.choice(EDGES).to_bytes(16, "big")[-(min(8, box.end - box.inside) or 1) :]
    return data[: box.inside] + value + data[box.inside + len(value) :]


def riff(rng: Random, data: bytes) -> bytes:
    """One change of a RIFF chunk (WAV, AVI): its size, its words, doubled or dropped."""
    found, at = [], 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((at, min(len(data), at + 8 + size)))
        at += 8 + size + size % 2
    begin, end = rng.choice(found or [(0, len(data))])
    how = rng.randrange(4)
    if how == 0:
        return data[: begin + 4] + (rng.choice(EDGES) & 0xFFFFFFFF).to_bytes(4, "little") + data[begin + 8 :]
    if how == 1:
        # No more: a film of hundreds of frames is work, and no hang.
        return data[:end] + data[begin:end] * rng.choice((1, 8)) + data[end:]
    if how == 2:
        return data[:begin] + data[end:]
    size = rng.choice((2, 4))
    at = begin + 8 + size * rng.randrange(max(1, min(40, end - begin - 8) // size))
    return data[:at] + (rng.choice(EDGES) % (1 << 8 * size)).to_bytes(size, "little") + data[at + size :]


def png(rng: Random, data: bytes) -> bytes:
    """One change of a PNG chunk; checksums are made right again, so that the reader believes it."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append([data[at + 4 : at + 8], data[at + 8 : at + 8 + size]])
        at += 12 + size
    if not chunks:
        return data
    how, one = rng.randrange(5), rng.choice(chunks)
    if how == 0:
        head = bytearray(chunks[0][1])
        at = rng.choice((0, 4, 8, 9, 10, 11, 12))
        head[at : at + (4 if at < 8 else 1)] = (rng.choice(EDGES) & 0xFFFFFFFF).to_bytes(4, "big")[-(4 if at < 8 else 1) :]
        chunks[0][1] = bytes(head)
    elif how == 1:
        bomb = zlib.compress(bytes(rng.choice((1 << 16, 1 << 24))), 9)
        chunks.insert(1, rng.choice(([b"zTXt", b"note\0\0" + bomb], [b"iCCP", b"icc\0\0" + bomb], [b"iTXt", b"note\0\1\0\0\0" + bomb])))
    elif how == 2:
        chunks.insert(rng.randrange(len(chunks)), list(one))
    elif how == 3:
        one[1] = one[1][: rng.randrange(len(one[1]) + 1)]
    else:
        chunks.insert(1, [rng.choice((b"PLTE", b"tRNS", b"acTL", b"fcTL", b"cHRM", b"eXIf", b"gAMA")), rng.randbytes(rng.choice((1, 8, 26, 768)))])
    out = data[:8]
    for kind, body in chunks:
        out += len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
    return out
