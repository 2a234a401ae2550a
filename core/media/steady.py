"""Files that have to stay as they are for as long as they are read: an answer about a file that no longer exists is no answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import GenlockError, MediaError
from .cache import digest

_FEW = 4
"""Of so many files the content is compared too; of the pictures of a sequence, size and times."""


class Changed(MediaError):
    """A file was appended to, cut, overwritten, replaced or taken away while it was read."""


@dataclass(frozen=True)
class _Look:
    size: int
    changed_ns: int
    number: tuple[int, int]
    """Device and inode: a file that was put in its place by a rename is another one."""
    touched_ns: int
    """Its name or rights changed, or its content and somebody has set the time back."""
    content: str


class Steady:
    """What files were like before they were read. check() says whether they still are. Safe from any thread."""

    def __init__(self, paths: Iterable[str | Path] = ()) -> None:
        self._before: dict[str, _Look | None] = {}
        self._lock = threading.Lock()
        self.add(paths)

    def add(self, paths: Iterable[str | Path]) -> None:
        """Hold these too, as they are now. What is no file (a pattern, an address, a folder) is left to whoever opens it."""
        names = [os.path.abspath(path) for path in paths if os.path.isfile(path)]
        with self._lock:
            for name in names:
                if name not in self._before:
                    self._before[name] = _look(name, len(names) <= _FEW)

    def holds(self) -> bool:
        """Whether they are all as they were."""
        try:
            self.check()
        except Changed:
            return False
        return True

    def check(self) -> None:
        """Raises Changed, naming the file."""
        with self._lock:
            for name, before in self._before.items():
                if before is not None and not _is_same(name, before):
                    raise Changed(f"{name} has changed while it was read", "run it again once nobody writes to that file")


@contextmanager
def steadily(steady: Steady) -> Iterator[None]:
    """Check the files at the end; also where reading them failed, since a file that changes fails in many ways. Raises Changed."""
    try:
        yield
    except (GenlockError, KeyboardInterrupt) as error:
        if isinstance(error, MediaError):
            steady.check()
        raise
    except Exception:
        steady.check()
        raise
    steady.check()


def _look(name: str, content: bool) -> _Look | None:
    """None where it cannot be read, which whoever opens it will say."""
    with suppress(OSError):
        stat = os.stat(name)
        return _Look(stat.st_size, stat.st_mtime_ns, (stat.st_dev, stat.st_ino), stat.st_ctime_ns, digest(name) if content else "")
    return None


def _is_same(name: str, before: _Look) -> bool:
    now = _look(name, False)
    if now is None or (now.size, now.changed_ns, now.number) != (before.size, before.changed_ns, before.number):
        return False
    return now.touched_ns == before.touched_ns or not before.content or _digest(name) == before.content


def _digest(name: str) -> str:
    try:
        return digest(name)
    except OSError:
        return ""
