"""What each method would do on this shot, found by doing it where the truth is known.

The hole of every frame is moved aside, to a place that lies free; that too is then hidden, filled by each method, and held against what was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
MOST_DB = 60.0
ORDER = ("camera", "plate", "smooth", "still", "flow")
"""Cheap ones first."""
GOOD_DB = 36.0
MEETS = 0.012
"""Of the range: a fill that is no further off its surroundings meets them."""


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
    found: dict[str, list[tuple[float, float]]] = {}
    for k, method in enumerate(ORDER):
        fillers = [Filler(view, camera, method, settings, _aside(views, place)) for view, place in zip(hidden, places, strict=True)]
        found[method] = []
        for n, target in enumerate(targets):
            progress.at((k + n / len(targets)) / len(ORDER), "testing how well it can be filled")
            place_of = n % len(places)
            error = _judged(views, fillers[place_of], target)
            if error is not None:
                found[method].append((likeness[n], _psnr(error)))
        if method == "plate" and _settled_already(found, Filler(views, camera, "camera", settings), targets):
            break
    return {method: _over_all(tests) for method, tests in found.items() if tests}


def _settled_already(found: dict[str, list[tuple[float, float]]], camera: Filler, targets: list[int]) -> bool:
    """Whether the camera explains all there is to see, about the true hole too; the dearer methods are then not tried."""
    if not found["camera"] or _over_all(found["camera"]) < GOOD_DB:
        return False
    offs = [filled.off for filled in map(camera.fill, targets) if filled is not None]
    return bool(offs) and bool(np.max(offs) < MEETS)


def _over_all(tests: list[tuple[float, float]]) -> float:
    """The mean of the decibels, by how like the true one each test was."""
    weights, values = np.array(tests).T
    return float(np.average(values, weights=weights))


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
    """Of those about equally good, the one that keeps most of what the footage shows; what shows none of it has to be better."""
    most = max(expected, key=lambda method: expected[method])
    return next((method for method in REAL if expected.get(method, -1.0) >= expected[most] - CLOSE_DB), most)


def _judged(views: Views, filler: Filler, target: int) -> float | None:
    """Mean square of the error, 8-bit; None where the moved hole lies outside."""
    filled = filler.fill(target)
    if filled is None:
        return None
    canvas = filled.canvas
    judged = canvas.hole
    truth = _eight_bit(canvas.part(views.full(target))[judged], views.dtype)
    return float(((_eight_bit(canvas.picture[judged], views.dtype) - truth) ** 2).mean()) if truth.size else None


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
