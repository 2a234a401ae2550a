"""Writing HTML and SVG where text cannot become markup: a plain string is always escaped."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable
from typing import Any

_EMPTY = frozenset({"meta", "br", "img", "hr", "col", "path", "rect", "line", "circle", "polygon", "polyline", "use"})


class Markup(str):
    """Text that is markup already. Made by tag() and join() alone, and by the page's own constants."""

    __slots__ = ()


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """One element. Children are escaped unless they are Markup; None and False attributes and None children are left out.

    An attribute's trailing underscore is dropped (class_), other underscores become hyphens (stroke_width).
    """
    said = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None and value is not False)
    if not children and name in _EMPTY:
        return Markup(f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{join(children)}</{name}>")


def join(parts: Iterable[Any]) -> Markup:
    """Parts one after the other, each escaped unless it is Markup."""
    return Markup("".join(part if isinstance(part, Markup) else html.escape(shown(str(part))) for part in parts if part is not None))


def shown(text: str) -> str:
    """Text as it can be shown and encoded: what is invisible, or turns the reading direction, becomes a visible mark."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") and c not in "\n\t" else c for c in text)


def _attribute(key: str, value: Any) -> str:
    name = key.rstrip("_").replace("_", "-")
    name = "viewBox" if name == "viewBox" else name
    if value is True:
        return f" {name}"
    return f' {name}="{html.escape(shown(str(value)), quote=True)}"'
