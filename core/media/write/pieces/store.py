"""Pieces of a film on disk: coded pictures with their times, one file a piece, whole or not there.

A file is the packets one after the other, then a JSON object that says what they are, then 16 bytes: the object's length, a checksum of
all before, a mark. It is written under another name, flushed to the disk and renamed.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ....errors import OutputError, cannot_write

_MARK = b"genlpc1\n"
_TAIL = struct.Struct(">II8s")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded picture."""

    pts: int
    ticks: int
    """How long it is shown."""
    key: bool
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Piece:
    """A whole piece."""

    path: str
    first: int
    end: int
    """Pictures first … end - 1 of the film."""
    time_base: Fraction
    start_s: Fraction
    """What the first picture of the film was told as its time."""
    last: int
    """Time of the piece's last picture, in time_base."""

    def packets(self) -> list[Coded]:
        """In the order of decoding. They are read anew each time: memory does not grow with the film."""
        with open(self.path, "rb") as file:
            return [Coded(pts, ticks, bool(key), size) for pts, ticks, key, size in _said(file)["packets"]]

    def bodies(self) -> Iterator[bytes]:
        """Of each packet."""
        packets = self.packets()
        with open(self.path, "rb") as file:
            for coded in packets:
                yield file.read(coded.size)


def pieces_in(folder: str) -> list[Piece]:
    """The pieces that stand whole, from the film's first picture on without a gap. What is torn, and what lies behind it, is taken away."""
    found: list[Piece] = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        piece = _read(path) if name == _name(len(found)) else None
        if piece is not None and piece.first == (found[-1].end if found else 0):
            found.append(piece)
        else:
            _drop(path)
    return found


def _name(number: int) -> str:
    return f"{number:06d}.piece"


class PieceFile:
    """A piece being written: it is there once finish() has returned."""

    def __init__(self, folder: str, number: int, first: int, shown: str) -> None:
        self._place, self._first, self._shown = os.path.join(folder, _name(number)), first, shown
        self._part = self._place + ".part"
        self._packets: list[Coded] = []
        self._sum = 0
        try:
            self._file: Any = open(self._part, "wb")
        except OSError as error:
            raise cannot_write(shown, error) from error

    def add(self, body: bytes, pts: int, ticks: int, key: bool) -> None:
        """One packet. Raises OutputError."""
        self._packets.append(Coded(pts, ticks, key, len(body)))
        self._write(body)

    def finish(self, end: int, time_base: Fraction, start_s: Fraction, last: int) -> Piece:
        """Raises OutputError."""
        piece = Piece(self._place, self._first, end, time_base, start_s, last)
        said = json.dumps({
            "first": piece.first, "end": end, "time_base": str(time_base), "start_s": str(start_s), "last": last,
            "packets": [[c.pts, c.ticks, int(c.key), c.size] for c in self._packets],
        }).encode()  # fmt: skip
        self._write(said)
        self._write(_TAIL.pack(len(said), self._sum, _MARK))
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._part, self._place)
        except OSError as error:
            raise cannot_write(self._shown, error) from error
        return piece

    def abandon(self) -> None:
        """Take it away."""
        with suppress(OSError):
            self._file.close()
        _drop(self._part)

    def _write(self, body: bytes) -> None:
        try:
            self._file.write(body)
        except OSError as error:
            raise cannot_write(self._shown, error) from error
        self._sum = zlib.crc32(body, self._sum)


def _read(path: str) -> Piece | None:
    """None where the file is no whole piece."""
    try:
        with open(path, "rb") as file:
            size, _, wanted = _tail(file)
            if _checksum(file, size - _TAIL.size) != wanted:
                return None
            said = _said(file)
        return Piece(path, said["first"], said["end"], Fraction(said["time_base"]), Fraction(said["start_s"]), said["last"])
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def _tail(file: Any) -> tuple[int, int, int]:
    """Size of the file, of its object, and the checksum that it has to have. Raises ValueError, struct.error where this is no piece."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL.size))
    length, wanted, mark = _TAIL.unpack(file.read(_TAIL.size))
    if mark != _MARK or length + _TAIL.size > size:
        raise ValueError("not a whole piece")
    return size, length, wanted


def _said(file: Any) -> Any:
    """The object that says what the packets are."""
    size, length, _ = _tail(file)
    file.seek(size - _TAIL.size - length)
    return json.loads(file.read(length))


def _checksum(file: Any, size: int) -> int:
    file.seek(0)
    value = 0
    while size > 0 and (block := file.read(min(_BLOCK, size))):
        value = zlib.crc32(block, value)
        size -= len(block)
    return value


def _drop(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def own_folder(folder: str, shown: str) -> str:
    """Make the folder of pieces where it is not there. Raises OutputError."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise cannot_write(shown, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {folder} for pieces of {shown} cannot be written", "change its permissions, or name another job folder")
    return folder
