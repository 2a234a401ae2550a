"""The job "index": fingerprints of a folder's footage into an archive."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.settings_archive import IndexSettings
from .desk import Answer, Desk
from .inputs import roles
from .options import settings_of

if TYPE_CHECKING:
    from ...core.archive.index import Indexed

_TOLD = 20
"""Damaged and missing files told by name; the figures name more."""
_MOST = 1000


def work(desk: Desk) -> Answer:
    """Bring the archive up to date. It is written as the job goes, a file at a time: a job that ends early has kept what it read."""
    folder, archive = roles(desk.request, "folder", "archive")
    if desk.request.outputs:
        raise UsageError("index writes no output but its archive", "name that one as its input")
    settings = settings_of(IndexSettings, desk.request.settings)
    from ...core.archive.index import index

    done = index(folder, archive, settings, desk.progress, desk.note)
    for text in list(done.damaged.values())[:_TOLD]:
        desk.note(f"left out: {text}")
    for path in done.gone[:_TOLD]:
        desk.note(f"{'dropped' if done.dropped else 'not there any more'}: {path}")
    for path in done.unread[:_TOLD]:
        desk.note(f"this folder cannot be looked into: {path}")
    return Answer(_sentence(done, archive), tuple(_lines(done, folder, settings.prune)), _figures(done, archive))


def _sentence(done: Indexed, archive: str) -> str:
    hours = done.seconds / 3600
    length = f"{hours:.1f} hours" if hours >= 1 else f"{done.seconds / 60:.1f} minutes"
    return f"{archive} holds {counted(done.total, 'piece')} of footage, {length}, in {_size(done.bytes)}."


def _lines(done: Indexed, folder: str, prune: bool) -> list[str]:
    said = [
        (done.read, "read now"), (done.unchanged, "unchanged"), (done.moved, "known under another name"),
        (len(done.damaged), "damaged and left out"), (done.passed, "no footage and passed by"),
    ]
    out = [f"in {folder}: {', '.join(f'{count} {what}' for count, what in said if count) or 'nothing'}"]
    if done.gone and not done.dropped:
        out.append(f"{counted(len(done.gone), 'file')} not there any more" + ("" if prune else "; --prune drops their fingerprints"))
    elif done.dropped:
        out.append(f"{counted(done.dropped, 'file')} not there any more; their fingerprints are dropped")
    return out


def _figures(done: Indexed, archive: str) -> dict[str, object]:
    return {
        "archive": archive, "pieces": done.total, "seconds": round(done.seconds, 3), "bytes": done.bytes,
        "read": done.read, "unchanged": done.unchanged, "moved": done.moved, "passed": done.passed, "dropped": done.dropped,
        "damaged": dict(list(done.damaged.items())[:_MOST]), "gone": done.gone[:_MOST], "unread_folders": [os.fspath(x) for x in done.unread[:_MOST]],
    }


def default_archive() -> str:
    """The archive where none is named."""
    from ...core.archive.place import default_path

    return default_path()


def counted(count: int, what: str) -> str:
    """1 file, 2 files."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
