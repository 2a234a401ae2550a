"""The time map: which moment of the clip the ref shows, and how alike the pictures are, over one time axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..alignment import Alignment, Run, Verdict
from .clock import Clock
from .markup import Markup, join, tag
from .table import frame_scores
from .words import clip_span, frames_words, run_speed

TOP = 26
"""Where the map begins, below the axis' name."""
MANY_RUNS = 1500
"""Above it, runs are drawn without a wider invisible line to point at."""


@dataclass(frozen=True)
class Frame:
    """A chart's measure, in its own units; one for wide pages, one for narrow ones."""

    name: str
    width: int
    map_height: int
    score_height: int
    left: int
    columns: int
    """At most so many points are drawn across."""

    @property
    def right(self) -> int:
        return self.width - 12

    @property
    def map_bottom(self) -> int:
        return TOP + self.map_height

    @property
    def score_top(self) -> int:
        return self.map_bottom + 46

    @property
    def score_bottom(self) -> int:
        return self.score_top + self.score_height

    @property
    def height(self) -> int:
        return self.score_bottom + 8


WIDE = Frame("wide", 1040, 380, 84, 100, 900)
NARROW = Frame("narrow", 400, 300, 64, 100, 300)


@dataclass(frozen=True)
class Scales:
    """Seconds of ref to x, seconds of clip to y."""

    frame: Frame
    ref_s: float
    clip_from_s: float
    clip_to_s: float

    def x(self, ref_s: float) -> float:
        return self.frame.left + (self.frame.right - self.frame.left) * ref_s / self.ref_s

    def y(self, clip_s: float) -> float:
        return self.frame.map_bottom - self.frame.map_height * (clip_s - self.clip_from_s) / (self.clip_to_s - self.clip_from_s)


def time_map(alignment: Alignment, frame: Frame) -> Markup:
    """The chart as one SVG: clip time against ref time above, the scores below."""
    scales = scales_of(alignment, frame)
    title = f"Time map: clip time against ref time, {len(alignment.runs)} runs; the table of runs says the same in figures"
    return tag(
        "svg",
        tag("title", title),
        tag("defs", _hatch(frame)),
        _grid(alignment, scales),
        join(_gap(run, alignment, scales) for run in alignment.runs if run.verdict is Verdict.UNMATCHED),
        join(_line(run, alignment, scales) for run in alignment.runs if run.pieces),
        _rugs(alignment, scales),
        _score_panel(alignment, scales),
        tag("line", class_="hair", x1=0, x2=0, y1=TOP, y2=frame.score_bottom),
        tag("circle", class_="dot", r=4.5, cx=-20, cy=-20),
        viewBox=f"0 0 {frame.width} {frame.height}",
        class_=f"chart {frame.name}",
        role="img",
        data_left=frame.left,
        data_right=frame.right,
    )


def scales_of(alignment: Alignment, frame: Frame) -> Scales:
    """The whole ref across; the whole clip up, or its used part where that is less than an eighth."""
    ref_s, clip_s = float(alignment.ref.duration_s), float(alignment.clip.duration_s)
    low, high = 0.0, clip_s
    ends = [s for run in alignment.runs for piece in _spans(run, alignment) for s in piece[1]]
    if ends and (max(ends) - min(ends)) < clip_s / 8:
        spare = max((max(ends) - min(ends)) * 0.08, float(2 / alignment.clip.rate))
        low, high = max(0.0, min(ends) - spare), min(clip_s, max(ends) + spare)
    return Scales(frame, max(ref_s, 1e-9), low, max(high, low + 1e-9))


def _spans(run: Run, alignment: Alignment) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Each piece's ((ref from, to), (clip from, to)) in seconds."""
    for piece in run.pieces:
        a, b = alignment.ref.time_of(piece.ref_first), alignment.ref.time_of(piece.ref_first + piece.ref_count)
        start = float(piece.clip_start_s)
        yield (float(a), float(b)), (start, start + float((b - a) * piece.speed))


