"""genlock in Blender's video sequencer, from 4.2 on. Standard library and bpy only, Python 3.9 syntax.

Nothing here computes: jobs run in genlock's own process (../jobs.py, ../launch.py), and what they find is laid out as strips.
aligned, placing, laying, easing, otio_in and otio_out know no Blender and are tested without it.
"""

from __future__ import annotations


def register() -> None:
    """Called by Blender when the add-on is switched on."""
    from .door import register as switch_on

    switch_on()


def unregister() -> None:
    """Called by Blender when it is switched off."""
    from .door import unregister as switch_off

    switch_off()
