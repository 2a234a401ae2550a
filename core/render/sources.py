"""The files that a rendering reads from, held open together: what fails half way lets go of those that are open already."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import TypeVar

from ..media.info import ReadOptions
from ..media.plates import Plates
from ..progress import Progress
from .source import open_source

Own = TypeVar("Own", bound="Sources")


class Sources:
    """Opens its files in _open(), by _opened(); usable in a with statement."""

    def __init__(self, progress: Progress, anywhere: bool = False, kept: str = "") -> None:
        """
        anywhere  pictures will be asked for that do not begin with the first
        kept      see open_source
        """
        self.anywhere, self._kept = anywhere, kept
        self._stack = ExitStack()
        try:
            self._open(progress)
        except BaseException:
            self.close()
            raise

    def __enter__(self: Own) -> Own:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files."""
        self._stack.close()

    def _open(self, progress: Progress) -> None:
        """Whatever the rendering needs, in its order."""

    def _opened(self, path: str, read: ReadOptions, seeks: bool, cache: str, progress: Progress = Progress()) -> Plates:
        return self._stack.enter_context(open_source(path, read, seeks, cache, progress, self._kept))
