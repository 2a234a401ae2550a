"""The page's part with the figures of the pictures, where they were measured."""

from __future__ import annotations

from collections.abc import Sequence

from ..verify.quality import Figures, PictureQuality
from ..verify.quality_words import HEAD, least_alike, row, ways
from .bits import tc
from .clock import Clock
from .markup import Markup, join, tag

MOST_RUNS = 200
"""So many runs stand in the table; the JSON answer of genlock verify holds all."""
MOST_LINES = 20


def quality_section(quality: PictureQuality, clock: Clock) -> Markup:
    """All frames together, then run by run; the clock is the ref's."""
    title = tag("h2", "How alike the pictures are")
    if quality.matrix is None:
        return tag("section", title, tag("p", "No frame that was looked at shows anything of the clip inside the ref.", class_="lead"))
    count = len(quality.frames)
    lead = (
        f"{count} frame{'' if count == 1 else 's'}, {quality.sampling}; {quality.plane}. The clip is laid on the ref by one resampling, and compared "
        "where it covers the ref. “Grade off” is PSNR once gain and offset are fitted: a grade is not an error. "
        "“Off by” is how far the content still lies from where it should, in ref pixels."
    )
    names = ("", *HEAD)
    head = tag("thead", tag("tr", *(tag("th", name, scope="col", class_="r" if name else None) for name in names)))
    body = _rows("All", quality.matrix, quality.flow)
    if len(quality.runs) > 1:
        for run in quality.runs[:MOST_RUNS]:
            if run.matrix is not None:
                body += _rows(f"Run {run.number}", run.matrix, run.flow)
    rest = len(quality.runs) - MOST_RUNS
    more = tag("p", f"{rest} more runs are left out here; genlock verify --json holds all.", class_="lead") if rest > 0 else None
    said = [tag("p", text, class_="lead") for text in (lead, *_notes(quality, clock))]
    return tag("section", title, *said, tag("table", head, tag("tbody", *body), class_="runs"), more)


def _rows(name: str, matrix: Figures, flow: Figures | None) -> list[Markup]:
    out = []
    for way, figures in ways(matrix, flow):
        first = tag("td", f"{name}, {way}", data_name="")
        cells = (tag("td", text, data_name=heading, class_="r") for heading, text in zip(HEAD, row(figures), strict=True))
        out.append(tag("tr", first, *cells))
    return out


def _notes(quality: PictureQuality, clock: Clock) -> list[Markup]:
    said: list[Markup] = []
    worst = least_alike(quality)
    if worst:
        places: list[object] = []
        for one in worst:
            alike = (one.flow or one.matrix).ssim or 0.0
            places += [", " if places else "Least alike: ref ", tc(clock.label(one.ref_frame)), f" ({one.ref_frame}, SSIM {alike:.4f})"]
        said.append(join([*places, "."]))
    if quality.vmaf:
        said.append(join([f"VMAF: {quality.vmaf}."]))
    if quality.empty:
        said.append(join([f"{quality.empty} more frames show nothing of the clip inside the ref."]))
    return said


def checked_section(lines: Sequence[str]) -> Markup:
    """What a second look at the claims found: a headline, then more."""
    sentence, *more = lines
    items = [tag("li", line) for line in more[:MOST_LINES]]
    if len(more) > MOST_LINES:
        items.append(tag("li", f"and {len(more) - MOST_LINES} more; genlock verify tells all"))
    return tag("section", tag("h2", "Looked at again"), tag("p", sentence, class_="lead"), tag("ul", *items) if items else None)
