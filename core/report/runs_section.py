"""The page's table of runs, and the drawings of how the picture lies in them."""

from __future__ import annotations

from typing import Any

from ..alignment import Alignment, Run, Verdict
from .bits import between, frames_of, soft, tc
from .clock import Clock
from .markup import Markup, join, tag
from .outline import MOST as MOST_WAYS
from .outline import Lying, outline, ways
from .speed import run_speed
from .words import clip_span, frames_words, transform_words

MOST_RUNS = 600
"""So many runs stand in the table; the .csv and .json hold all."""


def runs_section(alignment: Alignment) -> Markup:
    """The table of runs."""
    noted = any(run.notes or run.also for run in alignment.runs)
    names = ("Run", "Ref", "Clip", "Speed", "Verdict", "Score", "Confidence", *(["Notes"] if noted else []))
    head = tag("thead", tag("tr", *(tag("th", name, scope="col", class_="r" if name in ("Score", "Confidence") else None) for name in names)))
    body = [_run_row(n, run, alignment, noted) for n, run in enumerate(alignment.runs[:MOST_RUNS], 1)]
    rest = len(alignment.runs) - MOST_RUNS
    more = tag("p", f"{rest} more runs are left out here; the .csv and .json outputs hold all.", class_="lead") if rest > 0 else None
    lead = "A run is footage that plays on without a cut and lies in one way. Both ends are included; frames count from 0."
    return tag("section", tag("h2", "Runs"), tag("p", lead, class_="lead"), tag("table", head, tag("tbody", *body), class_="runs"), more)


def _run_row(n: int, run: Run, alignment: Alignment, noted: bool) -> Markup:
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    last = run.ref_end - 1
    whole = f"{frames_words(run.ref_first, last)}, {frames_of(run.ref_count)}"
    cells: list[tuple[str, Any]] = [("Run", n), ("Ref", join([tc(ref.span(run.ref_first, last)), soft(whole)]))]
    if run.pieces:
        a, b = clip_span(run, alignment)
        cells.append(("Clip", join([tc(clip.span(a, b)), soft(frames_words(a, b))])))
        cells.append(("Speed", run_speed(run, alignment)))
    else:
        cells += [("Clip", tag("span", "none", class_="soft")), ("Speed", None)]
    cells.append(("Verdict", tag("span", run.verdict.value, class_=f"pill {run.verdict.value}")))
    found = run.verdict is not Verdict.UNMATCHED
    cells += [("Score", f"{run.score:.3f}" if found else None), ("Confidence", f"{run.confidence:.3f}")]
    if noted:
        cells.append(("Notes", _notes(run, clip)))
    return tag("tr", *(_cell(name, value) for name, value in cells))


def _cell(name: str, value: Any) -> Markup:
    return tag("td", None if value is None else tag("div", value), data_name=name, class_="r" if name in ("Score", "Confidence") else None)


def _notes(run: Run, clip: Clock) -> Markup | None:
    said: list[Any] = [tag("span", note, class_="note") for note in run.notes]
    if run.also:
        places = [join([tc(clip.span(a, b)), f" ({frames_words(a, b)})"]) for a, b in run.also[:4]]
        rest = f" and {len(run.also) - 4} more places" if len(run.also) > 4 else ""
        said.append(tag("span", "could also be clip ", *between(places, ", "), rest))
    return join(between(said, tag("br"))) if said else None


def ways_section(alignment: Alignment) -> Markup | None:
    """The distinct ways in which the picture lies in the ref."""
    found = ways(alignment)
    if not found:
        return None
    cards = [_way(way, alignment) for way in found[:MOST_WAYS]]
    clip, ref = alignment.clip, alignment.ref
    lead = f"The clip's picture, {clip.width} × {clip.height}, in the ref's frame, {ref.width} × {ref.height}."
    lead += " The filled corner is the clip's top left."
    if len(found) > MOST_WAYS:
        lead += f" The {MOST_WAYS} that hold for most frames, of {len(found)}."
    return tag("section", tag("h2", "Where the picture lies"), tag("p", lead, class_="lead"), tag("div", *cards, class_="ways"))


def _way(way: Lying, alignment: Alignment) -> Markup:
    run = alignment.runs[way.runs[0] - 1]
    words = transform_words(run, alignment)
    whose = ", ".join(str(n) for n in way.runs[:14]) + (f" and {len(way.runs) - 14} more" if len(way.runs) > 14 else "")
    kept = f"Run{'' if len(way.runs) == 1 else 's'} {whose}" + (f"; {way.model}" if way.model else "")
    if len(way.keys) > 1:
        kept += f"; {len(way.keys)} keys, first and last shown"
    shown = way.keys if len(way.keys) == 1 else (way.keys[0], way.keys[-1])
    clock = Clock.of(alignment.ref)
    matrices = [_matrix(key.matrix, f"At ref {clock.label(key.frame)}" if len(shown) > 1 else "") for key in shown]
    return tag("div", outline(way, alignment, words), tag("h3", words[:1].upper() + words[1:]), tag("p", kept), *matrices)


def _matrix(matrix: tuple[float, ...], when: str) -> Markup:
    rows = [tag("tr", *(tag("td", f"{value:.9g}", class_="tc") for value in matrix[k : k + 3])) for k in (0, 3, 6)]
    return tag("table", tag("caption", when) if when else None, tag("tbody", *rows), class_="matrix", aria_label="Matrix, clip pixel to ref pixel")
