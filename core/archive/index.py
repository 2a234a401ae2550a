"""Brings an archive up to date with a folder: what is new is read, what is known is not, a transaction a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..align import analysis_key
from ..errors import FormatError, MediaError, UsageError
from ..media.cache import Cache, default_root
from ..media.footage import ReadOptions, open_footage
from ..progress import Progress
from ..settings_archive import IndexSettings
from ..sync.analysis import analyse
from .store import Archive, Known, remove
from .take import take, take_analysed
from .walk import Item, walk

Note = Callable[[str], None]
NO_SETTINGS = IndexSettings()


def _silent(text: str) -> None:
    """Nobody listens."""


@dataclass
class Indexed:
    """What was done."""

    read: int = 0
    """Pieces of footage that were read."""
    unchanged: int = 0
    moved: int = 0
    """Known content under a new name; not read."""
    damaged: dict[str, str] = field(default_factory=dict)
    """By path: why it could not be read."""
    gone: list[str] = field(default_factory=list)
    """Known files that are not there any more."""
    dropped: int = 0
    passed: int = 0
    unread: list[str] = field(default_factory=list)
    """Folders that could not be looked into."""
    total: int = 0
    """Pieces of footage in the archive …"""
    seconds: float = 0.0
    """… and how long they are together."""
    bytes: int = 0
    """Of the archive."""


def index(folder: str, path: str, settings: IndexSettings = NO_SETTINGS, progress: Progress = Progress(), note: Note = _silent) -> Indexed:
    """Keep fingerprints of all footage in a folder in the archive at `path`, which is made where there is none.

    Raises UsageError where the folder is none, FormatError where the archive is none, of another version or damaged (unless it is to be
    rebuilt), OutputError where it cannot be written, Cancelled. Whatever ends it, each file is kept whole or not at all.
    """
    if not os.path.isdir(folder):
        raise UsageError(f"{folder} is not a folder", "name a folder with footage")
    found = walk(folder, os.path.abspath(path))
    cache = Cache(None) if settings.cache == "off" else Cache(Path(settings.cache) if settings.cache else default_root())
    done = Indexed(passed=found.passed, unread=found.unread)
    try:
        with _opened(path, settings) as archive:
            known = archive.known(folder)
            total = max(1, sum(item.size for item in found.items))
            before = 0
            anew: set[int] = set()
            for item in found.items:
                part = progress.part(before / total, item.size / total)
                part.at(0.0, f"reading {os.path.basename(item.path)}")
                _one(archive, item, known.get(item.path), settings, cache, part, done, anew)
                before += item.size
            _gone(archive, folder, found.items, known, settings.prune, done, note)
            done.total, done.seconds = archive.size()
    finally:
        cache.close()
    done.bytes = os.path.getsize(path)
    return done


def _opened(path: str, settings: IndexSettings) -> Archive:
    """The archive; to rebuild one that is damaged or of another version, a new one in its place."""
    try:
        archive = Archive(path, make=True)
    except FormatError:
        if not settings.rebuild:
            raise
    else:
        try:
            if settings.rebuild:
                archive.check()
            return archive
        except FormatError:
            archive.close()
    remove(path)
    return Archive(path, make=True)


def _one(
    archive: Archive, item: Item, known: Known | None, settings: IndexSettings, cache: Cache, progress: Progress, done: Indexed, anew: set[int]
) -> None:
    """Bring one piece of footage up to date. anew: the fingerprints that this run has made."""
    same = known is not None and (known.size, known.changed_ns) == (item.size, item.changed_ns)
    if same and known is not None and not settings.rebuild:
        if known.trouble:
            done.damaged[item.path] = known.trouble
        else:
            done.unchanged += 1
        return
    try:
        content = item.digest()
        options = ReadOptions(rate=settings.rate if item.sequence else "")
        key = analysis_key(content, options)
        number = archive.print_of(key)
        if number is not None and (not settings.rebuild or number in anew):
            done.moved += 1
        else:
            number = _read(archive, item, key, options, settings, cache, progress)
            anew.add(number)
            done.read += 1
        if item.digest() != content:
            done.damaged[item.path] = f"{item.path} was changed while it was read; index the folder again"
            return
    except OSError as error:  # of the disk or the network, not of the file: the next run tries again
        done.damaged[item.path] = f"{item.path} cannot be read: {error.strerror or error}"
        return
    except MediaError as error:
        done.damaged[item.path] = str(error)
        archive.remember(item.path, Known(item.size, item.changed_ns, None, str(error)[:500]))
        return
    archive.remember(item.path, Known(item.size, item.changed_ns, number, ""))


def _read(archive: Archive, item: Item, key: str, options: ReadOptions, settings: IndexSettings, cache: Cache, progress: Progress) -> int:
    """Read one piece of footage, or what an alignment kept of it; returns the number of its fingerprints."""
    with open_footage(item.path, options) as footage:
        if not settings.keep_analysis and cache.find(key) is None:
            prints = take(footage, progress)
            return archive.add(key, prints, footage.media(), settings.rebuild)
        analysis = analyse(footage, cache, key, progress)
        try:
            return archive.add(key, take_analysed(analysis), analysis.media, settings.rebuild)
        finally:
            analysis.close()


def _gone(
    archive: Archive, folder: str, items: list[Item], known: dict[str, Known], prune: bool, done: Indexed, note: Note
) -> None:
    """Tell what is not there any more, and drop it where that is wanted, or where its content is known under another name."""
    here = {item.path for item in items}
    missing = sorted(set(known) - here)
    if not missing:
        return
    if not here:
        note(f"nothing of what the archive knows in {folder} is there; is the disk mounted? Nothing is dropped")
        done.gone = missing
        return
    now = {entry.print for path, entry in archive.known(folder).items() if path in here and entry.print is not None}
    renamed = [path for path in missing if known[path].print in now]
    done.gone = [path for path in missing if path not in set(renamed)]
    if prune:
        done.dropped = len(done.gone)
    archive.drop(renamed + (done.gone if prune else []))
