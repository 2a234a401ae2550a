"""Two versions of one scene, aligned: the clip lacks some frames, and lies smaller in the ref."""

from __future__ import annotations

from pathlib import Path

from genlock.core.align import align
from genlock.core.settings import AlignSettings
from genlock.hosts.demo.cutting import trim
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin
from genlock.otio_adapters.formats import render

OFFSET = 9
"""Clip frames before the one that the ref begins with."""


def made_pair(folder: Path, suffix: str = ".json") -> Path:
    """folder/pair.json or .otio, of clip.mp4 and ref.mp4 beside it: every ref frame n shows clip frame n + OFFSET."""
    twin = Twin("pair", reel(5, (44, 40), size_wh=(320, 180)), clip=Side(time=(trim(3, 80),)), ref=Side(time=(trim(3 + OFFSET, 70),)))
    twin.write(folder)
    settings = AlignSettings(cache="off", quality="draft")
    found = align(str(folder / "clip.mp4"), str(folder / "ref.mp4"), settings)
    bodies, _ = render(found, suffix, settings)
    path = folder / f"pair{suffix}"
    path.write_bytes(next(iter(bodies.values())))
    return path
