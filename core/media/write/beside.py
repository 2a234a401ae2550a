"""Files are written beside their place under another name, flushed to the disk, and renamed when they are whole.

A crash, a full disk or a stop leaves what was there before. abandon_all() is for a process that ends at once.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import Any

from ...errors import OutputError, cannot_write
from ...leftovers import name_beside, sweep_beside

_standing: set[str] = set()
"""Files and folders that stand beside an output at the moment."""


def abandon_all() -> None:
    """Take away what stands beside outputs; for a process that is about to end."""
    for name in list(_standing):
        _forget(name)


def check_folder(path: str) -> str:
    """Real path of an output whose folder exists and can be written. Raises OutputError."""
    place = os.path.realpath(path)
    folder, name = os.path.split(place)
    if os.path.isdir(place):
        raise OutputError(f"the output {path} is a folder", "name a file in it")
    if not os.path.isdir(folder):
        raise OutputError(f"there is no folder {folder} for the output {name}", "make it first, or name another one")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {folder} cannot be written", "change its permissions, or name another one")
    if os.path.lexists(place) and not os.access(place, os.W_OK):
        raise OutputError(f"the output {path} is write-protected", "change its permissions, or give it another name")
    return place


class Sink:
    """One output file, open for FFmpeg to write; remembers why the system refused, which FFmpeg forgets."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.place = check_folder(path)
        sweep_beside([self.place])
        self.beside = name_beside(self.place)
        self.error: OSError | None = None
        try:
            self.file: Any = open(self.beside, "x+b")
        except OSError as error:
            raise cannot_write(path, error) from error
        _standing.add(self.beside)

    def write(self, body: bytes) -> int:
        return int(self._held(self.file.write, body))

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._held(self.file.seek, offset, whence))

    def tell(self) -> int:
        return int(self.file.tell())

    def flush(self) -> None:
        self._held(self.file.flush)

    def _held(self, call: Any, *args: Any) -> Any:
        if self.error is not None:
            raise self.error
        try:
            return call(*args)
        except OSError as error:
            self.error = error
            raise

    def refused(self) -> OutputError | None:
        """The one line, where the system refused."""
        return cannot_write(self.path, self.error) if self.error is not None else None

    def settle(self) -> None:
        """Flush to the disk and close; the file still stands beside. Raises OutputError."""
        try:
            self.flush()
            os.fsync(self.file.fileno())
            self.file.close()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def rename(self) -> str:
        """Give it its name. Raises OutputError."""
        rename(self.beside, self.place, self.path)
        return self.place

    def abandon(self) -> None:
        """Take it away."""
        with suppress(OSError, ValueError):
            self.file.close()
        _forget(self.beside)


def rename(name: str, place: str, path: str) -> None:
    """Move a finished file to its place, with the permissions of what was there. Raises OutputError."""
    try:
        if os.path.exists(place):
            shutil.copymode(place, name)
        os.replace(name, place)
    except OSError as error:
        raise cannot_write(path, error) from error
    _standing.discard(name)


def folder_beside(place: str, path: str) -> str:
    """A new folder beside an output, for the files of a sequence. Raises OutputError."""
    sweep_beside([place])
    name = name_beside(place)
    try:
        os.mkdir(name)
    except OSError as error:
        raise cannot_write(path, error) from error
    _standing.add(name)
    return name


def _forget(name: str) -> None:
    if os.path.isdir(name):
        shutil.rmtree(name, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(name)
    _standing.discard(name)


forget = _forget
