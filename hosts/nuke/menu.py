"""The menu entries, and the ear for scripts that are opened. Called once, from the plug-in folder's menu.py, in Nuke with a window."""

from __future__ import annotations

import nuke

from .flow import find_again
from .group import create

_CREATE = "from genlock.hosts.nuke.group import create; create()"
_RETIME = "from genlock.hosts.nuke.retiming import create; create()"
_INPAINT = "from genlock.hosts.nuke.inpainting import create; create()"


def install() -> None:
    """Add Genlock to the toolbar of nodes and to the menu bar, and listen for scripts that are opened."""
    nodes, bar = nuke.menu("Nodes").addMenu("Genlock"), nuke.menu("Nuke").addMenu("Genlock")
    nodes.addCommand("Genlock", _CREATE)
    nodes.addCommand("Genlock Retime", _RETIME)
    nodes.addCommand("Genlock Inpaint", _INPAINT)
    bar.addCommand("Align clip to ref", _CREATE)
    bar.addCommand("Retime", _RETIME)
    bar.addCommand("Inpaint", _INPAINT)
    nuke.addOnScriptLoad(find_again)


__all__ = ["create", "install"]
