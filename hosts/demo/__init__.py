"""Made footage with a known truth, and the demo that aligns it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def run(out_dir: Path, say: Callable[[str], None]) -> int:
    """The demo; see show.py. Returns the exit status."""
    from .show import show

    return show(out_dir, say)
