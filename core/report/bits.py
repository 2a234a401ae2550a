"""Small pieces that several parts of the page are made of."""

from __future__ import annotations

from typing import Any

from .markup import Markup, tag


def frames_of(n: int) -> str:
    """A count of frames."""
    return f"{n} frame{'' if n == 1 else 's'}"


def between(parts: list[Any], mark: Any) -> list[Any]:
    """Parts with a mark between any two."""
    return [item for n, part in enumerate(parts) for item in ((mark, part) if n else (part,))]


def tc(text: str) -> Markup:
    """Timecode, or another text of figures, in a fixed-width face."""
    return tag("span", text, class_="tc")


def soft(child: Any) -> Markup:
    """A second line, in the quieter colour."""
    return tag("span", child, class_="soft")
