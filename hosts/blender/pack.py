"""The extension as a zip for Blender: python -m genlock.hosts.blender.pack [FOLDER]

Layout, so that the relative imports of this checkout hold inside Blender too:

    blender_manifest.toml   with genlock's version
    __init__.py             register, unregister
    jobs.py launch.py shelf.py settings.json
    blender/                this package
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from pathlib import Path

from ... import __version__

HERE = Path(__file__).resolve().parent
SHARED = ("jobs.py", "launch.py", "shelf.py", "settings.json")
NOT_INSIDE = ("pack.py",)
DOOR = '''"""genlock for Blender's video sequencer."""

from .blender import register, unregister

__all__ = ["register", "unregister"]
'''
_WHEN = (2020, 1, 1, 0, 0, 0)
"""Of every file in the zip: the same contents make the same zip."""


def contents() -> dict[str, bytes]:
    """Every file of the extension, by its name in the zip."""
    manifest = (HERE / "blender_manifest.toml").read_text(encoding="utf-8")
    number = re.match(r"\d+\.\d+\.\d+", __version__)
    if number is None:
        raise ValueError(f"{__version__} is no version that Blender takes; write it MAJOR.MINOR.PATCH")
    out = {
        "blender_manifest.toml": manifest.replace('version = "0.0.0"', f'version = "{number.group()}"', 1).encode(),
        "__init__.py": DOOR.encode(),
    }
    out.update({name: (HERE.parent / name).read_bytes() for name in SHARED})
    out.update({f"blender/{path.name}": path.read_bytes() for path in sorted(HERE.glob("*.py")) if path.name not in NOT_INSIDE})
    return out


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
