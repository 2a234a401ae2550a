"""pyblish plug-ins: collect a pair, ask whether it can be aligned, align and render it, put the result where it belongs.

One class a file. Register path() in any pyblish pipeline, AYON among them; docs/pyblish.md tells what they read and leave in
instance.data, which is all that goes between them.
"""

from __future__ import annotations

import os


def path() -> str:
    """The folder to give to pyblish.api.register_plugin_path()."""
    return os.path.dirname(os.path.abspath(__file__))
