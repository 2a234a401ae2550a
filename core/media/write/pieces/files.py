"""A picture sequence on disk before it has its place: each file is a piece, and its name tells which, for which request, and its checksum."""

from __future__ import annotations

import os
import re
import shutil

from ....errors import OutputError, cannot_write
from ..beside import rename
from .store import checksum, drop, own_folder

_NAME = re.compile(r"(?P<number>[0-9]{8,12})-(?P<sum>[0-9a-f]{8})-(?P<key>[0-9a-z]*)(?P<suffix>\.[a-z0-9]+)", re.ASCII)


class FilePieces:
    """The files of one sequence, by their numbers from 0. Any number of processes may make the same one at once."""

    def __init__(self, folder: str, suffix: str, key: str, shown: str, alone: bool) -> None:
        """
        folder  of this output's pieces alone; made where it is not there
        suffix  of the files, with its dot
        shown   what a person calls the output
        alone   nobody else uses the folder: what is torn or was made for another request is taken away
        Raises OutputError.
        """
        self.folder, self._suffix, self._key, self._shown = own_folder(folder, shown), suffix, key, shown
        self._named: dict[int, list[str]] = {}
        """Names of what claims to be this picture, not looked at yet."""
        self._whole: dict[int, str] = {}
        for name in os.listdir(folder):
            found = _NAME.fullmatch(name)
            if found and found["key"] == key and found["suffix"] == suffix:
                self._named.setdefault(int(found["number"]), []).append(name)
            elif alone:
                _drop(os.path.join(folder, name))
        if alone:
            for number in self.numbers():
                self.path(number)

    def numbers(self) -> list[int]:
        """Of all pictures that are there, rising; some may turn out to be torn."""
        return sorted({*self._whole, *self._named})

    def path(self, number: int) -> str | None:
        """The file of a picture, where it stands whole."""
        for name in self._named.pop(number, ()):
            path = os.path.join(self.folder, name)
            if _sum_of(path) == name.split("-")[1]:
                self._whole[number] = path
        return self._whole.get(number)

    def keep(self, number: int, made: str) -> None:
        """Take in a finished file, which stands on the same file system. Raises OutputError."""
        try:
            handle = os.open(made, os.O_RDWR | getattr(os, "O_BINARY", 0))
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise cannot_write(self._shown, error) from error
        place = os.path.join(self.folder, f"{number:08d}-{_sum_of(made)}-{self._key}{self._suffix}")
        rename(made, place, self._shown)
        self._whole[number] = place

    def place(self, number: int, place: str) -> None:
        """Give a picture its place under a second name, or as a copy where that lies on another file system; the piece stays.

        Raises OutputError, also where it does not stand whole.
        """
        made = self.path(number)
        if made is None:
            raise OutputError(f"picture {number} of {self._shown} is missing", "run it again: it is made then")
        beside = os.path.join(os.path.dirname(place), f".{os.path.basename(place)}.placing")
        try:
            _drop(beside)
            try:
                os.link(made, beside)
            except OSError:
                shutil.copyfile(made, beside)
        except OSError as error:
            raise cannot_write(place, error) from error
        rename(beside, place, place)


def whole_numbers(folder: str, key: str, checked: bool = True) -> list[int]:
    """The pictures of a sequence that stand whole in a folder, rising; nothing is changed.

    checked  by their checksums, for which all of them are read; else by their names alone
    """
    found = [match for match in map(_NAME.fullmatch, os.listdir(folder)) if match and match["key"] == key]
    return sorted({int(match["number"]) for match in found if not checked or _sum_of(os.path.join(folder, match.string)) == match["sum"]})


def drop_numbers(folder: str, key: str, numbers: range) -> None:
    """Take these pictures of a sequence away."""
    for match in map(_NAME.fullmatch, os.listdir(folder)):
        if match and match["key"] == key and int(match["number"]) in numbers:
            _drop(os.path.join(folder, match.string))


def _sum_of(path: str) -> str:
    """"" where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return f"{checksum(file, os.fstat(file.fileno()).st_size):08x}"
    except OSError:
        return ""


def _drop(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        drop(path)
