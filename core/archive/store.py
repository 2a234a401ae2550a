"""The archive's file: an SQLite database that holds the fingerprints of many files, a transaction a file.

SQLite with its rollback journal: a process that is killed leaves a journal, which the next one to open the archive rolls back; readers
and writers of several processes wait for one another for milliseconds; one file, no side files that stay, and none of the shared
memory that a write-ahead log needs and a network share has not.

An archive may come from somebody else. It is recognised by its first bytes before SQLite sees it, holds no triggers, views or functions
(its schema has to be ours to the letter), and every length is checked before it is believed.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..alignment import Media
from ..errors import FormatError, GenlockError, OutputError, UsageError
from .prints import MOST, Prints

VERSION = 1
"""Of the format and of what the fingerprints mean."""
_APPLICATION = 0x474E4C41
_BUSY_S = 60.0
_SCHEMA = {
    "prints": "CREATE TABLE prints (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, count INTEGER NOT NULL, frames INTEGER NOT NULL, "
    "rate_num INTEGER NOT NULL, rate_den INTEGER NOT NULL, start_frame INTEGER NOT NULL, timecode TEXT NOT NULL, lost INTEGER NOT NULL, "
    "end_ms INTEGER NOT NULL)",
    "codes": "CREATE TABLE codes (print INTEGER PRIMARY KEY, whole BLOB NOT NULL, middle BLOB NOT NULL, turns BLOB NOT NULL)",
    "rest": "CREATE TABLE rest (print INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "files": "CREATE TABLE files (path BLOB PRIMARY KEY, size INTEGER NOT NULL, changed_ns INTEGER NOT NULL, print INTEGER, trouble TEXT NOT NULL)",
}
_MOST_FRAMES = 1 << 32


@dataclass(frozen=True)
class Entry:
    """A piece of footage that an archive knows."""

    id: int
    count: int
    """Moments kept."""
    frames: int
    rate: Fraction
    start_frame: int
    timecode: str
    lost: int
    end_s: float


@dataclass(frozen=True)
class Codes:
    """The codes of all footage of an archive, one piece after the other; N of them."""

    entries: list[Entry]
    whole: np.ndarray
    """(N,) uint64: of whole pictures."""
    middle: np.ndarray
    """(N,) uint64: of their middles."""
    uneven: dict[int, np.ndarray]
    """By position of the entry: the numbers of its moments, where they are not 0, 1, 2, ..."""


@dataclass(frozen=True)
class Known:
    """What an archive remembers of a path."""

    size: int
    changed_ns: int
    print: int | None
    trouble: str
    """Why there are no fingerprints of it; "" where there are."""


class Archive:
    """An open archive. One process may hold several; each belongs to one thread.

    make   make it where there is none, and allow changes
    Raises UsageError where there is none, FormatError where it is no archive, of another version or damaged, OutputError.
    """

    def __init__(self, path: str, make: bool = False) -> None:
        self.path = path
        if make:
            _check_place(path)
        _check_head(path, make)
        with self._told():
            address = f"{Path(os.path.abspath(path)).as_uri()}?mode={'rwc' if make else 'rw'}"
            self._base = sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)
            try:
                for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", "mmap_size=0"):
                    self._base.execute(f"PRAGMA {pragma}")
                if make:
                    self._begin()
                else:
                    self._base.execute("PRAGMA query_only=ON")
                self._check_schema()
            except BaseException:
                self._base.close()
                raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        self._base.close()

    def known(self, under: str) -> dict[str, Known]:
        """What is remembered of the files in a folder, at any depth, by path."""
        head = os.fsencode(os.path.join(under, ""))
        out = {}
        with self._told():
            for path, size, changed, number, trouble in self._base.execute("SELECT path, size, changed_ns, print, trouble FROM files"):
                if isinstance(path, bytes) and path.startswith(head):
                    out[os.fsdecode(path)] = Known(int(size), int(changed), number, str(trouble))
        return out

    def print_of(self, key: str) -> int | None:
        """Of the fingerprints with this key."""
        with self._told():
            row = self._base.execute("SELECT id FROM prints WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def add(self, key: str, prints: Prints, media: Media, anew: bool = False) -> int:
        """Keep fingerprints; where some with this key are kept already, those stay, or with `anew` are replaced. Returns their number."""
        whole, middle, turns, rest = prints.packed()
        end_ms = min(_MOST_FRAMES - 1, round(media.duration_s * 1000))
        rate, timecode = media.rate, media.timecode or ""
        row = (key, len(prints), media.frames, rate.numerator, rate.denominator, media.start_frame, timecode, media.lost, end_ms)
        columns = "key, count, frames, rate_num, rate_den, start_frame, timecode, lost, end_ms"
        with self._changing():
            found = self._base.execute("SELECT id FROM prints WHERE key = ?", (key,)).fetchone()
            if found is not None and not anew:
                return int(found[0])
            number = None if found is None else int(found[0])
            if number is not None:
                self._drop(number)
            made = self._base.execute(f"INSERT INTO prints (id, {columns}) VALUES (?,?,?,?,?,?,?,?,?,?)", (number, *row))
            number = int(made.lastrowid or 0)
            self._base.execute("INSERT INTO codes VALUES (?,?,?,?)", (number, whole, middle, turns))
            self._base.execute("INSERT INTO rest VALUES (?,?)", (number, rest))
        return number

    def remember(self, path: str, known: Known) -> None:
        """What is to be known of a path from now on."""
        with self._changing():
            row = (os.fsencode(path), known.size, known.changed_ns, known.print, known.trouble)
            self._base.execute("INSERT OR REPLACE INTO files VALUES (?,?,?,?,?)", row)

    def drop(self, paths: list[str]) -> None:
        """Forget these paths, and fingerprints that no path has any more."""
        with self._changing():
            self._base.executemany("DELETE FROM files WHERE path = ?", [(os.fsencode(path),) for path in paths])
            for (number,) in self._base.execute("SELECT id FROM prints WHERE id NOT IN (SELECT print FROM files WHERE print NOT NULL)").fetchall():
                self._drop(number)

    def entries(self) -> Codes:
        """All footage, and the codes of its moments. Raises FormatError."""
        entries: list[Entry] = []
        parts: tuple[list[bytes], list[bytes]] = ([], [])
        uneven: dict[int, np.ndarray] = {}
        columns = "p.id, count, frames, rate_num, rate_den, start_frame, timecode, lost, end_ms, whole, middle, turns"
        with self._told():
            for row in self._base.execute(f"SELECT {columns} FROM prints p JOIN codes c ON c.print = p.id ORDER BY p.id"):
                entry = self._entry(row[:9])
                whole, middle, turns = row[9:]
                if not all(isinstance(body, bytes) for body in row[9:]) or not len(whole) == len(middle) == 8 * entry.count:
                    raise self._damaged()
                if turns:
                    if len(turns) != 4 * entry.count:
                        raise self._damaged()
                    uneven[len(entries)] = np.frombuffer(turns, "<u4")
                entries.append(entry)
                parts[0].append(whole)
                parts[1].append(middle)
        whole, middle = (np.frombuffer(b"".join(part), "<u8") for part in parts)
        return Codes(entries, whole, middle, uneven)

    def rest_of(self, number: int) -> bytes | None:
        """What belongs to some fingerprints beside their codes, packed; None where they were dropped meanwhile."""
        with self._told():
            row = self._base.execute("SELECT body FROM rest WHERE print = ?", (number,)).fetchone()
        if row is not None and not isinstance(row[0], bytes):
            raise self._damaged()
        return None if row is None else row[0]

    def paths_of(self, number: int) -> list[str]:
        """Where this footage lies."""
        with self._told():
            rows = self._base.execute("SELECT path FROM files WHERE print = ? ORDER BY path LIMIT 100", (number,)).fetchall()
        return [os.fsdecode(path) for (path,) in rows if isinstance(path, bytes) and b"\0" not in path]

    def check(self) -> None:
        """Look through the whole file. Raises FormatError where it is damaged."""
        with self._told():
            if self._base.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise self._damaged()

    def size(self) -> tuple[int, float]:
        """Files with fingerprints, and seconds of footage."""
        with self._told():
            count, end_ms = self._base.execute("SELECT count(*), coalesce(sum(end_ms), 0) FROM prints").fetchone()
        return int(count), float(end_ms) / 1000

    def _drop(self, number: int) -> None:
        for table, column in (("prints", "id"), ("codes", "print"), ("rest", "print")):
            self._base.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))

    def _entry(self, row: tuple[object, ...]) -> Entry:
        numbers = [*row[:6], row[7], row[8]]
        if not all(isinstance(n, int) for n in numbers) or not isinstance(row[6], str):
            raise self._damaged()
        number, count, frames, num, den, start, lost, end_ms = (int(n) for n in numbers)  # type: ignore[call-overload]
        if not (0 <= count <= MOST and 0 < num < 1 << 63 and 0 < den < 1 << 63 and 0 <= frames < _MOST_FRAMES and 0 <= end_ms < _MOST_FRAMES):
            raise self._damaged()
        return Entry(number, count, frames, Fraction(num, den), start, row[6][:16], lost, end_ms / 1000)

    def _begin(self) -> None:
        """Make the tables where there are none, all of them or none."""
        with self._changing():
            if not self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for table in _SCHEMA.values():
                    self._base.execute(table)
                self._base.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._base.execute(f"PRAGMA user_version = {VERSION}")

    def _check_schema(self) -> None:
        rows = self._base.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_autoindex_%'").fetchall()
        if {name: sql for kind, name, sql in rows if kind == "table"} != _SCHEMA or len(rows) != len(_SCHEMA):
            raise self._damaged()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One transaction: all of it stands, or nothing."""
        with self._told():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._base.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite refuses, in our words."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._reason(error) from error
        except (OverflowError, ValueError, TypeError) as error:
            raise self._damaged() from error

    def _reason(self, error: sqlite3.Error) -> GenlockError:
        said = str(error)
        if "full" in said:
            return OutputError(f"there is no space left for the archive {self.path}", "free some; what it holds is whole, and the next run goes on")
        if "locked" in said or "busy" in said:
            return OutputError(f"the archive {self.path} is being changed by another process for a minute now", "try again when that is done")
        if "readonly" in said or "unable to open" in said:
            return OutputError(f"the archive {self.path} cannot be written", "change its permissions, or name another one")
        if "disk I/O" in said:
            return OutputError(f"the disk with the archive {self.path} refuses to read or write", "check the disk, its space and the network share")
        return self._damaged()

    def _damaged(self) -> FormatError:
        return FormatError(f"the archive {self.path} is damaged", "make it anew with genlock index FOLDER --rebuild")


