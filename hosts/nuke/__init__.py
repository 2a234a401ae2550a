"""Genlock in Nuke: a node that finds which frame of its clip is which frame of its ref, and fills itself with the nodes that say so.

Only Nuke's own Python and the standard library, in Python 3.9 syntax; the work is done by genlock's worker, a process of its own.
docs/nuke.md tells it to a person.
"""

from __future__ import annotations

HOST = "nuke"
"""As `genlock hosts install` and the shelf of jobs name it."""
