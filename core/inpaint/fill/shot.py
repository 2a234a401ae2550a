"""A span of frames filled, shot by shot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from ...errors import UsageError
from ...progress import Progress
from .camera import Camera
from .filling import Filled, Filler
from .foreseeing import best, foreseen
from .report import FillReport, ShotReport
from .settings import FillSettings
from .views import Frames, Masks, Views

Out = Callable[[int, np.ndarray], None]
UNSURE = 0.06
"""Of the range: a fill that misses its surroundings by this before it is settled is shown to a person."""
TEST_SHARE = 0.4
"""Of the progress."""
UNTESTED = "flow"
"""The method of a shot in which nothing could be tested: the one that assumes least."""


def fill_shot(
    frames: Frames, masks: Masks, out: Out, span: range, cuts: Sequence[int] = (), settings: FillSettings = FillSettings(),
    progress: Progress = Progress(),
) -> FillReport:  # fmt: skip
    """Fill every frame's masked pixels from the other frames of its shot, and hand the frames out in order.

    frames  (H, W, 3) RGB uint8, uint16, or float32 scene-linear, by number; asked for again and again within reach
    masks   (H, W) uint8 by number; what is not 0 is filled
    out     called once a frame, in order: as it came outside the mask, bit by bit, and in its own depth
    span    frame numbers, one after the other
    cuts    first frames of shots after the first: nothing is taken from across
    Memory: settings.memory_mb of frames, some views of them, and what one hole needs; whatever the length.
    Raises UsageError: an empty span or one with gaps, frames or masks of another size or depth; Cancelled.
    """
    shots = []
    for first, end, part in _shots(span, cuts, progress):
        shots.append(_filled_shot(frames, masks, out, first, end, settings, part))
    return FillReport(tuple(shots))


def foresee(
    frames: Frames, masks: Masks, span: range, cuts: Sequence[int] = (), settings: FillSettings = FillSettings(), progress: Progress = Progress()
) -> FillReport:
    """What to expect, before anything is filled: each shot's method and PSNR. Raises as fill_shot does."""
    shots = []
    for first, end, part in _shots(span, cuts, progress):
        views = Views(frames, masks, first, end, settings.margin_px, settings.memory_mb)
        holes = _holes(views)
        method, expected = _method(views, Camera(views), [n for n, count in holes.items() if count], settings, part)
        shots.append(ShotReport(first, end - 1, method, expected, sum(holes.values())))
    return FillReport(tuple(shots))


def _shots(span: range, cuts: Sequence[int], progress: Progress) -> Iterator[tuple[int, int, Progress]]:
    if not len(span) or span.step != 1:
        raise UsageError(f"the frames {span} are no span", "give at least one frame, and leave none out")
    bounds = sorted({span.start, span.stop, *(cut for cut in cuts if span.start < cut < span.stop)})
    for first, end in pairwise(bounds):
        yield first, end, progress.part((first - span.start) / len(span), (end - first) / len(span))


def _filled_shot(frames: Frames, masks: Masks, out: Out, first: int, end: int, settings: FillSettings, progress: Progress) -> ShotReport:
    views = Views(frames, masks, first, end, settings.margin_px, settings.memory_mb)
    holes = _holes(views)
    camera = Camera(views)
    method, expected = _method(views, camera, [n for n, count in holes.items() if count], settings, progress.part(0, TEST_SHARE))
    filler = Filler(views, camera, method, settings)
    unseen, unsure = 0, []
    for n in range(first, end):
        progress.at(TEST_SHARE + (1 - TEST_SHARE) * (n - first) / (end - first), "filling from the other frames")
        filled = filler.fill(n) if holes[n] else None
        if filled is None:
            out(n, views.full(n))
            continue
        unseen += filled.unseen_px
        if filled.off > UNSURE:
            unsure.append(n)
        out(n, _finished(views.full(n), filled))
    progress.at(1.0, "filled")
    return ShotReport(first, end - 1, method, expected, sum(holes.values()), unseen, filler.painted, tuple(unsure))


def _holes(views: Views) -> dict[int, int]:
    """Masked pixels by frame."""
    return {n: int(views.hole(n).sum()) for n in range(views.first, views.end)}


def _method(views: Views, camera: Camera, masked: list[int], settings: FillSettings, progress: Progress) -> tuple[str, dict[str, float]]:
    """The method, and what was foreseen of each."""
    if not masked:
        return "", {}
    if settings.method != "auto":
        return settings.method, {}
    expected = foreseen(views, camera, masked, settings, progress)
    return (best(expected) if expected else UNTESTED), expected


def _finished(picture: np.ndarray, filled: Filled) -> np.ndarray:
    """A copy of the frame with the hole's pixels put in, in its own depth."""
    canvas, out = filled.canvas, picture.copy()
    part = canvas.part(out)
    values = canvas.picture[canvas.hole]
    if picture.dtype != np.float32:
        values = np.clip(np.rint(values), 0, np.iinfo(picture.dtype).max)
    part[canvas.hole] = values.astype(picture.dtype)
    return out
