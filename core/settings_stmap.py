"""Settings of the job that writes ST maps and motion vectors."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .settings import Settings, option
from .settings_render import RenderSettings


def _as_rendered(name: str) -> Any:
    """The same option as of a rendering."""
    f = RenderSettings.__dataclass_fields__[name]
    return option(f.default, **f.metadata)


@dataclass(frozen=True)
class StmapSettings(Settings):
    """What is written of where the clip lies in the ref."""

    kind = "stmap"

    inverse: bool = option(False, "the other way: the ref as the clip would see it, at the clip's size")
    motion: bool = option(False, "motion vectors in place of ST maps, in pixels: forward.u and forward.v, from clip pixel to its place in the ref")
    warp: str = _as_rendered("warp")
    precision: int = _as_rendered("precision")
    iterations: int = _as_rendered("iterations")
    soften: bool = _as_rendered("soften")
    wide: bool = _as_rendered("wide")
    mask: str = _as_rendered("mask")
    device: str = _as_rendered("device")
    tile: int = _as_rendered("tile")
    model: str = _as_rendered("model")
    range: str = _as_rendered("range")
    threshold: float = _as_rendered("threshold")

    def as_rendering(self) -> RenderSettings:
        """A rendering whose pictures lie by these maps."""
        known = RenderSettings.__dataclass_fields__
        return RenderSettings(**{f.name: getattr(self, f.name) for f in fields(self) if f.name in known})
