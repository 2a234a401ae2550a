"""The cadence of footage as a page: shot by shot which frames repeat, where in the picture drawings are held for how long, what is chosen."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..alignment import Media
from ..retime.cadence import LONGEST, NAMES, Cadence, boxes_for
from ..retime.scan import Scan
from .bits import frames_of, tc
from .cadence_charts import CSS, film_strip, picture_map, shot_strip, tone
from .clock import Clock, seconds_words
from .markup import Markup, join, tag
from .sections import base_name
from .shell import shell

MOST_SHOTS = 150
"""So many shots are drawn; the .csv and .json hold all."""
_MOST_SPANS = 18


def cadence_page(media: Media, seen: Scan, version: str = "") -> str:
    """The whole page, one HTML file. Needs nothing but what the first look has found; no picture is opened."""
    name = base_name(media.path)
    clock = Clock.of(media)
    drawn = seen.cadences[:MOST_SHOTS]
    rest = len(seen.cadences) - len(drawn)
    body = tag(
        "main",
        tag("header", tag("p", tag("b", "genlock"), " ", tag("bdi", name), class_="kind"), tag("h1", _summary(seen)), _figures(seen)),
        tag("section", tag("h2", "The film"), tag("p", _LEAD, class_="lead"), _legend(seen), tag("figure", film_strip(seen.cadences, seen.cuts))),
        tag("section", tag("h2", "Shots"), *(_shot(seen, cadence, clock) for cadence in drawn)),
        tag("p", f"{rest} more stretches are left out here; the .csv and .json outputs hold all.", class_="lead") if rest > 0 else None,
    )
    return shell(f"{name}: cadence by genlock", version, [body], css=CSS)


_LEAD = (
    "How long drawings are held, over time. In each shot's picture the colour says for how many frames drawings stay as they are in that part; "
    "in its rows, a bar stands at each frame in which drawings change that were held so long. "
    "Hollow frames repeat the one before; --dedup only drops them."
)


def _summary(seen: Scan) -> str:
    count = Counter(cadence.name for cadence in seen.cadences for _ in range(cadence.first, cadence.end))
    name = count.most_common(1)[0][0]
    mostly = "" if len(count) == 1 else "Mostly "
    said = f"{mostly}{name}; " if mostly else f"{name[:1].upper()}{name[1:]}; "
    return f"{said}{len(seen.repeats)} of {frames_of(seen.beats.frames)} repeat the one before."


def _figures(seen: Scan) -> Markup:
    total = seen.beats.frames
    rate = "varies" if seen.beats.varies else f"{float(seen.beats.rate):.6g}"
    cells: list[tuple[str, Any, str]] = [
        ("Frames", total, f"{seconds_words(seen.beats.length_s)}"),
        ("Frames a second", rate, ""),
        ("New frames", total - len(seen.repeats), f"{100 * (total - len(seen.repeats)) / total:.0f} %"),
        ("Repeats", len(seen.repeats), f"{100 * len(seen.repeats) / total:.0f} %"),
        ("Cuts", len(seen.cuts), ""),
    ]
    told = [tag("div", tag("dt", name), tag("dd", value, " ", tag("small", more) if more else None)) for name, value, more in cells]
    return tag("dl", *told, class_="figures")


def _legend(seen: Scan) -> Markup:
    used = sorted({h for cadence in seen.cadences for h in range(1, LONGEST + 1) if cadence.parts[h - 1] > 0})
    names = [(NAMES[h], tone(h)) for h in used] + [("camera or nothing", tone(0))]
    square = [tag("span", tag("svg", tag("rect", class_=kind, width=12, height=12, rx=2), width=12, height=12), name) for name, kind in names]
    return tag("p", *square, class_="legend")


def _shot(seen: Scan, cadence: Cadence, clock: Clock) -> Markup:
    number = sum(cut <= cadence.first for cut in seen.cuts) + 1
    last = cadence.end - 1
    head = tag("h3", f"Shot {number}: {cadence.name}", " ", tag("span", tc(clock.span(cadence.first, last)), class_="soft"))
    return tag("div", head, _said(cadence), tag("figure", picture_map(cadence), shot_strip(cadence), class_="pair"), class_="shot")


def _said(cadence: Cadence) -> Markup:
    """What was found in a shot, and what follows from it."""
    count = cadence.end - cadence.first
    parts = [f"{NAMES[h]} {100 * cadence.parts[h - 1]:.0f} %" for h in range(1, LONGEST + 1) if cadence.parts[h - 1] >= 0.005]
    boxes = boxes_for(cadence.holds)
    made = f"motion averaged over {' and '.join(str(box) for box in boxes)} frames" if boxes else "no average"
    said = [
        f"frames {cadence.first} to {cadence.end - 1}, {frames_of(count)}",
        f"drawings {', '.join(parts)}" if parts else "nothing is drawn anew",
        "the camera moves" if cadence.camera else "no camera move",
        f"by the method auto {made}, by multipass n-forward {cadence.n_forward}",
    ]
    if cadence.pattern:
        said.append(f"whole frames repeat in the rhythm {':'.join(str(n) for n in cadence.pattern)}")
    said.append(f"{len(cadence.repeats)} repeat: {_spans(cadence.repeats)}" if cadence.repeats else "no whole frame repeats")
    return tag("p", join("; ".join(said)), ".", class_="said")


def _spans(frames: tuple[int, ...]) -> str:
    """Numbers as ranges."""
    out: list[list[int]] = []
    for frame in frames:
        if out and frame == out[-1][1] + 1:
            out[-1][1] = frame
        else:
            out.append([frame, frame])
    said = [str(a) if a == b else f"{a}–{b}" for a, b in out[:_MOST_SPANS]]
    return ", ".join(said) + (f" and {len(out) - _MOST_SPANS} more" if len(out) > _MOST_SPANS else "")
