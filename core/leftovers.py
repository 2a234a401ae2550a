"""What a killed process leaves half done, and how the next one knows: temporary names say whose they are.

A name holds a mark: the process's number, a tag of the machine (and of the container, where numbers are counted anew), a tag of when the
process began. What is taken away has such a name, was made on this machine, and its process is gone. Neither a clock nor an age decides,
so nothing that is in use goes away because the clock jumped; and what a person, another machine or another program made is not touched.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

from .processes import alive, began

_MARK = r"(\d+)-([0-9a-f]{6})([0-9a-f]{4})"
_BESIDE = re.compile(rf"\.(.+)\.{_MARK}[0-9a-f]{{6}}\.(?:part|old|part\.gone)")
_FOLDER = re.compile(rf"(?:.*-)?{_MARK}-[a-z0-9_]{{8}}")
SCRATCH = "genlock-"


def mark() -> str:
    """Whose a temporary name is: PID-TAG, of this process."""
    return _mark_of(os.getpid())


def name_beside(place: str, ending: str = "part") -> str:
    """A free hidden name next to an output's place.

    ending  part, or old for what stood there before
    """
    folder, name = os.path.split(place)
    return os.path.join(folder, f".{name[:80]}.{mark()}{os.urandom(3).hex()}.{ending}")


def sweep_beside(places: Iterable[str]) -> None:
    """Take away what processes that are gone left beside these places, on their way to them."""
    by_folder: dict[str, set[str]] = {}
    for place in places:
        folder, name = os.path.split(place)
        by_folder.setdefault(folder, set()).add(name[:80])
    for folder, names in by_folder.items():
        for found in map(_BESIDE.fullmatch, _hidden_in(folder)):
            if found and found[1] in names and _is_gone(*found.groups()[1:4]):
                _remove(os.path.join(folder, found[0]))


def new_folder(begins: str, inside: str = "") -> str:
    """A new folder with this process's mark in its name; those that processes that are gone left there are taken away first.

    begins  of its name, such as "new-"
    inside  the folder that it is made in; the system's for temporary files where it is empty
    Raises OSError.
    """
    inside = inside or tempfile.gettempdir()
    sweep_folders(begins, inside)
    return tempfile.mkdtemp(prefix=f"{begins}{mark()}-", dir=inside)


def sweep_folders(begins: str, inside: str) -> None:
    """Take away folders of new_folder() whose process is gone."""
    for name in left_behind(begins, inside):
        _remove(os.path.join(inside, name))


def left_behind(begins: str, inside: str) -> list[str]:
    """Names of the folders of new_folder() whose process is gone."""
    try:
        names = os.listdir(inside)
    except OSError:
        return []
    marks = ((name, _FOLDER.fullmatch(name)) for name in names if name.startswith(begins))
    return [name for name, found in marks if found and _is_gone(*found.groups())]


def is_held(name: str) -> bool:
    """Whether a folder's name bears the mark of a process that may still be there."""
    found = _FOLDER.fullmatch(name)
    return found is not None and not _is_gone(*found.groups())


@lru_cache(maxsize=64)
def _mark_of(pid: int) -> str:
    return f"{pid}-{_machine()}{_tag(began(pid), 2)}"


@lru_cache(maxsize=1)
def _machine() -> str:
    """Process numbers mean nothing on another machine, nor outside of the container that they are counted in."""
    try:
        counted = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        counted = 0
    return _tag(f"{socket.gethostname()}\0{counted}", 3)


def _tag(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).hexdigest()


def _is_gone(pid: str, machine: str, since: str) -> bool:
    """Whether the process of a mark is known to be gone; of another machine's nothing is known."""
    number = int(pid)
    return machine == _machine() and (not alive(number) or _tag(began(number), 2) != since)


def _hidden_in(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder or ".") if name.startswith(".")]
    except OSError:
        return []


def _remove(path: str) -> None:
    """Another process may take it away at the same moment. A link goes, never what it leads to."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(path)
