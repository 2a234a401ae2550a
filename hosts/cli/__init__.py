"""The terminal. `main` is the command `genlock`; each subcommand is a module of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit status. A Ctrl-C that comes before anything is loaded is quiet too."""
    try:
        from .terminal import main as run

        return run(argv)
    except KeyboardInterrupt:
        os.write(2, b"genlock: stopped\n")
        return 130
