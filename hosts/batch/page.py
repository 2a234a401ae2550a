"""The batch's page: a row a pair, with its verdict, its figures, and links to what was written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ... import __version__
from ...core.report.markup import Markup, tag
from ...core.report.style import CSS
from .rows import STATES, Row, counts, sentence

_MORE = """
main { max-width: 1280px; }
table.pairs { width: 100%; border-collapse: collapse; font-size: 14.5px; margin-top: 34px; }
.pairs th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); padding: 0 16px 8px 0; border-bottom: 1px solid var(--line); }
.pairs td { vertical-align: top; padding: 11px 16px 11px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.pairs td.num, .pairs th.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
.pairs td.name { min-width: 9em; } .pairs td.name b { display: block; font-weight: 600; } .pairs td.name .soft { display: block; font-size: 13px; }
.pairs td.says { min-width: 15em; max-width: 34em; } .pairs td.links { min-width: 6.5em; overflow-wrap: normal; }
.pairs td.links a { white-space: nowrap; margin-right: 10px; }
a { color: var(--exact); text-underline-offset: 2px; }
.state { white-space: nowrap; font-weight: 600; } .state::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 50%;
  margin-right: 7px; background: currentColor; }
.state.s0 { color: var(--exact); } .state.s1 { color: var(--unmatched); } .state.s2 { color: var(--ambiguous); }
.state.s1::before { background: none; border: 2px solid currentColor; } .state.s2::before { border-radius: 0; }
.wide { overflow-x: auto; }
"""


def to_html(rows: Sequence[Row], table: str) -> str:
    """The whole page. It loads nothing: its links lead to files beside it."""
    count = counts(rows)
    named = os.path.basename(table)
    figures = [tag("div", tag("dt", name), tag("dd", n)) for name, n in (("Pairs", len(rows)), *((s.capitalize(), count[s]) for s in STATES))]
    head = [tag("th", name, scope="col", class_=kind) for name, kind in _COLUMNS]
    body = tag(
        "main",
        tag(
            "header",
            tag("p", tag("b", "genlock"), " ", tag("bdi", named), class_="kind"),
            tag("h1", sentence(rows)),
            tag("dl", *figures, class_="figures"),
        ),
        tag("div", tag("table", tag("thead", tag("tr", *head)), tag("tbody", *map(_row, rows)), class_="pairs"), class_="wide"),
        tag("footer", f"Written by genlock {__version__}. The same as a table: ", tag("a", "summary.csv", href="summary.csv"), "."),
    )
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", f"{named}: genlock batch"),
            tag("style", Markup(CSS + _MORE)),
        ),
        tag("body", body),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COLUMNS: tuple[tuple[str, str | None], ...] = (
    ("Pair", None), ("Verdict", None), ("In words", None),
    ("Found", "num"), ("Exact", "num"), ("Least score", "num"), ("Seconds", "num"), ("Files", None),
)  # fmt: skip


def _row(row: Row) -> Markup:
    found = None if row.matched is None or not row.ref_frames else f"{row.matched} of {row.ref_frames}"
    score = None if row.score is None else f"{row.score:.3f}"
    took = "run before" if row.before else f"{row.seconds:.1f}"
    return tag(
        "tr",
        tag("td", tag("b", tag("bdi", row.name)), _path("", row.clip), _path("against ", row.ref), class_="name"),
        tag("td", tag("span", row.state, class_=f"state s{STATES.index(row.state)}")),
        tag("td", row.sentence, class_="says"),
        *(tag("td", value, class_="num") for value in (found, row.exact if found else None, score, took)),
        tag("td", *_links(row), class_="links"),
    )


def _path(before: str, path: str) -> Markup:
    """A file with the folder that it is in; the whole path where one points."""
    folder, name = os.path.split(path)
    return tag("span", before, tag("bdi", os.path.join(os.path.basename(folder), name)), class_="soft", title=path)


def _links(row: Row) -> list[Any]:
    names = [(os.path.splitext(name)[1] or name, name) for name in row.outputs]
    return [tag("a", "report" if label == ".html" else label, href=quote(name.replace(os.sep, "/"))) for label, name in (*names, ("log", row.log))]
