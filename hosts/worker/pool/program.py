"""How this very genlock is called, from a process of its own."""

from __future__ import annotations

import os
import sys

_NAME = __name__.split(".")[0]
_HOME = os.path.dirname(os.path.dirname(os.path.abspath(sys.modules[_NAME].__file__ or "")))
"""The folder that it is imported from."""
_BEGIN = f"""
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
sys.path.append(sys.argv.pop(1))
from {_NAME}.hosts.cli import program
program()
"""


def command() -> list[str]:
    """The words before a command's own. What lies in the folder where the person works is not imported, whatever its name."""
    return [sys.executable, "-c", _BEGIN, _HOME]
