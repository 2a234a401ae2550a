"""What is reviewed, by what a person names: a folder is a project, a file an alignment."""

from __future__ import annotations

import os
from collections.abc import Callable

from ...core.errors import GenlockError, UsageError
from .serving import Desk


def open_desk(what: str, output: str | None, note: Callable[[str], None], trust: bool = False) -> Desk:
    """
    output  of an alignment: where the reviewed one is written; None stands beside it
    note    hears what a person should know before anything is opened
    trust   of a project: runs may start the program that its genlock.toml names
    Raises GenlockError where there is nothing of that name, UsageError, FormatError, OutputError.
    """
    if os.path.isdir(what):
        if output:
            raise UsageError("a project writes into its own folder", "leave -o out")
        from .project_desk import ProjectDesk

        return ProjectDesk(what, trust)
    if not os.path.exists(what):
        raise GenlockError(f"there is no {what}", "name a project's folder, or the .otio or .json that genlock align wrote")
    from .aligned_desk import AlignedDesk

    return AlignedDesk(what, output, note)
