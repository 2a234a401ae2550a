"""What is put where for each host, as plain data; nothing is written here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ... import __version__
from ...core.errors import UsageError
from ..launch import WORKER_FILE
from . import layout, places

NUKE_FOLDER = "genlock_plugin"
NUKE_BLOCK = (
    "# >>> genlock: written by `genlock hosts install nuke`, taken out by `genlock hosts remove nuke` >>>",
    "import nuke",
    f'nuke.pluginAddPath("./{NUKE_FOLDER}")',
    "# <<< genlock <<<",
)
_NUKE_MENU = b"""# Genlock's menu entries. Written by: genlock hosts install nuke
from genlock.hosts.nuke import menu

menu.install()
"""


@dataclass(frozen=True)
class Plan:
    """One installation. Paths are absolute."""

    host: str
    root: str
    """Holds the record of what was put where; it is genlock's own folder."""
    files: dict[str, bytes]
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines that are added to a file of the person's, by its path."""
    next_step: str = ""
    """What the person does now, in the host."""
    version: str = __version__


def plans(host: str, platform: str, environment: Mapping[str, str], to: str = "") -> list[Plan]:
    """The installations of a host for this person; several where there are several Blenders.

    to   the folder to put it in instead: a .nuke, a folder of extensions, a folder of Resolve's scripts
    Raises UsageError where there is no place.
    """
    roots = places_of(host, platform, environment, to)
    return [_PLANNED[host](root, platform, environment, to) for root in roots]


def places_of(host: str, platform: str, environment: Mapping[str, str], to: str = "") -> list[str]:
    """The root of each installation that plans() would make. Raises UsageError."""
    to = os.path.abspath(to) if to else ""
    if host == "nuke":
        return [os.path.join(to or places.nuke_folder(platform, environment), NUKE_FOLDER)]
    if host == "resolve":
        mark = "-" + hashlib.sha256(to.encode()).hexdigest()[:8] if to else ""
        return [os.path.join(places.data_folder(platform, environment), "hosts", f"resolve{mark}")]
    base = "" if to else places.blender_base(platform, environment)
    versions = os.listdir(base) if base and os.path.isdir(base) else []
    found = [to] if to else places.blender_extensions(platform, environment, versions)
    if not found:
        raise UsageError(f"there is no Blender 4.2 or newer in {base}", "start Blender once, or name it with --program, or a folder with --to")
    return [os.path.join(folder, "genlock") for folder in found]


def _nuke(root: str, platform: str, environment: Mapping[str, str], to: str) -> Plan:
    files = {"menu.py": _NUKE_MENU, layout.beside_adapter("nuke"): layout.worker_note(__version__), **layout.mini_package("nuke")}
    init = os.path.join(os.path.dirname(root), "init.py")
    step = "start Nuke again; Genlock is in the toolbar of nodes"
    if to:
        step = f"start Nuke again with NUKE_PATH={os.path.dirname(root)}; Genlock is in the toolbar of nodes"
    return Plan("nuke", root, _below(root, files), {init: NUKE_BLOCK}, step)


def _resolve(root: str, platform: str, environment: Mapping[str, str], to: str) -> Plan:
    from ..resolve.menu import scripts

    files = _below(root, {WORKER_FILE: layout.worker_note(__version__), **layout.mini_package("resolve")})
    menu = os.path.abspath(to) if to else places.resolve_scripts(platform, environment)
    files.update({os.path.join(menu, name): text.encode("utf-8") for name, text in scripts(root).items()})
    return Plan("resolve", root, files, next_step="in Resolve: Workspace > Scripts > Genlock Align")


def _blender(root: str, platform: str, environment: Mapping[str, str], to: str) -> Plan:
    from .blender_zip import contents

    step = "in Blender: Edit > Preferences > Add-ons, and switch Genlock on"
    return Plan("blender", root, _below(root, {**contents(), layout.beside_adapter("blender"): layout.worker_note(__version__)}), next_step=step)


def _below(root: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {os.path.join(root, *name.split("/")): body for name, body in files.items()}


_PLANNED = {"nuke": _nuke, "resolve": _resolve, "blender": _blender}
