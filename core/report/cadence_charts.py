"""Drawings of a cadence: the film over time, a shot over time, and the picture with how long drawings are held in each part of it."""

from __future__ import annotations

from collections.abc import Sequence

from ..retime.cadence import LONGEST, NAMES, Cadence
from .markup import Markup, tag

CSS = """
:root { --h0: #dedad1; --h1: #7cc36a; --h2: #1f8f8b; --h3: #37558f; --h4: #5a2a78; --h5: #ad3a80; --h6: #d9603f; }
@media (prefers-color-scheme: dark) { :root {
  --h0: #33373b; --h1: #8fd27d; --h2: #35b3a5; --h3: #7f9be0; --h4: #b184e0; --h5: #df87bf; --h6: #f0957b; } }
.h0 { fill: var(--h0); } .h1 { fill: var(--h1); } .h2 { fill: var(--h2); } .h3 { fill: var(--h3); }
.h4 { fill: var(--h4); } .h5 { fill: var(--h5); } .h6 { fill: var(--h6); }
.new { fill: var(--soft); } .again { fill: none; stroke: var(--stripe); stroke-width: 1; }
.shot { padding: 14px 0 20px; border-bottom: 1px solid var(--line); break-inside: avoid; }
.shot h3 { font-size: 16px; font-weight: 600; margin: 0 0 2px; } .shot h3 .soft { font-weight: 400; margin-left: 8px; }
p.said { margin: 0 0 12px; color: var(--soft); font-size: 14px; max-width: 68em; overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: 190px minmax(0, 1fr); gap: 22px; align-items: start; }
.pair svg { width: 100%; height: auto; } .cut { stroke: var(--ink); stroke-width: 1; }
@media (max-width: 720px) { .pair { grid-template-columns: minmax(0, 1fr); } .pair > :first-child { max-width: 220px; } }
"""
_WIDE = 880
_LEFT = 62
_COLUMNS = 400
_ROW, _GAP = 16, 6
_CELL = 10
_FAINT = 0.05
"""Of the most that changes at once: less is not drawn."""


def tone(hold: int) -> str:
    """The class of a hold's colour; 0: none."""
    return f"h{hold}"


def film_strip(cadences: Sequence[Cadence], cuts: Sequence[int]) -> Markup:
    """The film from left to right, each stretch in the colour of what drawings are held for mostly."""
    total = max(cadence.end for cadence in cadences)
    scale = _WIDE / total
    parts = []
    for cadence in cadences:
        hold = max(cadence.holds, key=lambda h: cadence.parts[h - 1]) if cadence.holds else 0
        title = tag("title", f"frames {cadence.first} to {cadence.end - 1}: {cadence.name}")
        box = tag("rect", title, class_=tone(hold), x=_n(cadence.first * scale), y=2, width=_n((cadence.end - cadence.first) * scale), height=22)
        parts.append(box)
    if len(cuts) <= _COLUMNS:
        parts += [tag("line", class_="cut", x1=_n(cut * scale), x2=_n(cut * scale), y1=0, y2=26) for cut in cuts]
    parts.append(tag("text", "frame 0", class_="axis", x=0, y=42))
    parts.append(tag("text", str(total - 1), class_="axis", x=_WIDE, y=42, text_anchor="end"))
    return tag("svg", tag("title", "Cadence over the film"), *parts, viewBox=f"0 0 {_WIDE} 46", class_="chart", role="img")


def picture_map(cadence: Cadence) -> Markup:
    """The picture in blocks, each in the colour of what is held there."""
    rows = cadence.where or (b"\0",)
    wide, high = len(rows[0]) * _CELL, len(rows) * _CELL
    parts = [tag("rect", class_=tone(0), width=wide, height=high)]
    for hold in range(1, LONGEST + 1):
        path = "".join(_stretches(row, hold, y * _CELL) for y, row in enumerate(rows))
        if path:
            parts.append(tag("path", d=path, class_=tone(hold)))
    title = tag("title", f"Where in the picture drawings are held: {cadence.name}")
    return tag("svg", title, *parts, viewBox=f"0 0 {wide} {high}", role="img")


