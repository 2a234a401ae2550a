"""The clip's outline drawn in the ref's frame, one drawing for each way of lying there."""

from __future__ import annotations

from dataclasses import dataclass

from ..alignment import Alignment, Key, Run
from .markup import Markup, join, tag
from .place import SAME_PX, Place, apart_px, placed

MOST = 12
"""So many ways of lying are drawn; the rest are counted."""


@dataclass(frozen=True)
class Lying:
    """One way in which the picture lies in the ref, and the runs that share it."""

    keys: tuple[Key, ...]
    runs: tuple[int, ...]
    """Their numbers, counted from 1 over all runs."""
    model: str


def ways(alignment: Alignment) -> list[Lying]:
    """The distinct transforms, most frames first; runs share one where no corner differs by a twentieth of a pixel."""
    found: list[tuple[tuple[Key, ...], list[int], int, str]] = []
    for number, run in enumerate(alignment.runs, 1):
        if not run.transform:
            continue
        at = next((n for n, (keys, *_) in enumerate(found) if _same(keys, run, alignment)), None)
        if at is None:
            found.append((run.transform, [number], run.ref_count, run.model))
        else:
            keys, runs, frames, model = found[at]
            found[at] = (keys, [*runs, number], frames + run.ref_count, model)
    found.sort(key=lambda way: -way[2])
    return [Lying(keys, tuple(runs), model) for keys, runs, _, model in found]


def _same(keys: tuple[Key, ...], run: Run, alignment: Alignment) -> bool:
    """Whether a run lies still, and lies where these keys, which lie still too, have it."""
    if len(keys) > 1 or len(run.transform) > 1:
        return False
    return apart_px(keys[0].matrix, run.transform[0].matrix, alignment.clip) <= SAME_PX


def outline(way: Lying, alignment: Alignment, words: str) -> Markup:
    """The ref's frame with the clip's picture in it; of a moving one, where it is first, last, and some between."""
    ref, clip = alignment.ref, alignment.clip
    step = max(1, -(-len(way.keys) // 9))
    keys = [*way.keys[:-1:step], way.keys[-1]]
    places = [place for key in keys if (place := placed(key.matrix, clip, ref)) is not None]
    wide = float(ref.sample_aspect) or 1.0
    x0, y0, x1, y1 = _view(places, ref.width, ref.height)
    unit = (x1 - x0) * wide / 240
    frame = tag("rect", class_="ref-frame", x=0, y=0, width=round(ref.width * wide, 2), height=ref.height)
    shapes = [_shape(place, wide, "clip-frame" if n in (0, len(places) - 1) else "clip-frame between") for n, place in enumerate(places)]
    label = tag("text", "ref", class_="tag", x=0, y=round(ref.height + 14 * unit, 1), font_size=round(11 * unit, 1))
    y1 = max(y1, ref.height + 20 * unit)
    box = f"{x0 * wide:.1f} {y0:.1f} {(x1 - x0) * wide:.1f} {y1 - y0:.1f}"
    title = tag("title", f"The clip's outline in the ref's frame: {words}")
    return tag("svg", title, frame, join(shapes), label, viewBox=box, class_="outline", role="img")


def _shape(place: Place, wide: float, kind: str) -> Markup:
    """A picture's outline, its top left corner marked, so that a mirrored or turned one is seen to be so."""
    points = [(x * wide, y) for x, y in place.corners]
    (ax, ay), (bx, by), _, (dx, dy) = points
    u = 0.14
    arm = min(abs(bx - ax) + abs(by - ay), abs(dx - ax) + abs(dy - ay)) * u
    along = arm / max(1e-9, abs(bx - ax) + abs(by - ay))
    down = arm / max(1e-9, abs(dx - ax) + abs(dy - ay))
    corner = [(ax + (bx - ax) * along, ay + (by - ay) * along), (ax, ay), (ax + (dx - ax) * down, ay + (dy - ay) * down)]
    return tag("g", tag("polygon", points=_points(points)), tag("polygon", points=_points(corner), class_="corner"), class_=kind)


def _view(places: list[Place], width: int, height: int) -> tuple[float, float, float, float]:
    """The ref's frame and what of the pictures lies near it, with a margin: no more than one ref frame beyond on each side."""
    xs = [x for place in places for x, _ in place.corners]
    ys = [y for place in places for _, y in place.corners]
    margin = 0.03 * max(width, height)
    x0, x1 = max(-width, min([0.0, *xs])), min(2.0 * width, max([float(width), *xs]))
    y0, y1 = max(-height, min([0.0, *ys])), min(2.0 * height, max([float(height), *ys]))
    return x0 - margin, y0 - margin, x1 + margin, y1 + margin


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
