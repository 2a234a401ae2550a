"""The text of the scripts in Workspace > Scripts, which `genlock hosts install resolve` writes into Fusion/Scripts/Utility.

Resolve may run a script without telling it where it lies, so the adapter's folder is written into its text. Everything else is in
that folder: the package genlock, and worker.json.
"""

from __future__ import annotations

_TEXT = """# genlock: aligns two clips, in a process of its own. Written by: genlock hosts install resolve
import sys

HOME = {home!r}
if HOME not in sys.path:
    sys.path.insert(0, HOME)
for name in [name for name in sys.modules if name == "genlock" or name.startswith("genlock.")]:
    del sys.modules[name]

from genlock.hosts.resolve.run import run  # noqa: E402

run(globals().get("resolve"), globals().get("fusion"), globals().get("bmd"), HOME{more})
"""


def scripts(home: str) -> dict[str, str]:
    """The scripts by file name; the menu shows the name without .py.

    home   folder of the installed adapter; it holds the folder genlock, and worker.json
    """
    return {
        "Genlock Align.py": _TEXT.format(home=home, more=""),
        "Genlock Align (clip and ref swapped).py": _TEXT.format(home=home, more=", swapped=True"),
        "Genlock Publish.py": _TEXT.format(home=home, more=', what="publish"'),
        "Genlock Retime.py": _TEXT.format(home=home, more=', what="retime"'),
        "Genlock Inpaint.py": _TEXT.format(home=home, more=', what="inpaint"'),
    }
