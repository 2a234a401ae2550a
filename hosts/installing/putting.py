"""Installs and removes a plan. Twice the same is once; what is removed is exactly what was put there.

A file that a person has changed is never lost: an installation moves it aside, a removal leaves it where it is, and both say so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ...core.errors import OutputError
from ...core.leftovers import name_beside, sweep_beside
from ..jobs import sweep
from . import record as records
from .plans import Plan
from .record import Record, digest, digest_of


@dataclass(frozen=True)
class Change:
    """One thing that is done, or would be."""

    what: str
    """write, replace, aside, edit, restore, remove, keep, gone."""
    path: str
    told: str = ""
    """For a person; empty where there is nothing to say beyond what and path."""


def install(plan: Plan, dry: bool = False) -> list[Change]:
    """Put everything in its place; returns what had to be done, nothing where it is all there.

    dry   only say it
    Raises OutputError where a file cannot be written, FormatError where an earlier record is damaged.
    """
    with _explained("installed"):
        _sweep_killed(plan.root, [*plan.files, *plan.lines])
        before = records.load(plan.root) or Record(plan.host, "")
        after = Record(plan.host, plan.version, {}, dict(before.lines), list(before.made))
        changes = [change for path, body in plan.files.items() for change in _put(path, body, before, dry)]
        after.files = {path: digest(body) for path, body in plan.files.items()}
        for path in sorted(set(before.files) - set(plan.files)):
            changes += _take(path, before.files[path], dry)
        for path, lines in plan.lines.items():
            changes += _add_lines(path, lines, after, plan.root, dry)
        if not dry and (changes or after != before):
            records.save(plan.root, after)
        return changes


def remove(root: str, dry: bool = False) -> list[Change]:
    """Take an installation out again; returns what was done, nothing where there is none. Raises OutputError, FormatError."""
    with _explained("removed"):
        before = records.load(root)
        if before is None:
            return []
        _sweep_killed(root, [*before.files, *before.lines])
        changes = [change for path, text in before.lines.items() for change in _take_lines(path, text, path in before.made, dry)]
        for path in sorted(before.files):
            changes += _take(path, before.files[path], dry)
        changes.append(Change("remove", records.path_in(root)))
        if not dry:
            os.unlink(records.path_in(root))
            _sweep(root, {os.path.dirname(path) for path in before.files})
        return changes


def _put(path: str, body: bytes, before: Record, dry: bool) -> Iterator[Change]:
    there = digest_of(path)
    if there == digest(body):
        return
    if there and there != before.files.get(path):
        aside = _free(path + ".yours")
        yield Change("aside", aside, f"{path} is not as genlock left it; it is kept as {os.path.basename(aside)}")
        if not dry:
            os.rename(path, aside)
    yield Change("replace" if there else "write", path)
    if not dry:
        _write(path, body)


def _take(path: str, put: str, dry: bool) -> Iterator[Change]:
    there = digest_of(path)
    if not there:
        yield Change("gone", path, f"{path} was there and is gone")
    elif there != put:
        yield Change("keep", path, f"{path} was changed since and is kept")
    else:
        yield Change("remove", path)
        if not dry:
            os.unlink(path)


def _add_lines(path: str, lines: tuple[str, ...], after: Record, root: str, dry: bool) -> Iterator[Change]:
    """Append lines to a person's file; what stands in it stays, byte for byte, line ends too.

    The record has them first: one that is killed in between must not add them twice.
    """
    old = _read(path)
    text = after.lines.get(path)
    if text is not None and text.encode("utf-8") in (old or b"") and all(line in text for line in lines):
        return
    if text is not None and old is not None:
        old = old.replace(text.encode("utf-8"), b"", 1)
    end = "\r\n" if old and b"\r\n" in old else "\n"
    text = ("" if not old or old.endswith((b"\n", b"\r")) else end) + end.join(lines) + end
    yield Change("edit", path, f"{len(lines)} lines are added to {path}")
    if dry:
        return
    if old is None and path not in after.made:
        after.made.append(path)
    after.lines[path] = text
    records.save(root, after)
    _write(os.path.realpath(path), (old or b"") + text.encode("utf-8"))


def _take_lines(path: str, text: str, made: bool, dry: bool) -> Iterator[Change]:
    old = _read(path)
    if old is None:
        yield Change("gone", path, f"{path} was there and is gone")
        return
    if text.encode("utf-8") not in old:
        yield Change("keep", path, f"the lines that genlock added to {path} were changed since; take them out by hand")
        return
    new = old.replace(text.encode("utf-8"), b"", 1)
    yield Change("remove" if made and not new else "restore", path)
    if dry:
        return
    if made and not new:
        os.unlink(path)
    else:
        _write(os.path.realpath(path), new)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(path: str, body: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    beside = name_beside(path)
    try:
        with open(beside, "wb") as file:
            file.write(body)
        with suppress(FileNotFoundError):
            os.chmod(beside, os.stat(path).st_mode & 0o7777)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _sweep_killed(root: str, paths: Iterable[str]) -> None:
    """Take away what an installation that was killed left half written."""
    sweep(records.path_in(root))
    sweep_beside(map(os.path.realpath, paths))


def _free(path: str) -> str:
    """A name that is not taken."""
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = f"{path}{number}"
    return found


def _sweep(root: str, folders: set[str]) -> None:
    """Remove what Python compiled in our folders, then the folders that are empty, the root among them. Others' folders are left."""
    inside = {folder for folder in folders if os.path.normcase(folder + os.sep).startswith(os.path.normcase(root + os.sep))}
    for folder in inside:
        cache = os.path.join(folder, "__pycache__")
        with suppress(FileNotFoundError):
            for name in os.listdir(cache):
                if name.endswith(".pyc"):
                    os.unlink(os.path.join(cache, name))
        with suppress(OSError):
            os.rmdir(cache)
    for folder, _, _ in os.walk(root, topdown=False):
        with suppress(OSError):
            os.rmdir(folder)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or "a folder"
        raise OutputError(f"{where}: {error.strerror}; not everything is {what}", "mend that, and run the same command again") from error

