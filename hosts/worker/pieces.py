"""What a job that was killed leaves to the next run of it, and what the shares of one job leave to whoever joins them: a folder of pieces.

A job folder that somebody named keeps them in JOB/work/pieces. A command without one keeps them hidden beside its first output, under a
name made from what was asked, so the same command finds them again. Each piece tells what has to be the same for it to be used: the
request, the content of every file that it names, and the versions of the libraries. A file that is locked keeps two processes apart that
run the whole job: the second one works in a folder of its own, which nobody goes on from. Shares work in the same folder at once.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.errors import GenlockError, cannot_write
from ..jobs import Request, write_whole
from .locks import hold, widen
from .outputs import beside, forget, forget_at_end

PIECES, SHARES, KEPT = "pieces", "shares", "kept"
"""In JOB/work: the pieces; what each share tells; what a first pass over the footage found."""
_ABOUT, LOCK = "about.json", "lock"
LIBRARIES = ("av", "numpy", "opencv-python-headless", "opencv-python", "OpenImageIO", "opencolorio", "torch", "onnxruntime")


class JobBusy(GenlockError):
    """Somebody else works at the job."""

    code = "job"


def key_of(request: Request, more: Mapping[str, Any], files: Iterable[str] = ()) -> str:
    """What the pictures of a job depend on, as a name.

    more   what else they depend on, as plain JSON values
    files  footage that the request does not name itself
    """
    named = [*request.inputs.values(), *(value for value in request.settings.values() if isinstance(value, str))]
    contents = {path: _content(path) for path in (*named, *files) if os.path.isabs(path)}
    said = json.dumps([request.to_json(), contents, [__version__, *map(_version, LIBRARIES)], dict(more)], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _content(path: str) -> str:
    """Of a file, or of the files of an image sequence; "" where it is neither."""
    from ...core.media.cache import digest, digest_of_many
    from ...core.media.sequence import find_sequence

    if os.path.isfile(path):
        return digest(path)
    sequence = None if os.path.exists(path) else find_sequence(path)
    return digest_of_many([Path(file) for file in sequence.files.values()]) if sequence else ""


class Pieces:
    """The folder of one job's pieces. close() has to be called."""

    def __init__(self, work: str, outputs: Sequence[str], key: str, share: bool = False, merge: bool = False) -> None:
        """
        work   of a job folder that lasts; "" where it does not
        key    of key_of()
        share  a share of the job is made, beside others
        merge  the pieces of others are joined: nobody may be at them
        Raises OutputError; JobBusy where the job cannot be worked at now.
        """
        self._work = work
        self._homes = {os.path.dirname(way(path)) for path in outputs for way in (os.path.abspath, os.path.realpath)}
        first = os.path.abspath(outputs[0])
        folder, name = os.path.split(first)
        self._root = os.path.join(work, PIECES) if work else os.path.join(folder, f".{name[:80]}.{key}.pieces")
        self._share = share
        self.alone = False
        """Nobody else works in the folder."""
        self._lock: Any = None
        try:
            os.makedirs(self._root, exist_ok=True)
            self._begin(share, merge, first)
            if self.alone and not work:
                forget_at_end(self._root)
                sweep(folder, name, self._root, self._homes)
            self._began: dict[str, Any] = self._found() if self.alone else {"beside": []}
        except OSError as error:
            raise cannot_write(outputs[0], error) from error

    def _begin(self, share: bool, merge: bool, first: str) -> None:
        """Choose the folder by who else is there."""
        lock = os.path.join(self._root, LOCK)
        if share:
            self._lock = hold(lock, shared=True)
            if self._lock is None:
                raise JobBusy("another process runs this job whole at the moment", "wait for it, or stop it; then run the share again")
            return
        self._lock = hold(lock)
        self.alone = self._lock is not None
        if self.alone:
            return
        if merge:
            raise JobBusy("another process works at this job at the moment", "join it once that one has ended")
        self._lock = hold(lock, shared=True)
        if self._lock is None:
            self._root, self._work, self.alone = beside(first), "", True

    def folder(self, number: int) -> str:
        """Where the pieces of one output stand."""
        return os.path.join(self._root, str(number))

    @property
    def kept(self) -> str:
        """Where first passes over footage are kept for the next process; "" where the job folder does not last."""
        return os.path.join(self._work, KEPT) if self._work else ""

    def standing(self, folders: Sequence[str]) -> None:
        """Remember folders that stand beside outputs, so that the next run takes them away where this one is killed. Raises OutputError."""
        if not self.alone:
            return
        self._began["beside"] = sorted({*self._began["beside"], *folders})
        try:
            write_whole(os.path.join(self._root, _ABOUT), json.dumps(self._began))
        except OSError as error:
            raise cannot_write(self._root, error) from error

    def close(self, done: bool) -> None:
        """Let go of the folder. done: outputs stand, and it goes; else it stays where the job folder lasts and there is something in it.

        It stays too while shares are at work in it.
        """
        if self._share or not (self.alone or (done and self._lock is not None and widen(self._lock))):
            self._unlock()
            return
        if os.name == "nt":  # where what is open cannot be taken away; elsewhere nobody gets hold of it before it is gone
            self._unlock()
        if done or not self._work or not any(name.isdigit() for name in os.listdir(self._root)):
            forget(self._root)
            if self._work and done:
                forget(os.path.join(self._work, SHARES))
                forget(os.path.join(self._work, KEPT))
            with suppress(OSError):
                os.rmdir(self._work)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _found(self) -> dict[str, Any]:
        """What is told of the folder from now on; what its last run left beside outputs is taken away."""
        _tidy_beside(self._root, self._homes)
        about: dict[str, Any] = {"beside": []}
        write_whole(os.path.join(self._root, _ABOUT), json.dumps(about))
        return about


def _tidy_beside(root: str, homes: Collection[str]) -> None:
    """Take away what the last run in a folder of pieces left half written; nothing but beside outputs, whatever is told."""
    said: Any = None
    with suppress(OSError, ValueError), open(os.path.join(root, _ABOUT), encoding="utf-8") as file:
        said = json.load(file)
    left = said.get("beside") if isinstance(said, dict) else None
    for folder in left if isinstance(left, list) else []:
        if isinstance(folder, str) and os.path.dirname(folder) in homes and os.path.basename(folder).startswith(".") and folder.endswith(".part"):
            forget(folder)


def sweep(folder: str, output: str, own: str, homes: Collection[str]) -> None:
    """Take away pieces of other requests for the same output, which nobody works at: it is about to be written anew.

    output  its name in the folder
    own     the folder of pieces that stays
    homes   folders in which something half written may stand beside an output
    """
    for name in os.listdir(folder):
        root = os.path.join(folder, name)
        if not (name.startswith(f".{output[:80]}.") and name.endswith(".pieces")) or root == own:
            continue
        with suppress(OSError):
            lock = hold(os.path.join(root, LOCK))
            if lock is not None:
                _tidy_beside(root, homes)
                lock.close()
                forget(root)
