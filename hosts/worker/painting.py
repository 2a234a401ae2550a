"""From a backend's name to a painter: those of core, and those that run in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.inpaint.bridge import painters
from ...core.inpaint.contract import Inpainter


def painter_of(name: str, table: Mapping[str, Any]) -> Inpainter:
    """The painter of this name; nothing is loaded or sent yet.

    table  [inpaint.<name>] of genlock.toml as plain data, its paths whole
    Raises UsageError, ServerError.
    """
    if name == "diffusers":
        from ...core.inpaint.project.tables import DiffusersTable
        from ...models.diffusion import DiffusersPainter

        return DiffusersPainter(DiffusersTable.from_json(dict(table)))
    return painters.painter_of(name, table)
