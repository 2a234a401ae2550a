"""What every page of genlock's stands in: one file that holds all it shows and asks nothing of the network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from .markup import Markup, tag
from .style import CSS


def shell(title: str, version: str, body: Sequence[Markup], script: str = "", css: str = "") -> str:
    """A whole HTML page. Its own policy forbids it to fetch anything (CSP level 3): styles and one script stand in it.

    version      of the genlock that made it; "" where it is not known
    script, css  the page's own constants, never a text from outside
    """
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="generator", content=f"genlock {version}".strip()),
            tag("title", title),
            tag("style", Markup(CSS + css)),
        ),
        tag("body", *body, tag("script", Markup(script)) if script else None),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _policy(script: str) -> str:
    """Nothing may be fetched; the one script is named by its hash."""
    seal = f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}'" if script else "'none'"
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {seal}; base-uri 'none'; form-action 'none'"
