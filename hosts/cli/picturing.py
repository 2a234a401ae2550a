"""What the commands that write pictures have in common."""

from __future__ import annotations

import argparse
from typing import Any

from ..worker.filming import PATHS
from .parsing import settings_given
from .session import absolute, carry_out

OUTPUT_HELP = "a film (.mov .mp4 .mkv .webm) or a picture sequence (name.%%04d.exr .png .tif .dpx); may be given several times"


def carry_out_pictures(kind: str, args: argparse.Namespace) -> int:
    """Make a job of what was asked, run it, tell the answer; returns the exit status."""
    return carry_out(kind, {"aligned": absolute(args.aligned)}, args.output, with_paths(settings_given(args)), args)


def with_paths(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings, each file that they name by its path from the root."""
    return settings | {name: absolute(settings[name]) for name in PATHS if settings.get(name)}
