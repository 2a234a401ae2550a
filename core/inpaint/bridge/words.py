"""What a server says, made fit to stand in one line for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence

_LONGEST = 200


def clipped(text: str, most: int = _LONGEST) -> str:
    """One line without control characters, and not too long."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def listed(names: Sequence[str], most: int = 12) -> str:
    """What a server has, so that a person can choose."""
    return ", ".join(clipped(name, 60) for name in names[:most]) + (" ..." if len(names) > most else "") if names else "none at all"


def said(body: bytes) -> str:
    """The reason in a server's refusal: a sentence, FastAPI's list of faulty fields, or ComfyUI's error object. Empty where there is none."""
    try:
        told = json.loads(body[: 1 << 20])
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    for key in ("detail", "errors", "message", "error"):
        found = _sentence(told.get(key))
        if found:
            return clipped(found)
    return ""


def _sentence(found: object) -> str:
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return "; ".join(_sentence(entry) for entry in found[:3])
    if isinstance(found, dict):
        place = found.get("loc")
        name = f"{place[-1]}: " if isinstance(place, list) and place else ""
        return name + ", ".join(str(found[key]) for key in ("msg", "message", "details") if found.get(key))
    return ""
