"""One frame after the other filled by one method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Camera
from .choosing import choose
from .composing import MOST_STEP, RING_PX, SEEN, Canvas, canvas_of, full_scale, gather, settled, tone_of
from .dense import Dense
from .membrane import spread
from .plate import steadied
from .settings import FillSettings
from .unseen import Unseen, close
from .views import Views, disc, grown, in_view
from .ways import Region, Way, by_camera, camera_way, region_of

THIN_PX = 2
"""Of the view: cracks up to twice this wide, where ways part, are closed from their sides."""


Wanted = Callable[[int], np.ndarray]


@dataclass(frozen=True, eq=False)
class Filled:
    """One frame's fill."""

    canvas: Canvas
    """The part of the frame around the hole, finished."""
    unseen_px: int
    off: float
    """How far the fill was from its surroundings before it was settled, as a share of the range; nan where nothing was to compare."""


class Filler:
    """Fills the frames of a shot by one method; they are best brought in order."""

    def __init__(self, views: Views, camera: Camera, method: str, settings: FillSettings, wanted: Wanted | None = None) -> None:
        """wanted: which part of a frame's hole is filled, (H, W) bool; all of it where it is not given."""
        self._views, self._camera, self._method = views, camera, method
        self._wanted = wanted or views.hole
        self._scale = full_scale(views)
        dense = Dense(views, camera, settings.reach, settings.memory_mb) if method == "flow" else None
        self._ways = dense.ways if dense else by_camera(views, camera, settings.reach)
        self._unseen = Unseen(views, self._scale, dense.way_to if dense else self._anywhere, walks=dense is not None)

    @property
    def painted(self) -> tuple[int, ...]:
        """Frames in which something was painted anew."""
        return tuple(self._unseen.painted_frames)

    def fill(self, frame: int) -> Filled | None:
        """None where the frame has no hole."""
        views, scale = self._views, self._scale
        hole = self._wanted(frame)
        if not hole.any():
            return None
        elsewhere = views.hole(frame) & ~hole
        canvas = canvas_of(scale.get(frame), hole, views.margin_px, max(2, round(RING_PX * scale.stretch)), elsewhere)
        if self._method == "smooth":
            return self._smooth(canvas, frame)
        values, left, off = self._from_sources(frame, canvas)
        canvas.picture[canvas.hole] = values
        unseen = np.zeros_like(canvas.hole)
        unseen[canvas.hole] = left
        thin = unseen & ~_opened(unseen, round(THIN_PX * scale.stretch))
        if (unseen & ~thin).any():
            self._unseen.fill(frame, canvas, unseen & ~thin, thin)
        else:
            close(canvas, thin)
        return Filled(canvas, int(left.sum()), off)

    def _from_sources(self, frame: int, canvas: Canvas) -> tuple[np.ndarray, np.ndarray, float]:
        """Values (N, 3) of the hole, which of them (N,) were seen nowhere, and how far off they were at the ring."""
        scale, count = self._scale, int(canvas.hole.sum())
        region = region_of(self._views, frame, in_view(self._views, grown(self._wanted(frame), self._views.margin_px)))
        ways = list(self._ways(region)) if region is not None and self._method != "still" else []
        picks = choose(region, ways) if region is not None else []
        if region is None or not picks:
            return np.zeros((count, 3), np.float32), np.ones(count, bool), float("nan")
        blocked = region.part(self._views.blocked(frame)) > 0
        tones = {pick.way.source: tone_of(scale, region, pick.way, blocked) for pick in picks}
        at_hole, total = gather(scale, region, picks, canvas.points(canvas.hole), tones, sharp=True)
        at_ring, ring_total = gather(scale, region, picks, canvas.points(canvas.ring), tones, sharp=True)
        if self._method == "plate":
            at_hole = steadied(scale, region, ways, canvas, at_hole, blocked)
        values, off = settled(canvas, at_hole, at_ring, ring_total > SEEN, scale.stretch, MOST_STEP * scale.range, self._method != "plate")
        return values, total < SEEN, off / scale.range

    def _smooth(self, canvas: Canvas, frame: int) -> Filled:
        known = ~grown(canvas.part(self._views.hole(frame)), self._views.margin_px)
        canvas.picture[canvas.hole] = spread(canvas.picture, known)[canvas.hole]
        return Filled(canvas, int(canvas.hole.sum()), float("nan"))

    def _anywhere(self, region: Region, source: int) -> Way | None:
        """By the camera, to a frame however far; what is blocked there is what is looked for."""
        way = camera_way(self._views, self._camera, region, source)
        return Way(way.source, way.matrix, None, np.ones_like(way.fits))


def _opened(where: np.ndarray, radius_px: int) -> np.ndarray:
    """(H, W) bool without what is thinner than a disc."""
    return np.asarray(cv2.morphologyEx(where.astype(np.uint8), cv2.MORPH_OPEN, disc(max(1, radius_px))) > 0)
