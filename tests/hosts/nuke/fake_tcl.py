"""How the stand-in reads the text of knobs: as Tcl would, and no more than Nuke takes."""

from __future__ import annotations

import re
from collections.abc import Iterator


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each line; braces and quotes as Tcl takes them off."""
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        if value.startswith("{"):
            assert value.endswith("}") and value.count("{") == value.count("}"), value
            value = value[1:-1]
        elif value.startswith('"'):
            assert value.endswith('"') and len(value) > 1, value
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
            assert "[" not in value, "Tcl would run it"
        else:
            assert re.fullmatch(r"[^\s\"{}\[\]$]+", value), value
        yield name, value