def _stretches(row: bytes, hold: int, y: int) -> str:
    """The blocks of one row that have a hold, as a path."""
    out, x = [], 0
    while x < len(row):
        end = x
        while end < len(row) and row[end] == hold:
            end += 1
        if end > x:
            out.append(f"M{x * _CELL},{y}h{(end - x) * _CELL}v{_CELL}h-{(end - x) * _CELL}z")
        x = max(end, x + 1)
    return "".join(out)


def shot_strip(cadence: Cadence) -> Markup:
    """Frame by frame: which repeat the one before, and at which ones drawings change that were held for so many frames."""
    count = cadence.end - cadence.first
    columns = min(count, _COLUMNS)
    wide = (_WIDE - _LEFT) / max(columns, 24)
    again = [frame - cadence.first for frame in cadence.repeats]
    parts = [tag("text", "frames", class_="axis", x=0, y=12), *_frames(count, columns, wide, set(again))]
    y = _ROW + _GAP
    for hold in range(1, LONGEST + 1):
        shares = _shares(cadence.drawn, hold, count, columns)
        if max(shares, default=0) > _FAINT:
            parts.append(tag("text", NAMES[hold], class_="axis", x=0, y=y + 12))
            boxes = [_box(column, wide, y, _ROW, tone(hold), share) for column, share in enumerate(shares) if share > _FAINT]
            parts.append(tag("g", *boxes))
            y += _ROW + _GAP
    parts += _numbers(cadence, count, columns, wide, y + 8)
    return tag("svg", tag("title", f"Frames of the shot: {cadence.name}"), *parts, viewBox=f"0 0 {_WIDE} {y + 14}", class_="chart", role="img")


def _frames(count: int, columns: int, wide: float, again: set[int]) -> list[Markup]:
    """A box for each frame, full where it is new, empty where it repeats; of many frames, as full as there are new ones."""
    out = []
    for column in range(columns):
        inside = range(column * count // columns, (column + 1) * count // columns)
        new = sum(frame not in again for frame in inside) / len(inside)
        if new < 1:
            out.append(_box(column, wide, 0.5, _ROW - 1, "again"))
        if new > 0:
            out.append(_box(column, wide, 0, _ROW, "new", new))
    return out


def _shares(drawn: bytes, hold: int, count: int, columns: int) -> list[float]:
    """For each column, how much changes that was held so long, over the most that changes at once; the first frame of a shot has none."""
    most = max(drawn, default=0)
    if not most:
        return []
    blocks = [0, *drawn[hold - 1 :: LONGEST]]
    blocks += [0] * (count - len(blocks))
    return [max(blocks[column * count // columns : (column + 1) * count // columns]) / most for column in range(columns)]


def _box(column: int, wide: float, y: float, high: float, kind: str, share: float = 1.0) -> Markup:
    gap = 1.5 if wide > 5 else 0
    return tag(
        "rect", class_=kind, x=_n(_LEFT + column * wide), y=_n(y), width=_n(max(wide - gap, 0.5)), height=_n(high),
        fill_opacity=f"{0.3 + 0.7 * share:.2f}" if share < 1 else None,
    )  # fmt: skip


def _numbers(cadence: Cadence, count: int, columns: int, wide: float, y: float) -> list[Markup]:
    """Frame numbers under the rows, about ten of them."""
    step = next(n for n in (1, 2, 5, 10, 12, 24, 48, 120, 240, 600, 1200, 1 << 40) if count / n <= 12)
    first = -(-cadence.first // step) * step
    at = [(frame, _LEFT + ((frame - cadence.first) * columns // count + 0.5) * wide) for frame in range(first, cadence.end, step)]
    return [tag("text", str(frame), x=_n(x), y=_n(y), text_anchor="middle") for frame, x in at]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
