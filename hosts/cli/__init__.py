"""The terminal. `main` is the command `genlock`; each subcommand is a module of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..worker.memory import keep_memory

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""As in models/__init__.py: other libraries may load onnxruntime before that."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit status. A Ctrl-C that comes before anything is loaded is quiet too."""
    try:
        from .terminal import main as run

        return run(argv)
    except KeyboardInterrupt:
        os.write(2, b"genlock: stopped\n")
        return 130


def program() -> None:
    """Run the command line and end the process.

    All is written and closed by then; taking FFmpeg, OpenCV and numpy apart in order would cost a tenth of a second more.
    """
    keep_memory()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = status or 1
    os._exit(status)
