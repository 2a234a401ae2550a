"""From a backend's name and its table in genlock.toml to a painter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UsageError
from ..contract import Inpainter
from .settings import A1111Settings, ComfySettings, CommandSettings

PAINTERS = ("a1111", "comfyui", "command")
"""Those of core. What needs a model in this process is opened by its own room."""


def painter_of(name: str, table: Mapping[str, Any]) -> Inpainter:
    """The painter of this name; nothing is sent or started yet.

    table  [inpaint.<name>] of genlock.toml, checked when it was read; what it leaves out keeps its default
    Raises UsageError: an unknown name or key. ServerError: a secret that the environment does not hold, a command without its places.
    """
    if name == "a1111":
        from .a1111 import A1111

        return A1111(A1111Settings.from_json(dict(table)))
    if name == "comfyui":
        from .comfyui import ComfyUI

        return ComfyUI(ComfySettings.from_json(dict(table)))
    if name == "command":
        from .command import Command

        return Command(CommandSettings.from_json(dict(table)))
    raise UsageError(f"no painter is called {name!r}", f"choose one of {', '.join(PAINTERS)}")
