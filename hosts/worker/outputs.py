"""Outputs are written all or not at all.

Every file is rendered in memory and written beside its place under another name, or streamed there (staging.py), and flushed to
the disk; only when all of them stand there are they renamed, one after the other. If a rename fails, what was there before is put back.
So a full disk, a crash or a Ctrl-C leaves the older outputs as they were.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ...core.errors import OutputError, cannot_write
from ...core.leftovers import name_beside, sweep_beside

_CHANGING = threading.Lock()
"""Held while names change: a process that is ended at once waits for it, and then nobody else gets it."""
_beside: set[str] = set()
"""Files that stand beside an output and have to go if the process ends at once; see abandon()."""


@dataclass(frozen=True)
class File:
    """A file to be written: what it holds, or where that stands already, on the same file system."""

    path: str
    body: bytes = b""
    source: str = ""
    told: str = ""
    """What the person called it, where it is one picture of many."""


def check_places(outputs: Sequence[str], inputs: Iterable[str]) -> None:
    """Refuse, before any work is done, an output that cannot be written or would overwrite an input.

    Raises OutputError.
    """
    inputs = list(inputs)
    seen: dict[str, str] = {}
    for path in outputs:
        place = os.path.realpath(path)
        if place in seen:
            raise OutputError(f"{path} is named twice as an output", "name it once")
        seen[place] = path
        for source in inputs:
            if _same(place, source):
                raise OutputError(f"the output {path} is also an input, and would be overwritten", "give the output another name")
        _check_place(path, place)


def _check_place(path: str, place: str) -> None:
    folder = os.path.dirname(place)
    if os.path.isdir(place):
        raise OutputError(f"the output {path} is a folder", "name a file in it")
    if not os.path.isdir(folder):
        if os.path.exists(folder):
            raise OutputError(f"{folder} is not a folder, so {os.path.basename(path)} cannot be written in it", "name a folder")
        raise OutputError(f"there is no folder {folder} for the output {os.path.basename(path)}", "make it first, or name another one")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {folder} cannot be written", "change its permissions, or name another one")
    try:
        os.lstat(place)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(path, error) from error
    if not os.access(place, os.W_OK):
        raise OutputError(f"the output {path} is write-protected", "change its permissions, or give it another name")


def _same(place: str, source: str) -> bool:
    try:
        return place == os.path.realpath(source) or os.path.samefile(place, source)
    except (OSError, ValueError):  # not there, or no name at all: it cannot be overwritten
        return False


def write_together(files: Sequence[File]) -> None:
    """Write all of some files, or none: if one cannot be written, what was there before stays.

    They appear in the order given. Raises OutputError, or whatever else ended the writing; no temporary file stays.
    """
    places = [os.path.realpath(file.path) for file in files]
    sweep_beside(places)
    written: list[str] = []
    try:
        for file, place in zip(files, places, strict=True):
            written.append(_taken(file, place) if file.source else _write_beside(file, place))
        with _CHANGING:
            _rename_all(files, list(zip(written, places, strict=True)))
    finally:
        for name in written:
            forget(name)


def beside(place: str) -> str:
    """A new hidden folder beside a place; forget() takes it away, also where the process ends at once. Raises OSError."""
    sweep_beside([place])
    name = name_beside(place, "part")
    with _CHANGING:
        os.mkdir(name)
        _beside.add(name)
    return name


def forget_at_end(name: str) -> None:
    """Take this away too where the process ends at once; but not where it is killed."""
    with _CHANGING:
        _beside.add(name)


def abandon(wait_s: float = 5.0) -> None:
    """Before the process ends at once: wait for renames that are under way, and take away what stands beside.

    Nothing can be written afterwards.
    """
    _CHANGING.acquire(timeout=wait_s)
    for name in list(_beside):
        forget(name)


def _write_beside(file: File, place: str) -> str:
    name = name_beside(place, "part")
    try:
        with _CHANGING:
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            _beside.add(name)
        with os.fdopen(handle, "wb") as out:
            out.write(file.body)
            out.flush()
            os.fsync(out.fileno())
        if os.path.exists(place):
            shutil.copymode(place, name)
    except OSError as error:
        forget(name)
        raise cannot_write(file.path, error) from error
    except BaseException:
        forget(name)
        raise
    return name


def _taken(file: File, place: str) -> str:
    """Make sure that a file which stands on disk already is all there."""
    try:
        handle = os.open(file.source, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if os.path.exists(place):
            shutil.copymode(place, file.source)
    except OSError as error:
        raise cannot_write(file.path, error) from error
    return file.source


def _rename_all(files: Sequence[File], moves: Sequence[tuple[str, str]]) -> None:
    kept: list[tuple[str, str]] = []
    made: list[str] = []
    try:
        for file, (name, place) in zip(files, moves, strict=True):
            try:
                if os.path.lexists(place):
                    kept.append((_keep(place), place))
                os.replace(name, place)
                made.append(place)
            except OSError as error:
                raise cannot_write(file.path, error) from error
    except BaseException:
        _put_back(kept, made)
        raise
    for backup, _ in kept:
        forget(backup)


def _keep(place: str) -> str:
    """Keep what is there under a second name: a hard link, or a copy where the file system has no links."""
    backup = name_beside(place, "old")
    _beside.add(backup)
    try:
        os.link(place, backup)
    except OSError:
        shutil.copy2(place, backup)
    return backup


def _put_back(kept: Sequence[tuple[str, str]], made: Sequence[str]) -> None:
    before = {place for _, place in kept}
    for place in made:
        if place not in before:
            with suppress(OSError):
                os.unlink(place)
    for backup, place in kept:
        with suppress(OSError):
            os.replace(backup, place)
        forget(backup)


def forget(name: str) -> None:
    """Take away a file or folder that stands beside an output. A folder is renamed first: nobody goes on writing in it."""
    with suppress(OSError):
        if os.path.isdir(name):
            gone = name + ".gone"
            shutil.rmtree(gone, ignore_errors=True)  # of one that was killed while it took it away
            os.rename(name, gone)
            shutil.rmtree(gone, ignore_errors=True)
        else:
            os.unlink(name)
    _beside.discard(name)
