"""Outputs that are too large for memory: written to disk under a hidden folder beside their place, and renamed at the end.

Each output has a folder of its own, on the file system where it will stand, so the rename is one step. Whatever a
writer leaves in it goes away with it: a job that fails, is stopped or ends at once leaves nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...core.errors import GenlockError, OutputError, cannot_write
from .outputs import File, beside, forget
from .pieces import Pieces


class Stage:
    """The folders of one job's streamed outputs. close() takes away what was not renamed."""

    def __init__(self, home: str = "") -> None:
        """home: a folder of its own for outputs that will have no place yet; "" puts each beside its place."""
        self._home = home
        self._folders: dict[str, str] = {}
        self._pieces: Pieces | None = None

    def go_on(self, pieces: Pieces) -> None:
        """What is staged is made of these pieces; they go or stay when the stage is closed."""
        self._pieces = pieces

    def place(self, output: str) -> str:
        """Where to write an output: the same name in a folder of its own. A pattern (out.%04d.exr) stays a pattern.

        Raises OutputError where the folder cannot be made.
        """
        if output not in self._folders:
            place = os.path.abspath(output) if "%" in output or "#" in output else os.path.realpath(output)
            if self._home:
                place = os.path.join(self._home, os.path.basename(place))
            try:
                if self._home:
                    os.makedirs(self._home, exist_ok=True)
                self._folders[output] = beside(place)
            except OSError as error:
                raise cannot_write(output, error) from error
            if self._pieces is not None:
                self._pieces.standing(list(self._folders.values()))
        return os.path.join(self._folders[output], os.path.basename(output))

    def files(self) -> tuple[File, ...]:
        """Everything that stands in the folders, to be renamed to its place."""
        found = []
        for output, folder in self._folders.items():
            home = Path(output).parent
            for source in sorted(Path(folder).iterdir()):
                if source.is_file() and not source.name.startswith("."):
                    found.append(File(str(home / source.name), source=str(source), told=output))
        return tuple(found)

    def told(self, error: GenlockError) -> GenlockError:
        """The error as a person is told it: outputs that cannot be written are named as they asked for them, not as they stand on the stage."""
        what = error.what
        for output, folder in self._folders.items():
            what = what.replace(os.path.join(folder, ""), os.path.join(os.path.dirname(output), ""))
        return OutputError(what, error.next_step) if isinstance(error, OutputError) and what != error.what else error

    def close(self, done: bool = False) -> None:
        """Take the folders away. May be called twice.

        done  the outputs have their names, and pieces of them are needed no more
        """
        for folder in self._folders.values():
            forget(folder)
        self._folders.clear()
        if self._pieces is not None:
            self._pieces.close(done)
            self._pieces = None
