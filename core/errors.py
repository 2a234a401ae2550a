"""The one family of errors. Each says what happened, why, and what to do next.

    GenlockError            exit 1   refused or failed
    |-- MediaError          exit 1   a file cannot be read as footage
    |-- FormatError         exit 1   an exchange file cannot be read, or cannot say what is asked of it
    |-- OutputError         exit 1   the answer cannot be written (space, permission, clash)
    |-- UsageError          exit 2   the question itself is wrong
    |-- NotSameFootage      exit 3   the two do not show the same footage
    `-- Cancelled           exit 130 stopped by request
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .alignment import Alignment


class GenlockError(Exception):
    """Anything that genlock can explain to a person.

    what       the sentence: what is wrong, with the value that is wrong
    next_step  what the person can do about it; one clause, no full stop
    """

    code = "genlock"
    exit_status = 1

    def __init__(self, what: str, next_step: str = "") -> None:
        self.what = what
        self.next_step = next_step
        super().__init__(f"{what}; {next_step}" if next_step else what)


class MediaError(GenlockError):
    """A file cannot be read as footage: missing, empty, damaged, not a picture, or not allowed."""

    code = "media"


class FormatError(GenlockError):
    """An exchange file is malformed, or its format cannot say what is asked of it."""

    code = "format"


class OutputError(GenlockError):
    """The answer cannot be written: no space, no permission, or it would overwrite an input."""

    code = "output"


class UsageError(GenlockError):
    """The question itself is wrong: an unknown suffix, a range that ends before it starts."""

    code = "usage"
    exit_status = 2


class NotSameFootage(GenlockError):
    """The two do not show the same footage; both were read well, and nothing in one is in the other."""

    code = "not-same-footage"
    exit_status = 3

    def __init__(self, what: str, next_step: str = "", alignment: Alignment | None = None) -> None:
        super().__init__(what, next_step)
        self.alignment = alignment
        """All runs unmatched, with what was measured: the report is written from it."""


class Cancelled(GenlockError):
    """Stopped by request."""

    code = "cancelled"
    exit_status = 130


_NEXT = {
    errno.ENOSPC: "free some space, or name another folder",
    errno.EDQUOT: "free some space, or name another folder",
    errno.EFBIG: "the limit on file size is too low for it; raise it, or name another folder",
    errno.EACCES: "change its permissions, or name another folder",
    errno.EPERM: "change its permissions, or name another folder",
    errno.EROFS: "name a folder that can be written",
    errno.ENAMETOOLONG: "give it a shorter name",
}


def cannot_write(path: str, error: OSError) -> OutputError:
    """What a person is told when the system refuses."""
    return OutputError(f"{path} cannot be written: {error.strerror or error}", _NEXT.get(error.errno or 0, "name another place"))
