"""Puts genlock into Nuke, Blender and Resolve, says where it is, and takes it out again."""

from __future__ import annotations

HOSTS = ("blender", "nuke", "resolve")
