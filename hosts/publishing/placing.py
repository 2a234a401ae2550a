"""Puts a staging folder into its place, versioned and whole. Standard library only, Python 3.9 syntax."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping

from ..jobs import is_left, mark
from .problems import Problem

_PART = ".part-"
_VERSION = re.compile(r"v(\d{3,})$")


def stem(path: str) -> str:
    """What is published is named after its ref: shot of shot.mov, and of shot.%04d.exr too."""
    name = os.path.basename(path)
    pattern = re.search(r"%\d*d|#", name)
    return (name[: pattern.start()].rstrip("._-") or "pair") if pattern else os.path.splitext(name)[0]


def place(staged: str, folder: str, name: str, files: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Copy a staging folder to folder/name/v001, or the next version, and take the staging folder away.

    files    what lies in it, by suffix
    returns  (the version's folder, the same files there)
    The copy stands under a hidden name beside its place until it is whole, and is renamed in one step. Raises Problem.
    """
    home = os.path.join(os.path.abspath(folder), name)
    beside = os.path.join(home, f"{_PART}{mark()}")
    try:
        os.makedirs(home, exist_ok=True)
        _sweep(home)
        shutil.copytree(staged, beside)
        for sub, _, names in os.walk(beside):
            for one in names:
                _flush(os.path.join(sub, one))
        final = _named(beside, home)
    except shutil.Error as error:
        raise Problem(f"folder {home}", f"cannot be written: {error.args[0][0][2]}", "free some space, or name another folder") from error
    except OSError as error:
        raise Problem(f"folder {home}", f"cannot be written: {error.strerror or error}", "free some space, or name another folder") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    shutil.rmtree(staged, ignore_errors=True)
    return final, {suffix: os.path.join(final, os.path.relpath(path, staged)) for suffix, path in files.items()}


def _named(beside: str, home: str) -> str:
    """Rename to the first version above all that are there; another process may take one at the same moment."""
    taken = [int(found.group(1)) for found in map(_VERSION.match, os.listdir(home)) if found]
    version = max(taken, default=0) + 1
    while True:
        final = os.path.join(home, f"v{version:03d}")
        try:
            os.rename(beside, final)  # only one process can: a folder that holds something is not replaced
            return final
        except OSError:
            if not os.path.lexists(final):
                raise
        version += 1


def _sweep(home: str) -> None:
    """Take away copies that killed processes have left half done."""
    for name in os.listdir(home):
        if name.startswith(_PART) and is_left(name[len(_PART) :]):
            shutil.rmtree(os.path.join(home, name), ignore_errors=True)


def _flush(path: str) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