def remove(path: str) -> None:
    """Take away an archive that cannot be read any more, with its journal. Raises OutputError; refuses what is no archive's file."""
    try:
        with open(path, "rb") as file:
            head = file.read(16)
        if head and not head.startswith(b"SQLite format 3"):
            raise UsageError(f"{path} is not an archive of genlock", "name another one with --to, or take it away yourself")
        for name in (path, path + "-journal"):
            with suppress(FileNotFoundError):
                os.unlink(name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"the archive {path} cannot be replaced: {error.strerror or error}", "change its permissions") from error


def _check_place(path: str) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} for the archive cannot be made: {error.strerror or error}", "name another place with --to") from error


def _check_head(path: str, make: bool) -> None:
    """Refuse what is no archive of this version, before SQLite opens it."""
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", "name the archive's file")
    if make and (not os.path.exists(path) or os.path.getsize(path) == 0):
        return
    try:
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        with open(path, "rb") as file:
            head = file.read(100)
    except FileNotFoundError as error:
        raise UsageError(f"there is no archive {path}", "make it with genlock index FOLDER") from error
    except OSError as error:
        raise GenlockError(f"the archive {path} cannot be read: {error.strerror or error}", "change its permissions, or name another one") from error
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0") or struct.unpack(">I", head[68:72])[0] != _APPLICATION:
        raise FormatError(f"{path} is not an archive of genlock, or is damaged", "make it anew with genlock index FOLDER --rebuild")
    version = struct.unpack(">I", head[60:64])[0]
    if version != VERSION:
        raise FormatError(
            f"the archive {path} is of format {version}, and this genlock reads format {VERSION}", "make it anew with genlock index FOLDER --rebuild"
        )