def run_title(run: Run, alignment: Alignment) -> str:
    """What a run is, for one who points at it."""
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    where = f"ref {ref.span(run.ref_first, run.ref_end - 1)} (frames {frames_words(run.ref_first, run.ref_end - 1)})"
    if not run.pieces:
        return f"{where}: not in the clip"
    first, last = clip_span(run, alignment)
    shows = f"clip {clip.span(first, last)} (frames {frames_words(first, last)})"
    return f"{where}: {shows}, {run.verdict.value}, {run_speed(run, alignment)}, score {run.score:.3f}"


def _hatch(frame: Frame) -> Markup:
    stripe = tag("path", d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", class_="stripe")
    return tag("pattern", stripe, id=f"hatch-{frame.name}", patternUnits="userSpaceOnUse", width=8, height=8)


def _grid(alignment: Alignment, scales: Scales) -> Markup:
    f = scales.frame
    parts = []
    for at_s, text in Clock.of(alignment.ref).ticks(0, scales.ref_s, max(3, (f.right - f.left) // 112)):
        x = scales.x(at_s)
        parts += [
            tag("line", class_="grid", x1=_n(x), x2=_n(x), y1=TOP, y2=f.map_bottom),
            tag("line", class_="grid", x1=_n(x), x2=_n(x), y1=f.score_top, y2=f.score_bottom),
            tag("text", text, x=_n(min(x, f.right - 26)), y=f.map_bottom + 26, text_anchor="start" if x < f.left + 30 else "middle"),
        ]
    for at_s, text in Clock.of(alignment.clip).ticks(scales.clip_from_s, scales.clip_to_s, max(2, f.map_height // 46)):
        y = scales.y(at_s)
        parts += [
            tag("line", class_="grid", x1=f.left, x2=f.right, y1=_n(y), y2=_n(y)),
            tag("text", text, x=f.left - 14, y=_n(y + 3.5), text_anchor="end"),
        ]
    parts.append(tag("text", "clip ↑", class_="axis", x=f.left - 14, y=TOP - 13, text_anchor="end"))
    parts.append(tag("text", "ref →", class_="axis", x=f.left - 14, y=f.map_bottom + 26, text_anchor="end"))
    return tag("g", *parts, class_="ticks", aria_hidden="true")


def _gap(run: Run, alignment: Alignment, scales: Scales) -> Markup:
    f = scales.frame
    a, b = scales.x(float(alignment.ref.time_of(run.ref_first))), scales.x(float(alignment.ref.time_of(run.ref_end)))
    box = {"x": _n(a), "width": _n(max(b - a, 0.8)), "y": TOP, "height": f.map_height}
    label = None
    if b - a > 84:
        label = tag("text", "not in the clip", class_="gap-label", x=_n((a + b) / 2), y=_n(f.map_bottom - 12), text_anchor="middle")
    return tag("g", tag("title", run_title(run, alignment)), tag("rect", **box, class_="gap", fill=f"url(#hatch-{f.name})"), label)


def _line(run: Run, alignment: Alignment, scales: Scales) -> Markup:
    d: list[str] = []
    end: tuple[float, float] | None = None
    for (ra, rb), (ca, cb) in _spans(run, alignment):
        a, b = (scales.x(ra), scales.y(ca)), (scales.x(rb), scales.y(cb))
        if end is None or abs(a[1] - end[1]) > 1.5:
            d.append(f"M{_n(a[0])},{_n(a[1])}")
            end = a
        if abs(b[0] - end[0]) + abs(b[1] - end[1]) >= 0.4 or len(d) == 1:
            d.append(f"L{_n(b[0])},{_n(b[1])}")
            end = b
    path = "".join(d)
    wide = tag("path", d=path, class_="hit") if len(alignment.runs) <= MANY_RUNS else None
    return tag("g", tag("title", run_title(run, alignment)), tag("path", d=path, class_="run"), wide, class_=run.verdict.value)


def _rugs(alignment: Alignment, scales: Scales) -> Markup:
    """Along the axes: what of the ref is found, what of the clip is used."""
    f = scales.frame
    parts = [tag("rect", class_="rug", x=f.left - 8, width=4, y=TOP, height=f.map_height)]
    parts.append(tag("rect", class_="rug", x=f.left, width=f.right - f.left, y=f.map_bottom + 4, height=4))
    for run in alignment.runs:
        if not run.pieces:
            continue
        spans = list(_spans(run, alignment))
        a, b = scales.x(spans[0][0][0]), scales.x(spans[-1][0][1])
        low, high = min(min(c) for _, c in spans), max(max(c) for _, c in spans)
        top, bottom = max(float(TOP), scales.y(high)), min(float(f.map_bottom), scales.y(low))
        kind = run.verdict.value
        parts.append(tag("rect", class_=f"mark {kind}", x=_n(a), width=_n(max(b - a, 0.8)), y=f.map_bottom + 4, height=4))
        parts.append(tag("rect", class_=f"mark {kind}", x=f.left - 8, width=4, y=_n(top), height=_n(max(bottom - top, 0.8))))
    return tag("g", *parts, aria_hidden="true")


def _score_panel(alignment: Alignment, scales: Scales) -> Markup:
    f = scales.frame
    parts: list[Markup] = []
    for value in (0, 1):
        y = f.score_bottom - f.score_height * value
        parts.append(tag("line", class_="grid", x1=f.left, x2=f.right, y1=_n(y), y2=_n(y)))
        parts.append(tag("text", str(value), x=f.left - 14, y=_n(y + 3.5), text_anchor="end"))
    parts.append(tag("text", "score", class_="axis", x=f.left - 14, y=_n(f.score_top + f.score_height / 2 + 3), text_anchor="end"))
    for columns in _score_runs(alignment, scales):
        upper = [f"{_n(x)},{_n(f.score_bottom - f.score_height * high)}" for x, _, high, _ in columns]
        lower = [f"{_n(x)},{_n(f.score_bottom - f.score_height * low)}" for x, low, _, _ in reversed(columns)]
        middle = [f"{_n(x)},{_n(f.score_bottom - f.score_height * mid)}" for x, _, _, mid in columns]
        if len(middle) == 1:
            middle.append(f"{_n(columns[0][0] + 1)}," + middle[0].split(",")[1])
        parts.append(tag("polygon", points=" ".join(upper + lower), class_="band"))
        parts.append(tag("polyline", points=" ".join(middle), class_="score"))
    return tag("g", tag("title", "Scores of the matched frames, 0 to 1"), *parts, class_="ticks")


Column = tuple[float, float, float, float]
"""x, the least, the greatest and the mean score of the frames under it."""


def _score_runs(alignment: Alignment, scales: Scales) -> Iterator[list[Column]]:
    """Stretches of scores without a hole, gathered to columns; a run's own score where its frames have none."""
    scores = frame_scores(alignment)
    step = max(1, -(-alignment.ref.frames // scales.frame.columns))
    for run in alignment.runs:
        if not run.pieces:
            continue
        columns: list[Column] = []
        if all(score is None for score in scores[run.ref_first : run.ref_end]):
            ends = (run.ref_first, run.ref_end)
            yield [(scales.x(float(alignment.ref.time_of(frame))), run.score, run.score, run.score) for frame in ends]
            continue
        for first in range(run.ref_first, run.ref_end, step):
            known = [score for score in scores[first : min(first + step, run.ref_end)] if score is not None]
            if known:
                middle = float(alignment.ref.middle_of(min(first + step // 2, run.ref_end - 1)))
                columns.append((scales.x(middle), min(known), max(known), sum(known) / len(known)))
            elif columns:
                yield columns
                columns = []
        if columns:
            yield columns


def _n(value: float) -> str:
    """A coordinate, to a tenth."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
