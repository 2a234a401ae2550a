"""Where a host looks for what is added to it, on each system. Pure: a platform and an environment in, paths out; no disk is looked at.

platform is sys.platform: win32, darwin, or anything else for Linux. Sources: Foundry ("Nuke Directory Locations"), Blender's manual
("Blender's Directory Layout", "Environment Variables"), Blackmagic Design's Fusion scripting README.
"""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Iterable, Mapping
from types import ModuleType

from ...core.errors import UsageError

OLDEST_BLENDER = (4, 2)
"""The first with extensions."""


def nuke_folder(platform: str, environment: Mapping[str, str]) -> str:
    """The person's .nuke, whose init.py Nuke runs."""
    return _path(platform).join(home(platform, environment, environment.get("HOME")), ".nuke")


def resolve_scripts(platform: str, environment: Mapping[str, str]) -> str:
    """The person's folder of scripts that Resolve lists on every page, under Workspace > Scripts."""
    path, at = _path(platform), home(platform, environment)
    if platform == "win32":
        appdata = environment.get("APPDATA") or path.join(at, "AppData", "Roaming")
        base = path.join(appdata, "Blackmagic Design", "DaVinci Resolve", "Support")
    elif platform == "darwin":
        base = path.join(at, "Library", "Application Support", "Blackmagic Design", "DaVinci Resolve")
    else:
        base = path.join(at, ".local", "share", "DaVinciResolve")
    return path.join(base, "Fusion", "Scripts", "Utility")


def blender_base(platform: str, environment: Mapping[str, str]) -> str:
    """The folder that holds a folder for each of the person's Blenders, such as 4.5."""
    path, at = _path(platform), home(platform, environment)
    if platform == "win32":
        return path.join(environment.get("APPDATA") or path.join(at, "AppData", "Roaming"), "Blender Foundation", "Blender")
    if platform == "darwin":
        return path.join(at, "Library", "Application Support", "Blender")
    return path.join(environment.get("XDG_CONFIG_HOME") or path.join(at, ".config"), "blender")


def blender_extensions(platform: str, environment: Mapping[str, str], versions: Iterable[str]) -> list[str]:
    """The folders for extensions that a person installs from disk: one a Blender from 4.2 on, or the one that Blender's variables name.

    versions   names of the folders in blender_base()
    """
    path = _path(platform)
    if environment.get("BLENDER_USER_EXTENSIONS"):
        return [path.join(environment["BLENDER_USER_EXTENSIONS"], "user_default")]
    if environment.get("BLENDER_USER_RESOURCES"):
        return [path.join(environment["BLENDER_USER_RESOURCES"], "extensions", "user_default")]
    able = sorted((numbers, name) for name in versions if (numbers := version_of(name)) >= OLDEST_BLENDER)
    return [path.join(blender_base(platform, environment), name, "extensions", "user_default") for _, name in able]


def version_of(name: str) -> tuple[int, ...]:
    """Numbers of a version such as 4.5; empty where it is none."""
    parts = name.split(".")
    return tuple(map(int, parts)) if len(parts) == 2 and all(part.isdigit() for part in parts) else ()


def data_folder(platform: str, environment: Mapping[str, str]) -> str:
    """genlock's own folder in the person's data, where jobs and models lie too."""
    path, at = _path(platform), home(platform, environment)
    if platform == "win32":
        base = environment.get("LOCALAPPDATA") or path.join(at, "AppData", "Local")
    elif platform == "darwin":
        base = path.join(at, "Library", "Application Support")
    else:
        base = environment.get("XDG_DATA_HOME") or path.join(at, ".local", "share")
    return path.join(base, "genlock")


def home(platform: str, environment: Mapping[str, str], first: str | None = None) -> str:
    """The person's home folder; `first` goes before it where it is set. Raises UsageError where the environment names none."""
    found = first or environment.get("USERPROFILE" if platform == "win32" else "HOME")
    if not found:
        raise UsageError("the environment names no home folder", "name a folder with --to")
    return found


def _path(platform: str) -> ModuleType:
    return ntpath if platform == "win32" else posixpath
