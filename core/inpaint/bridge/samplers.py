"""One sampler has many spellings: "DPM++ 2M" in A1111, dpmpp_2m in ComfyUI."""

from __future__ import annotations

import re
from collections.abc import Iterable


def folded(name: str) -> str:
    """What all spellings of a sampler have in common."""
    name = re.sub(r"[ _]a$", " ancestral", name.strip().lower())
    return re.sub(r"[^a-z0-9]", "", name.replace("+", "p"))


def chosen(name: str, known: Iterable[str]) -> str | None:
    """The one of these names that is meant; None where none is. A name that is there letter by letter wins."""
    names = list(known)
    if name in names:
        return name
    return next((other for other in names if folded(other) == folded(name)), None)
