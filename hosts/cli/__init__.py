"""The terminal. `main` is the command `genlock`; each subcommand is a module of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Set before numpy is loaded. genlock runs its own threads side by side; with OpenBLAS's on top, they wait for one another by
spinning, and on a busy machine a solve takes three times as long."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit status. A Ctrl-C that comes before anything is loaded is quiet too."""
    try:
        from .terminal import main as run

        return run(argv)
    except KeyboardInterrupt:
        os.write(2, b"genlock: stopped\n")
        return 130
