"""What each method would do on this shot, found by doing it where the truth is known.

The hole of every frame is moved aside, to a place that lies free; that too is then hidden, filled by each method, and held against what was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...progress import Progress
from .camera import Camera
from .filling import Filler, Wanted
from .settings import REAL, FillSettings
from .views import Views, grown, shown
from .ways import ring

TARGETS = 6
"""Frames that are filled and judged."""
LEAST_SHARE = 0.25
"""Of the hole's area: what a place has to offer to be tested in."""
PLACES = 3
"""Where they are judged; the more it is like the true one, the more a place counts."""
AROUND_PX, APART = 12, 4
"""What is compared of two places: so wide a ring of the view, and frames so far apart."""
CLOSE_DB = 0.5
"""Methods nearer than this are equally good."""
CLEAR_DB = 1.0
"""So much may be chance, in so few tests."""
MOST_DB = 60.0
ORDER = ("camera", "plate", "smooth", "still", "flow")
"""Cheap ones first."""
GOOD_DB = 36.0
MEETS = 0.012
"""Of the range: a fill that is no further off its surroundings meets them."""


@dataclass(frozen=True)
class Judged:
    """One frame's moved hole, filled and held against the truth."""

    likeness: float
    """0 to 1: how much its place is like the true one."""
    squares: float
    """Sum of the squared error over what was judged, the mean of the channels, 8-bit."""
    count: int
    """Pixels judged."""


