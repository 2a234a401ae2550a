"""Pieces of a film on disk: coded pictures with their times, one file a piece, whole or not there.

A file is the packets one after the other, then a JSON object that says what they are and for which request they were made, then 16 bytes:
the object's length, a checksum of all before, a mark. It is written under a name of its own, flushed to the disk, read again and renamed:
any number of processes may make the same piece at once.
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
from ..beside import name_beside

_MARK = b"genlpc2\n"
_TAIL = struct.Struct(">II8s")
_BLOCK = 1 << 20
SUFFIX = ".piece"


@dataclass(frozen=True)
class Origin:
    """What a piece was made for and by; pieces of another origin are none of this film's."""

    key: str
    """Changes with whatever the pictures depend on."""
    encoder: str
    """FFmpeg's name of it, and the form of the samples: pieces of two encoders make no film."""


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
    origin: Origin
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


def piece_at(folder: str, number: int) -> Piece | None:
    """The piece of this number, where it stands whole."""
    return _read(os.path.join(folder, _name(number)))


def pieces_in(folder: str, checked: bool = True) -> list[Piece]:
    """All pieces that stand whole, of whatever origin, in the film's order; there may be gaps between them.

    checked  by their checksums, for which all of them is read; else by their ends alone
    """
    names = sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))
    return [piece for piece in (_read(os.path.join(folder, name), checked) for name in names) if piece is not None]


def tidied(folder: str, origin: Origin) -> list[Piece]:
    """The pieces of this origin that stand whole; everything else is taken away. Nobody else may use the folder."""
    stand = [piece for piece in pieces_in(folder) if piece.origin == origin]
    for path in {os.path.join(folder, name) for name in os.listdir(folder)} - {piece.path for piece in stand}:
        drop(path)
    return stand


def _name(number: int) -> str:
    return f"{number:06d}{SUFFIX}"


class PieceFile:
    """A piece being written: it is there once finish() has returned."""

    def __init__(self, folder: str, number: int, first: int, origin: Origin, shown: str) -> None:
        self._place, self._first, self._origin, self._shown = os.path.join(folder, _name(number)), first, origin, shown
        self._part = name_beside(self._place)
        self._packets: list[Coded] = []
        self._sum = 0
        try:
            self._file: Any = open(self._part, "xb")
        except OSError as error:
            raise cannot_write(shown, error) from error

    def add(self, body: bytes, pts: int, ticks: int, key: bool) -> None:
        """One packet. Raises OutputError."""
        self._packets.append(Coded(pts, ticks, key, len(body)))
        self._write(body)

    def finish(self, end: int, time_base: Fraction, start_s: Fraction, last: int) -> Piece:
        """Raises OutputError."""
        piece = Piece(self._place, self._origin, self._first, end, time_base, start_s, last)
        said = json.dumps({
            "key": self._origin.key, "encoder": self._origin.encoder,
            "first": piece.first, "end": end, "time_base": str(time_base), "start_s": str(start_s), "last": last,
            "packets": [[c.pts, c.ticks, int(c.key), c.size] for c in self._packets],
        }).encode()  # fmt: skip
        self._write(said)
        self._write(_TAIL.pack(len(said), self._sum, _MARK))
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if _read(self._part) is None:
                raise OutputError(f"a piece of {self._shown} was not written whole", "free some space, or look at the disk; then run it again")
            os.replace(self._part, self._place)
        except OSError as error:
            raise cannot_write(self._shown, error) from error
        return piece

    def abandon(self) -> None:
        """Take it away."""
        with suppress(OSError):
            self._file.close()
        drop(self._part)

    def _write(self, body: bytes) -> None:
        try:
            self._file.write(body)
        except OSError as error:
            raise cannot_write(self._shown, error) from error
        self._sum = zlib.crc32(body, self._sum)


def _read(path: str, checked: bool = True) -> Piece | None:
    """None where the file is no whole piece."""
    try:
        with open(path, "rb") as file:
            size, _, wanted = _tail(file)
            if checked and checksum(file, size - _TAIL.size) != wanted:
                return None
            said = _said(file)
        first, end, last = int(said["first"]), int(said["end"]), int(said["last"])
        if len(said["packets"]) != end - first or first >= end:
            return None
        origin = Origin(str(said["key"]), str(said["encoder"]))
        return Piece(path, origin, first, end, Fraction(said["time_base"]), Fraction(said["start_s"]), last)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError, struct.error):
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


def checksum(file: Any, size: int) -> int:
    """Of the first bytes of an open file."""
    file.seek(0)
    value = 0
    while size > 0 and (block := file.read(min(_BLOCK, size))):
        value = zlib.crc32(block, value)
        size -= len(block)
    return value


def drop(path: str) -> None:
    """Take a file away, where it is still there."""
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
