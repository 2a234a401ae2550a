"""Pixels that no frame shows: painted in one frame, and carried from it to the others, so that they do not flicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from .composing import MOST_STEP, Canvas, Scale, settled, tone_of
from .exemplar import painted
from .membrane import spread
from .sampling import at_points, moved
from .views import Views, disc, grown, in_view, shown
from .ways import Region, Way, region_of, ring, seen

CONTEXT = 0.75
"""Of the longer side of what is painted: how much of the picture around it is searched for like texture."""
LEAST_CONTEXT_PX = 24
"""Of the view."""
RING_PX = 4
"""Of the view: where a painting overlaps what is known, so that it can be settled into it."""
KEPT = 6
"""Paintings that are carried on."""
AGAIN = 16
"""A painting that came by flow over so many frames is taken up anew from where it arrived: longer walks lose their way."""

def close(canvas: Canvas, cracks: np.ndarray) -> None:
    """Fill (H, W) bool of a canvas from what is beside it, in place."""
    if cracks.any():
        canvas.picture[cracks] = spread(canvas.picture, ~cracks)[cracks]


WayTo = Callable[[Region, int], Way | None]


@dataclass(frozen=True, eq=False)
class Painting:
    """Part of one finished frame, and which of its pixels were painted."""

    frame: int
    top: int
    left: int
    picture: np.ndarray
    """(H, W, 3) float32."""
    mine: np.ndarray
    """(H, W) uint8, 255 where painted."""


class Unseen:
    """The paintings of a shot; frames are brought in order."""

    def __init__(self, views: Views, scale: Scale, way_to: WayTo, walks: bool) -> None:
        """walks: the ways are walked step by step, so long ones wear off."""
        self._views, self._scale, self._way_to, self._walks = views, scale, way_to, walks
        self._paintings: list[Painting] = []
        self.painted_frames: list[int] = []

    def fill(self, frame: int, canvas: Canvas, left: np.ndarray, later: np.ndarray) -> None:
        """Fill what is left, (H, W) bool of the canvas, in place.

        later  (H, W) bool: cracks, closed from their sides at the end, before anything is kept to be carried on; the rest of the canvas is finished
        """
        carried_far = False
        remaining = left.copy()
        for painting in sorted(self._paintings, key=lambda p: abs(p.frame - frame)):
            if not remaining.any():
                break
            done = self._carry(frame, canvas, remaining, later, painting)
            carried_far |= bool(done.any()) and abs(painting.frame - frame) >= AGAIN
            remaining &= ~done
        if remaining.any():
            self._paint(frame, canvas, remaining, later)
            self.painted_frames.append(frame)
        close(canvas, later)
        if remaining.any() or (carried_far and self._walks):
            self._keep(frame, canvas, left)

    def _carry(self, frame: int, canvas: Canvas, remaining: np.ndarray, later: np.ndarray, painting: Painting) -> np.ndarray:
        """(H, W) bool: what was taken from a painting."""
        nothing = np.zeros_like(remaining)
        region = region_of(self._views, frame, self._in_view(canvas, remaining))
        way = self._way_to(region, painting.frame) if region is not None else None
        if region is None or way is None:
            return nothing
        points = canvas.points(remaining)
        places, inside = self._on(painting, region, way, points)
        ok = inside & (at_points(painting.mine, places)[:, 0] > 127)
        if not ok.any():
            return nothing
        done = nothing
        done[remaining] = ok
        blocked = region.part(self._views.blocked(frame)) > 0
        grid = way.places(region, region.grid.reshape(-1, 2)).reshape(region.grid.shape)
        tone = tone_of(self._scale, region, replace(way, fits=way.fits & seen(self._views, painting.frame, grid)), blocked)
        around = self._around(frame, canvas, done, remaining | later)
        ring_places, ring_inside = self._on(painting, region, way, around.points(around.ring))
        values, _ = settled(
            around, tone(at_points(painting.picture, places[ok], sharp=True)), tone(at_points(painting.picture, ring_places)), ring_inside,
            self._scale.stretch, MOST_STEP * self._scale.range,
        )  # fmt: skip
        canvas.picture[done] = values
        return done

    def _on(self, painting: Painting, region: Region, way: Way, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frame pixels (N, 2) as pixels of a painting, and whether they lie in it."""
        places = self._scale.places(region, way, points) - [painting.left, painting.top]
        h, w = painting.mine.shape
        inside = (places >= 0).all(1) & (places[:, 0] <= w - 1) & (places[:, 1] <= h - 1)
        fits = at_points(way.fits.astype(np.float32), region.local(moved(self._scale.to_view, points)))[:, 0] > 0.5
        return places, inside & fits

    def _around(self, frame: int, canvas: Canvas, done: np.ndarray, remaining: np.ndarray) -> Canvas:
        """The canvas as what is being filled sees it: around it lies what is finished, the margin of the mask left out."""
        near = ring(done, 0, max(2, round(RING_PX * self._scale.stretch))) & ~remaining & ~self._margin(frame, canvas)
        return Canvas(canvas.top, canvas.left, done, near, canvas.picture)

    def _margin(self, frame: int, canvas: Canvas) -> np.ndarray:
        """(H, W) bool: beside what is filled, not to be trusted."""
        return grown(canvas.part(self._views.hole(frame)), self._views.margin_px) & ~canvas.hole

    def _in_view(self, canvas: Canvas, where: np.ndarray) -> np.ndarray:
        whole = np.zeros(self._views.hw, bool)
        canvas.part(whole)[...] = where
        return in_view(self._views, whole)

    def _paint(self, frame: int, canvas: Canvas, remaining: np.ndarray, later: np.ndarray) -> None:
        """Paint a little more than is left, and settle it into what it overlaps."""
        stretch = self._scale.stretch
        wide = max(2, round(RING_PX * stretch))
        picture = self._scale.get(frame).astype(np.float32)
        h, w = remaining.shape
        at = np.s_[canvas.top : canvas.top + h, canvas.left : canvas.left + w]
        picture[at] = canvas.picture
        hole = np.zeros(picture.shape[:2], np.uint8)
        hole[at] = remaining
        x, y, w, h = cv2.boundingRect(hole)
        pad = round(max(CONTEXT * max(w, h), LEAST_CONTEXT_PX * stretch))
        part = np.s_[max(0, y - pad) : y + h + pad, max(0, x - pad) : x + w + pad]
        margin = self._views.hole(frame).astype(np.uint8)
        margin[at] = self._margin(frame, canvas) | later
        gone = cv2.dilate(hole[part] | margin[part], disc(wide)) > 0
        asked = Canvas(max(0, y - pad), max(0, x - pad), hole[part] > 0, gone & (hole[part] == 0) & (margin[part] == 0), picture[part])
        fill = painted(picture[part], self._look(picture[part]), gone)
        values, _ = settled(
            asked, fill[asked.hole], fill[asked.ring], np.ones(int(asked.ring.sum()), bool), stretch, MOST_STEP * self._scale.range
        )
        picture[part][asked.hole] = values
        canvas.picture[remaining] = picture[at][remaining]

    def _look(self, picture: np.ndarray) -> np.ndarray:
        dtype = self._scale.get(self._views.first).dtype
        return shown(picture if dtype == np.float32 else np.clip(picture, 0, self._scale.range).astype(dtype))

    def _keep(self, frame: int, canvas: Canvas, left: np.ndarray) -> None:
        pad = round(2 * RING_PX * self._scale.stretch)
        x, y, w, h = cv2.boundingRect(left.astype(np.uint8))
        part = np.s_[max(0, y - pad) : y + h + pad, max(0, x - pad) : x + w + pad]
        mine = left[part] * np.uint8(255)
        self._paintings.append(Painting(frame, canvas.top + max(0, y - pad), canvas.left + max(0, x - pad), canvas.picture[part].copy(), mine))
        del self._paintings[:-KEPT]
