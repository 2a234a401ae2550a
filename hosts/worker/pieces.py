"""What a job that was killed leaves to the next run of it: a folder of pieces, and what has to be the same for them to be used.

A job folder that somebody named keeps them in JOB/work/pieces. A command without one keeps them hidden beside its first output, under a
name made from what was asked, so the same command finds them again. They are used where the request, the content of every file that it
names, and the versions of the libraries are what they were; else they are taken away. A file that is locked keeps two processes apart:
the second one works in a folder of its own, which nobody goes on from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.errors import cannot_write
from ..jobs import Request, write_whole
from .outputs import beside, forget, forget_at_end

_ABOUT, _LOCK = "about.json", "lock"


def key_of(request: Request, more: Mapping[str, Any], files: Iterable[str] = ()) -> str:
    """What the pictures of a job depend on, as a name.

    more   what else they depend on, as plain JSON values
    files  footage that the request does not name itself
    """
    import av
    import cv2
    import numpy as np

    named = [*request.inputs.values(), *(value for value in request.settings.values() if isinstance(value, str))]
    contents = {path: _content(path) for path in (*named, *files) if os.path.isabs(path)}
    versions = [__version__, av.__version__, cv2.__version__, np.__version__]
    said = json.dumps([request.to_json(), contents, versions, dict(more)], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


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

    def __init__(self, work: str, outputs: Sequence[str], key: str) -> None:
        """
        work  of a job folder that lasts; "" where it does not
        key   of key_of()
        Raises OutputError.
        """
        self._work = work
        self._homes = {os.path.dirname(way(path)) for path in outputs for way in (os.path.abspath, os.path.realpath)}
        first = os.path.abspath(outputs[0])
        folder, name = os.path.split(first)
        self._root = os.path.join(work, "pieces") if work else os.path.join(folder, f".{name[:80]}.{key}.pieces")
        self._lock: Any = None
        try:
            os.makedirs(self._root, exist_ok=True)
            self._lock = _locked(os.path.join(self._root, _LOCK))
            if self._lock is None:
                self._root, self._work = beside(first), ""
            elif not work:
                forget_at_end(self._root)
                _sweep(folder, f".{name[:80]}.", self._root, self._homes)
            self._began = self._found(key)
        except OSError as error:
            raise cannot_write(outputs[0], error) from error

    def folder(self, number: int) -> str:
        """Where the pieces of one output stand."""
        return os.path.join(self._root, str(number))

    def standing(self, folders: Sequence[str]) -> None:
        """Remember folders that stand beside outputs, so that the next run takes them away where this one is killed. Raises OutputError."""
        self._began["beside"] = sorted({*self._began["beside"], *folders})
        try:
            write_whole(os.path.join(self._root, _ABOUT), json.dumps(self._began))
        except OSError as error:
            raise cannot_write(self._root, error) from error

    def close(self, done: bool) -> None:
        """Let go of the folder. done: outputs stand, and it goes; else it stays where the job folder lasts and there is something in it."""
        if os.name == "nt":  # where what is open cannot be taken away; elsewhere nobody gets hold of it before it is gone
            self._unlock()
        if done or not self._work or not any(name.isdigit() for name in os.listdir(self._root)):
            forget(self._root)
            with suppress(OSError):
                os.rmdir(self._work)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _found(self, key: str) -> dict[str, Any]:
        """What stands there if it is of this job; what is of another is taken away."""
        if _said_in(self._root, self._homes).get("key") != key:
            for name in os.listdir(self._root):
                if name != _LOCK:
                    forget(os.path.join(self._root, name))
        about = {"key": key, "beside": []}
        write_whole(os.path.join(self._root, _ABOUT), json.dumps(about))
        return about


def _said_in(root: str, homes: Collection[str]) -> dict[str, Any]:
    """What is told of a folder of pieces. What its last run left half written is taken away; nothing but beside outputs, whatever is told."""
    said: Any = None
    with suppress(OSError, ValueError), open(os.path.join(root, _ABOUT), encoding="utf-8") as file:
        said = json.load(file)
    if not isinstance(said, dict):
        return {}
    left = said.get("beside")
    for folder in left if isinstance(left, list) else []:
        if isinstance(folder, str) and os.path.dirname(folder) in homes and os.path.basename(folder).startswith(".") and folder.endswith(".part"):
            forget(folder)
    return said


def _sweep(folder: str, begins: str, own: str, homes: Collection[str]) -> None:
    """Take away pieces of other requests for the same output, which nobody works at: it is about to be written anew."""
    for name in os.listdir(folder):
        root = os.path.join(folder, name)
        if not (name.startswith(begins) and name.endswith(".pieces")) or root == own:
            continue
        with suppress(OSError):
            lock = _locked(os.path.join(root, _LOCK))
            if lock is not None:
                _said_in(root, homes)
                lock.close()
                forget(root)


def _locked(path: str) -> Any:
    """An open file that no other process has locked; None where one has. The system lets go of it however the process ends."""
    file = open(path, "a+b")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        if os.name == "nt":
            file.close()
            return None
        # A file system without locks: nobody can be kept apart there.
    return file