def foreseen(views: Views, camera: Camera, frames: list[int], settings: FillSettings, progress: Progress = Progress()) -> dict[str, float]:
    """PSNR in dB by method; empty where the hole finds no other place.

    frames  those with a hole
    """
    targets = [frames[k] for k in sorted(set(np.linspace(0, len(frames) - 1, TARGETS + 2)[1:-1].round().astype(int)))]
    places = _places(views, targets)
    if not places:
        return {}
    settings = replace(settings, memory_mb=max(1, settings.memory_mb // len(places)))
    hidden = [_hidden(views, place, settings) for place in places]
    likeness = [_likeness(views, camera, target, places[n % len(places)]) for n, target in enumerate(targets)]
    found: dict[str, list[Judged]] = {}
    for k, method in enumerate(ORDER):
        fillers = [Filler(view, camera, method, settings, _aside(views, place)) for view, place in zip(hidden, places, strict=True)]
        found[method] = []
        for n, target in enumerate(targets):
            progress.at((k + n / len(targets)) / len(ORDER), "testing how well it can be filled")
            found[method] += _judged(views, fillers[n % len(places)], target, likeness[n])
        if method == "plate" and _settled_already(found, Filler(views, camera, "camera", settings), targets):
            break
    return {method: over_all(tests) for method, tests in found.items() if tests}


def _settled_already(found: dict[str, list[Judged]], camera: Filler, targets: list[int]) -> bool:
    """Whether the camera explains all there is to see, about the true hole too; the dearer methods are then not tried."""
    if not found["camera"] or over_all(found["camera"]) < GOOD_DB:
        return False
    offs = [filled.off for filled in map(camera.fill, targets) if filled is not None]
    return bool(offs) and bool(np.max(offs) < MEETS)


def over_all(tests: list[Judged]) -> float:
    """PSNR in dB of the mean error; a test counts by its pixels, and by how like the true place its own was.

    The errors themselves are averaged. The mean of decibels forgives a method that fails in one frame what it does well in the others; in the mean of
    squares a single place that somebody walks through decides everything.
    """
    weights = np.array([test.likeness * test.count for test in tests])
    errors = np.sqrt([test.squares / max(test.count, 1) for test in tests])
    return _psnr(float(np.average(errors, weights=weights)) ** 2)


def _likeness(views: Views, camera: Camera, target: int, place: tuple[int, int]) -> float:
    """0 to 1: how much a place is like the true one, by what goes on around them that the camera does not explain."""
    hole = views.hole(target)
    true, other = (_unrest(views, camera, target, where) for where in (hole, shifted(hole, place)))
    return max((min(true, other) / max(true, other)) ** 2, 1e-3)


def _unrest(views: Views, camera: Camera, target: int, hole: np.ndarray) -> float:
    """Grey levels, and one: how a frame differs, around a hole, from its neighbours brought into place."""
    small = cv2.resize(hole.astype(np.uint8), views.view_wh, interpolation=cv2.INTER_AREA)
    around = ring(small > 0, 1, AROUND_PX) & (views.blocked(target) == 0)
    off = []
    for other in (target - APART, target + APART):
        if views.first <= other < views.end:
            matrix = camera.matrix(target, other)
            grey, blocked = (
                cv2.warpPerspective(picture, matrix, views.view_wh, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=edge)
                for picture, edge in ((views.grey(other), 0), (views.blocked(other), 255))
            )
            seen = around & (blocked == 0)
            if seen.any():
                off.append(float(cv2.absdiff(views.grey(target), grey)[seen].mean()))
    return 1 + (float(np.mean(off)) if off else 0.0)


def best(expected: dict[str, float]) -> str:
    """The best of those that show what other frames show, and of these about equally good the one that keeps most of it; what shows none of it
    has to be clearly better."""
    most = max(expected, key=lambda method: expected[method])
    real = {method: expected[method] for method in REAL if method in expected}
    if not real or max(real.values()) < expected[most] - CLEAR_DB:
        return most
    return next(method for method, value in real.items() if value >= max(real.values()) - CLOSE_DB)


def _judged(views: Views, filler: Filler, target: int, likeness: float) -> list[Judged]:
    """One test; none where the moved hole lies outside."""
    filled = filler.fill(target)
    if filled is None:
        return []
    canvas = filled.canvas
    judged = canvas.hole
    off = _eight_bit(canvas.picture[judged], views.dtype) - _eight_bit(canvas.part(views.full(target))[judged], views.dtype)
    return [Judged(likeness, float((off**2).mean(1).sum()), len(off))]


def _eight_bit(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype == np.float32:
        return shown(values.astype(np.float32)).astype(float)
    return np.clip(values.astype(float) * (255 / np.iinfo(dtype).max), 0, 255)


def _psnr(mean_square: float) -> float:
    return float(min(MOST_DB, 10 * np.log10(255**2 / max(mean_square, 1e-9))))


def _aside(views: Views, place: tuple[int, int]) -> Wanted:
    """The moved hole alone, and of it only what lies clear of the true one: it is all that is judged."""
    return lambda number: shifted(views.hole(number), place) & ~grown(views.hole(number), views.margin_px + 1)


def _hidden(views: Views, place: tuple[int, int], settings: FillSettings) -> Views:
    """The shot with the moved hole hidden too."""

    def masks(number: int) -> np.ndarray:
        hole = views.hole(number)
        return np.asarray((hole | shifted(hole, place)) * np.uint8(255))

    hidden = Views(views.full, masks, views.first, views.end, views.margin_px, settings.memory_mb)
    hidden.view, hidden.grey = views.view, views.grey
    return hidden


def shifted(hole: np.ndarray, by_xy: tuple[int, int]) -> np.ndarray:
    """(H, W) bool shifted by whole pixels; nothing comes in."""
    (dx, dy), (h, w) = by_xy, hole.shape
    out = np.zeros_like(hole)
    if abs(dx) < w and abs(dy) < h:
        out[max(0, dy) : h + min(0, dy), max(0, dx) : w + min(0, dx)] = hole[max(0, -dy) : h + min(0, -dy), max(0, -dx) : w + min(0, -dx)]
    return out


def _places(views: Views, targets: list[int]) -> list[tuple[int, int]]:
    """The shifts that show most of the moved hole, over all targets: pixels right, pixels down."""
    boxes = [cv2.boundingRect(views.hole(t).astype(np.uint8)) for t in targets]
    gap = 4 + 2 * views.margin_px
    wide, high = max(b[2] for b in boxes) + gap, max(b[3] for b in boxes) + gap
    area = sum(int(views.hole(t).sum()) for t in targets)
    rated = []
    for shift in _shifts(wide, high):
        free = 0
        for t in targets:
            hole = views.hole(t)
            free += int((shifted(hole, shift) & ~hole).sum())
        if free >= LEAST_SHARE * area:
            rated.append((free, shift))
    rated.sort(key=lambda r: -r[0])
    return [shift for free, shift in rated[:PLACES] if free >= 0.6 * rated[0][0]]


def _shifts(wide: int, high: int) -> Iterator[tuple[int, int]]:
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
        yield dx * wide, dy * high
