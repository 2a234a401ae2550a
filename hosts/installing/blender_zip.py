"""Blender's extension as a zip: python -m genlock.hosts.installing.blender_zip [FOLDER]

    blender_manifest.toml   with genlock's version
    __init__.py             register, unregister
    genlock/                the small package that every host gets (layout.py)
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from pathlib import Path

from ... import __version__
from .layout import ROOT, mini_package

DOOR = '''"""genlock for Blender's video sequencer."""

from .genlock.hosts.blender import register, unregister

__all__ = ["register", "unregister"]
'''
_WHEN = (2020, 1, 1, 0, 0, 0)
"""Of every file in the zip: the same contents make the same zip."""


def contents() -> dict[str, bytes]:
    """Every file of the extension, by its name in the zip."""
    manifest = (ROOT / "hosts" / "blender" / "blender_manifest.toml").read_text(encoding="utf-8")
    number = re.match(r"\d+\.\d+\.\d+", __version__)
    if number is None:
        raise ValueError(f"{__version__} is no version that Blender takes; write it MAJOR.MINOR.PATCH")
    told = manifest.replace('version = "0.0.0"', f'version = "{number.group()}"', 1)
    return {"blender_manifest.toml": told.encode(), "__init__.py": DOOR.encode(), **mini_package("blender")}


def pack(folder: Path) -> Path:
    """Write genlock-blender-VERSION.zip into a folder, which is made; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"genlock-blender-{__version__}.zip"
    beside = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as out:
            for name, body in contents().items():
                out.writestr(zipfile.ZipInfo(name, _WHEN), body, zipfile.ZIP_DEFLATED)
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)
    return place


if __name__ == "__main__":
    print(pack(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
