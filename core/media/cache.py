"""What analysis keeps of a file, on disk: keyed by content and settings, bounded, safe to delete, safe with two processes.

An entry is a folder. It is written under a name of its own and renamed when whole, so nobody reads half of one; where two
processes make the same entry, the first rename wins and the other one's folder is dropped. Entries are forgotten by age of last
use once all of them together pass the bound. An entry that takes long to make may be left half done, and taken up again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from ..errors import OutputError
from ..leftovers import SCRATCH, is_held, left_behind, mark, new_folder

MAX_BYTES = 8 << 30
_BLOCK = 1 << 16
_BLOCKS = 64
_OURS = ".genlock-entry"
"""In every entry. The folder is one that a person or a timeline names, and may hold other things: what lacks this file is never removed."""


_HALF = "half-"
"""How the names of folders begin that another process may go on with."""


def default_root() -> Path:
    """Where the cache lives: $GENLOCK_CACHE, or the platform's folder for such things."""
    named = os.environ.get("GENLOCK_CACHE")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "genlock"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "genlock" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "genlock"


def digest(path: str | Path) -> str:
    """Of a file's content: its size and 64 blocks of 64 KiB spread over it, both ends included (BLAKE2b, 128 bits).

    A file that was re-encoded, cut or appended to has another digest; reading it costs 4 MiB at most, whatever the length.
    Of a folder or a pattern (an image sequence), use digest_of_many. Raises OSError.
    """
    size = os.path.getsize(path)
    state = hashlib.blake2b(str(size).encode(), digest_size=16)
    try:
        with open(path, "rb") as file:
            if size <= _BLOCK * _BLOCKS:
                state.update(file.read())
            else:
                for k in range(_BLOCKS):
                    file.seek((size - _BLOCK) * k // (_BLOCKS - 1))
                    state.update(file.read(_BLOCK))
    except OSError as error:
        error.filename = error.filename or str(path)  # which a read does not say
        raise
    return state.hexdigest()


def digest_of_many(paths: list[Path]) -> str:
    """Of an image sequence: every file's name, size and time of change, and the content of the first and the last."""
    state = hashlib.blake2b(digest_size=16)
    for path in paths:
        stat = path.stat()
        state.update(f"{path.name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    for path in {paths[0], paths[-1]}:
        state.update(digest(path).encode())
    return state.hexdigest()


class Cache:
    """A folder of entries.

    root       None keeps nothing: entries live in a temporary folder until close()
    max_bytes  bound on all entries together; the one in hand is never dropped for it
    """

    def __init__(self, root: Path | None, max_bytes: int = MAX_BYTES) -> None:
        self._temporary = new_folder(SCRATCH) if root is None else None
        self.root = Path(self._temporary) if self._temporary else Path(root or "")
        self.max_bytes = max_bytes
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"the cache folder {self.root} cannot be made: {error.strerror}", "name another with --cache, or --cache off"
            ) from error

    @property
    def keeps(self) -> bool:
        """Whether entries outlive this object."""
        return self._temporary is None

    def find(self, key: str) -> Path | None:
        """The entry's folder, marked as used now, or None."""
        folder = self.root / key
        try:
            os.utime(folder)
        except OSError:
            return None
        self._forget_halves(key)
        return folder

    def begin(self) -> Path:
        """A folder to write a new entry into; hand it to commit(), or remove it."""
        made = Path(new_folder("new-", str(self.root)))
        (made / _OURS).touch()
        return made

    def take_up(self, key: str) -> Path:
        """A folder to write this entry into, with what a process that is gone, or put_down(), left of it; empty where nobody left any.

        Of two that would take up the same, the first rename gets it. Hand it to commit() or put_down(), or remove it.
        """
        made = Path(tempfile.mkdtemp(prefix=f"{_HALF}{key}-{mark()}-", dir=self.root))
        for name in self._left(key):
            try:
                made.rmdir()
                os.rename(self.root / name, made)
                break
            except OSError:
                made.mkdir(exist_ok=True)
        (made / _OURS).touch()
        return made

    def put_down(self, made: Path, key: str) -> None:
        """Leave a folder of take_up() half done, for whoever takes it up next; dropped where somebody has left one already."""
        try:
            os.rename(made, self.root / f"{_HALF}{key}")
        except OSError:
            shutil.rmtree(made, ignore_errors=True)

    def commit(self, made: Path, key: str) -> Path:
        """Give a finished folder its name; returns the entry's folder (another process's, if that was first)."""
        final = self.root / key
        try:
            os.replace(made, final)
        except OSError:
            if not final.is_dir():
                raise
            shutil.rmtree(made, ignore_errors=True)
        self._forget_halves(key)
        if self.keeps:
            self.trim(spare=final)
        return final

    def _forget_halves(self, key: str) -> None:
        """The entry is there: what killed processes have left of it is of no use any more."""
        for name in self._left(key):
            shutil.rmtree(self.root / name, ignore_errors=True)

    def _left(self, key: str) -> list[str]:
        """Names of the folders in which this entry was left half done."""
        return [f"{_HALF}{key}", *left_behind(f"{_HALF}{key}-", str(self.root))]

    def trim(self, spare: Path | None = None) -> None:
        """Forget the entries, whole or half done, used longest ago until all fit. What is being written is not counted, and not touched."""
        sizes: list[tuple[float, int, Path]] = []
        for ours in self.root.glob(f"*/{_OURS}"):
            folder = ours.parent
            try:
                used = folder.stat().st_mtime
                size = sum(file.stat().st_size for file in folder.iterdir())
            except OSError:
                continue
            if folder.name.startswith("new-") or (folder.name.startswith(_HALF) and is_held(folder.name)):
                continue
            sizes.append((used, size, folder))
        total = sum(size for _, size, _ in sizes)
        for _, size, folder in sorted(sizes):
            if total <= self.max_bytes:
                break
            if folder != spare:
                shutil.rmtree(folder, ignore_errors=True)
                total -= size

    def close(self) -> None:
        """Remove what was kept for this run alone."""
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
