"""Changes that know the headers of picture files: EXR attributes, TIFF directories, DPX fields."""

from __future__ import annotations

import struct
from random import Random

from .plain import EDGES

_HUGE = (0, -1, 1, 100, 65535, 1 << 20, (1 << 30) - 1, (1 << 31) - 1, -(1 << 31))


def attributes(data: bytes) -> list[tuple[bytes, bytes, int, int]]:
    """(name, type, where the value begins, how long it is) of the first header of an EXR file."""
    found, at = [], 8
    while at < len(data) and data[at]:
        name, _, rest = data[at : at + 256].partition(b"\0")
        kind = rest.partition(b"\0")[0]
        at += len(name) + len(kind) + 2
        size = int.from_bytes(data[at : at + 4], "little")
        found.append((name, kind, at + 4, size))
        at += 4 + size
    return found


def exr(rng: Random, data: bytes) -> bytes:
    """One change of an EXR: its windows, channels, tiles, compression, flags, table of offsets, or an attribute's size."""
    found = attributes(data)
    if not found:
        return data
    named = {name: (at, size) for name, _, at, size in found}
    end = max(at + size for _, _, at, size in found) + 1
    how = rng.randrange(8)
    if how == 0:
        at, size = named[rng.choice([name for name in (b"dataWindow", b"displayWindow") if name in named] or [found[0][0]])]
        return data[:at] + struct.pack("<4i", *(rng.choice(_HUGE) for _ in range(4))) + data[at + size :]
    if how == 1 and b"channels" in named:
        return _channels(rng, data, *named[b"channels"])
    if how == 2:
        name, kind, at, _ = rng.choice(found)
        return data[: at - 4] + (rng.choice(EDGES) & 0xFFFFFFFF).to_bytes(4, "little") + data[at:]
    if how == 3:
        flags = rng.choice((0x200, 0x400, 0x800, 0x1000, 0x1A00, 0xFFFFFF00))
        return data[:4] + struct.pack("<I", (2 ^ flags) & 0xFFFFFFFF) + data[8:]
    if how == 4:
        at = end + 8 * rng.randrange(8)
        return data[:at] + (rng.choice(EDGES) & (1 << 64) - 1).to_bytes(8, "little") + data[at + 8 :]
    if how == 5:
        at, size = named.get(rng.choice((b"compression", b"lineOrder", b"tiles", b"pixelAspectRatio", b"chunkCount")), found[0][2:])
        return data[:at] + rng.choice((rng.randbytes(size), b"\xff" * size, bytes(size))) + data[at + size :]
    if how == 6:
        name = rng.choice((*b"dataWindow channels type name view preview smpteTimeCode tiles".split(), b"a" * 255, b"", b"\xff\xfe"))
        kind = rng.choice(b"box2i string preview chlist timecode float stringvector tiledesc deepImageState z".split())
        body = rng.choice((rng.randbytes(16), b"\xff" * 8, struct.pack("<2I", 1 << 30, 1 << 30), b"x" * 70000))
        return data[: end - 1] + name + b"\0" + kind + b"\0" + len(body).to_bytes(4, "little") + body + data[end - 1 :]
    return data[:end] + rng.randbytes(len(data) - end)


def _channels(rng: Random, data: bytes, at: int, size: int) -> bytes:
    """A list of channels: sampling, kinds of pixels, names, or very many."""
    body = bytearray(data[at : at + size])
    how = rng.randrange(3)
    if how == 0 and size > 18:
        where = rng.randrange(size - 4)
        body[where : where + 4] = (rng.choice(EDGES) & 0xFFFFFFFF).to_bytes(4, "little")
    elif how == 1:
        many = rng.choice((3, 200, 20000))
        body = bytearray(b"".join(b"c%06d\0" % n + struct.pack("<4I", rng.choice((0, 1, 2)), 0, 1, 1) for n in range(many)) + b"\0")
    else:
        name = rng.choice((b"R", b"", b"\xff", b"." * 255, b"a.b.c.R", b"\x1b[31mR"))
        every = [rng.choice((0, 1, 2, 0xFFFFFFFF)) for _ in range(2)]
        body = bytearray(name + b"\0" + struct.pack("<4I", rng.choice((0, 1, 2, 9)), 0, *every) + b"\0")
    return data[: at - 4] + len(body).to_bytes(4, "little") + bytes(body) + data[at + size :]


def tiff(rng: Random, data: bytes) -> bytes:
    """One change of a TIFF directory: a count, a value, a type, or a chain of directories that bites its tail."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 8:
        return data
    first = struct.unpack(f"{order}I", data[4:8])[0]
    if first + 2 > len(data):
        return data
    count = struct.unpack(f"{order}H", data[first : first + 2])[0]
    after = first + 2 + 12 * count
    how, at = rng.randrange(6), first + 2 + 12 * rng.randrange(max(1, count))
    word = struct.pack(f"{order}I", rng.choice(EDGES) & 0xFFFFFFFF)
    if how == 0:
        return data[:after] + struct.pack(f"{order}I", first) + data[after + 4 :]
    if how == 1:
        return data[: at + 4] + word + data[at + 8 :]
    if how == 2:
        return data[: at + 2] + struct.pack(f"{order}H", rng.randrange(20)) + data[at + 4 :]
    if how == 3:
        tag = rng.choice((256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 330, 338, 339, 34675, 700))
        return data[:at] + struct.pack(f"{order}H", tag) + data[at + 2 :]
    if how == 4:
        return data[:first] + struct.pack(f"{order}H", rng.choice((0, 1, 0xFFFF))) + data[first + 2 :]
    return data[: at + 8] + word + data[at + 12 :]


_DPX = (4, 16, 20, 24, 28, 36, 660, 768, 770, 772, 776, 780, 800, 801, 803, 804, 806, 808, 1664, 1712)
"""Fields that steer the reading: offset of the picture, sizes, elements, bits, packing, coding."""


def dpx(rng: Random, data: bytes) -> bytes:
    """Some fields of a DPX or Cineon header."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 4))):
        at = rng.choice(_DPX)
        size = rng.choice((1, 2, 4))
        out[at : at + size] = (rng.choice(EDGES) % (1 << 8 * size)).to_bytes(size, rng.choice(("big", "little")))
    return bytes(out)
