"""Where the archive lies where none is named."""

from __future__ import annotations

import os
from pathlib import Path


def default_path() -> str:
    """The archive where none is named: $GENLOCK_ARCHIVE, or one in the person's own data."""
    named = os.environ.get("GENLOCK_ARCHIVE")
    if named:
        return named
    if os.name == "nt":
        home = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return str(home / "genlock" / "archive.genlock")
