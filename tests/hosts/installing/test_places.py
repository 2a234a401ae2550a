"""Where each host looks, on the three systems: written down from the makers' pages, not from the code."""

from __future__ import annotations

import pytest

from genlock.core.errors import UsageError
from genlock.hosts.installing.places import blender_base, blender_extensions, data_folder, nuke_folder, resolve_scripts

LINUX = {"HOME": "/home/ann"}
MAC = {"HOME": "/Users/ann"}
WINDOWS = {
    "USERPROFILE": r"C:\Users\Ann Lee",
    "APPDATA": r"C:\Users\Ann Lee\AppData\Roaming",
    "LOCALAPPDATA": r"C:\Users\Ann Lee\AppData\Local",
}


@pytest.mark.parametrize(
    ("place", "linux", "mac", "windows"),
    [
        (nuke_folder, "/home/ann/.nuke", "/Users/ann/.nuke", r"C:\Users\Ann Lee\.nuke"),
        (
            resolve_scripts,
            "/home/ann/.local/share/DaVinciResolve/Fusion/Scripts/Utility",
            "/Users/ann/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
            r"C:\Users\Ann Lee\AppData\Roaming\Blackmagic Design\DaVinci Resolve\Support\Fusion\Scripts\Utility",
        ),
        (
            blender_base,
            "/home/ann/.config/blender",
            "/Users/ann/Library/Application Support/Blender",
            r"C:\Users\Ann Lee\AppData\Roaming\Blender Foundation\Blender",
        ),
        (
            data_folder,
            "/home/ann/.local/share/genlock",
            "/Users/ann/Library/Application Support/genlock",
            r"C:\Users\Ann Lee\AppData\Local\genlock",
        ),
    ],
)
def test_the_three_systems(place, linux, mac, windows):
    assert place("linux", LINUX) == linux
    assert place("darwin", MAC) == mac
    assert place("win32", WINDOWS) == windows


def test_variables_that_move_them():
    assert nuke_folder("win32", {**WINDOWS, "HOME": r"D:\home"}) == r"D:\home\.nuke"
    assert blender_base("linux", {**LINUX, "XDG_CONFIG_HOME": "/cfg"}) == "/cfg/blender"
    assert data_folder("linux", {**LINUX, "XDG_DATA_HOME": "/data"}) == "/data/genlock"
    assert resolve_scripts("linux", {**LINUX, "XDG_DATA_HOME": "/data"}).startswith("/home/ann/.local/share/"), "Resolve does not know XDG"
    assert resolve_scripts("win32", {"USERPROFILE": r"C:\U"}).startswith(r"C:\U\AppData\Roaming\Blackmagic Design")


def test_blenders():
    found = blender_extensions("linux", LINUX, ["3.6", "4.1", "4.10", "4.2", "5.0", "config", "5.x", "5.0.bak"])
    assert found == [f"/home/ann/.config/blender/{version}/extensions/user_default" for version in ("4.2", "4.10", "5.0")]
    assert blender_extensions("win32", WINDOWS, ["4.5"]) == [
        r"C:\Users\Ann Lee\AppData\Roaming\Blender Foundation\Blender\4.5\extensions\user_default"
    ]
    assert blender_extensions("linux", {**LINUX, "BLENDER_USER_RESOURCES": "/r"}, []) == ["/r/extensions/user_default"]
    assert blender_extensions("linux", {**LINUX, "BLENDER_USER_EXTENSIONS": "/e", "BLENDER_USER_RESOURCES": "/r"}, []) == ["/e/user_default"]


def test_no_home():
    with pytest.raises(UsageError, match="--to"):
        nuke_folder("linux", {})
