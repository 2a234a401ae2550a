"""What a running step has at hand, and the book that is kept of its files: which are whole, and what they hold.

The book of a step that is under way (state/doing/STEP.jsonl) names each file once it stands, flushed, at its place. A run that is
killed at any point leaves whole files and this book; the next run with the same key goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import cannot_write
from ...progress import Progress
from ..project import Project
from ..project.atomic import hidden, json_bytes, settle, write_bytes
from ..project.pictures import save_picture
from .step import digest_of
from .tools import Tools

_BLOCK = 1 << 20
KEPT = "kept"


@dataclass(frozen=True)
class Made:
    """A file as the book has it."""

    size: int
    changed_ns: int
    sha256: str
    facts: Any = None
    """What the step wants to know of it when it goes on."""

    def stands(self, path: Path) -> bool:
        """Whether the file is there, as it was made. Its contents are read only where it was touched since, as by a copy."""
        try:
            stat = path.stat()
            return stat.st_size == self.size and (stat.st_mtime_ns == self.changed_ns or sha256_of(path) == self.sha256)
        except OSError:
            return False


def sha256_of(path: Path) -> str:
    """Of a file's contents."""
    state = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()


def digest_of_files(made: dict[str, Made]) -> str:
    """Of names and contents; where the project lies, and when it was made, does not count."""
    return digest_of({rel: one.sha256 for rel, one in made.items()})


@dataclass
class Bench:
    """One step at work. Paths are relative to the project, with forward slashes."""

    project: Project
    step: str
    key: str
    progress: Progress
    note: Callable[[str], None]
    tools: Tools
    made: dict[str, Made] = field(default_factory=dict)
    """What this run has made or found whole."""
    notes: list[str] = field(default_factory=list)
    _before: dict[str, Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._book = self.project.path("state", "doing", f"{self.step}.jsonl")
        lines = _read_lines(self._book)
        if lines and lines[0].get("key") == self.key:
            self._before = {line["rel"]: Made(**line["made"]) for line in lines[1:]}
        else:
            write_bytes(self._book, (json.dumps({"key": self.key}) + "\n").encode())

    def tell(self, text: str) -> None:
        """A sentence for the person; it is kept with the step, and in the report."""
        self.notes.append(text)
        self.note(text)

    def has(self, rel: str) -> bool:
        """Whether an interrupted run of this very step made the file already; it then counts as made."""
        if rel in self.made:
            return True
        found = self._before.get(rel)
        if found is None or not found.stands(self.project.path(rel)):
            return False
        self.made[rel] = found
        return True

    def facts(self, rel: str) -> Any:
        """What was kept beside a file that has() found."""
        return self.made[rel].facts

    def save_picture(self, rel: str, picture: np.ndarray, facts: Any = None) -> None:
        """(h, w), (h, w, 3) or (h, w, 4): integers as .png, float as .exr. Raises OutputError."""
        save_picture(self.project.path(rel), picture)
        self._enter(rel, facts)

    def save_json(self, rel: str, body: Any) -> None:
        """Raises OutputError."""
        self.save_bytes(rel, json_bytes(body))

    def save_bytes(self, rel: str, data: bytes, facts: Any = None) -> None:
        """Raises OutputError."""
        write_bytes(self.project.path(rel), data)
        self._enter(rel, facts)

    def keep(self, rel: str) -> None:
        """A file that stands already and belongs to the result; it stays on the disk when a later result is without it."""
        self._enter(rel, KEPT)

    def enter(self, rel: str) -> None:
        """A file that a writer has put at its place, whole."""
        self._enter(rel, None)

    def place(self, rel: str) -> Path:
        """Where to write a large file until it is whole; adopt() brings it to its place."""
        path = self.project.path(rel)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(str(path.parent), error) from error
        return hidden(path)

    def adopt(self, rel: str, facts: Any = None) -> None:
        """Give a file that was written to place(rel) its name."""
        path = self.project.path(rel)
        settle(hidden(path), path)
        self._enter(rel, facts)

    def close(self) -> None:
        """The step is done, and the state says so: the book of its way there is not needed any more."""
        with suppress(OSError):
            self._book.unlink()

    def _enter(self, rel: str, facts: Any) -> None:
        path = self.project.path(rel)
        try:
            stat = path.stat()
            self.made[rel] = Made(stat.st_size, stat.st_mtime_ns, sha256_of(path), facts)
            with open(self._book, "ab") as book:
                book.write((json.dumps({"rel": rel, "made": asdict(self.made[rel])}) + "\n").encode())
        except OSError as error:
            raise cannot_write(str(path), error) from error


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """A book's lines, up to one that was torn by a crash."""
    out: list[dict[str, Any]] = []
    try:
        data = path.read_bytes()
    except OSError:
        return out
    for line in data.split(b"\n")[:-1]:
        try:
            out.append(json.loads(line))
        except ValueError:
            break
    if data and not data.endswith(b"\n"):
        with suppress(OSError):
            os.truncate(path, data.rfind(b"\n") + 1)
    return out
