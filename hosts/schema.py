"""What each kind of job can be told, as plain data: panels and knobs are made from it, so that no host drifts from the terminal.

settings.json beside this file is what hosts read, with the standard library alone. After a change of core's settings, write it anew:

    python -m genlock.hosts.schema
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from .. import __version__
from .jobs import write_whole
from .worker.options import SETTINGS

FILE = Path(__file__).with_name("settings.json")
_SORTS = {str: "text", int: "whole", float: "number", bool: "switch", tuple: "texts"}


def schema() -> dict[str, Any]:
    """{"genlock": 1, "version": "0.1.0", "jobs": {kind: [{"name", "sort", "default", "help", …}]}}.

    sort is text, whole, number, switch, or texts (a list of text); choices, low and high are there where they apply.
    """
    return {"genlock": 1, "version": __version__, "jobs": {kind: [_field(f) for f in fields(of)] for kind, of in SETTINGS.items()}}


def to_text() -> str:
    """The contents of settings.json."""
    return json.dumps(schema(), indent=1) + "\n"


def _field(f: Any) -> dict[str, Any]:
    default = list(f.default) if isinstance(f.default, tuple) else f.default
    told = {name: f.metadata[name] for name in ("help", "metavar", "choices", "low", "high") if name in f.metadata}
    return {"name": f.name, "sort": _SORTS[type(f.default)], "default": default, **told}


if __name__ == "__main__":
    write_whole(str(FILE), to_text())
