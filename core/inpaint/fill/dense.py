"""Motion of every pixel, where the camera's is not all: what stands nearer moves further.

Dense inverse search flow (DIS, Kroeger et al., ECCV 2016) between views whose holes are filled by the camera first. Inside the hole, and
wherever there and back again do not meet, the flow is the camera's plus what its surroundings differ from it, spread as a membrane. The
other order, flow around an empty hole, misplaces everything within twenty pixels of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from ...dis import searcher
from ...threads import both
from .camera import Camera
from .choosing import choose
from .composing import gather, tone_of, view_scale
from .membrane import spread
from .sampling import moved
from .views import Kept, Views
from .ways import Region, Way, Ways, by_camera, region_of, seen, sources

REACH_PX = 40
"""Of the view, around the hole: how far the flow is checked and mended."""
MEET_PX = 1.0
"""There and back again may miss by this."""
DRIFT_PX = 2.0
"""All steps of a walk together, as errors of chance add up: the root of their squares."""


class Dense:
    """Flow between views of a shot, and the walks along it."""

    def __init__(self, views: Views, camera: Camera, reach: int, memory_mb: float) -> None:
        self._views, self._camera, self._reach = views, camera, reach
        self._by_camera = by_camera(views, camera, reach)
        self._filled = Kept(self._prefilled, memory_mb * 2**20 / 16)
        self._flows = Kept(self._pair, memory_mb * 2**20 / 2)
        w, h = views.view_wh
        self._grid = np.stack(np.meshgrid(np.arange(w), np.arange(h)), -1).astype(float)

    def rest(self, frame: int, step: int) -> np.ndarray:
        """(h, w, 2) float16: of the flow to the next frame (step 1) or the one before (-1), what the camera does not say."""
        return self._flows(min(frame, frame + step))[0 if step > 0 else 1]

    def ways(self, region: Region) -> Iterator[Way]:
        """Both ways in time at once, until all of the hole has been seen or the reach is used up."""
        wanted = set(sources(self._views, region.frame, self._reach))
        unseen = region.hole.copy()
        walks = [self._walk(region, step) for step in (1, -1)]
        while walks and unseen.any():
            for walk in list(walks):
                way = next(walk, None)
                if way is None:
                    walks.remove(walk)
                elif way.source in wanted:
                    unseen &= ~way.fits
                    yield way

    def way_to(self, region: Region, source: int) -> Way | None:
        """To one frame, for what was painted there: a walk that loses its way a little is better than a painting anew. None where none gets there."""
        for way in self._walk(region, 1 if source > region.frame else -1, around=True):
            if way.source == source:
                return way
        return None

    def _walk(self, region: Region, step: int, around: bool = False) -> Iterator[Way]:
        views, frame, places = self._views, region.frame, region.grid
        ok, drift = np.ones(places.shape[:2], bool), np.zeros(places.shape[:2], np.float32)
        last = max(views.first, frame - self._reach) if step < 0 else min(views.end - 1, frame + self._reach)
        for now in range(frame, last, step):
            to = self._moved(now, step, places)
            there = self._moved(now + step, -step, to)
            missed = ((there - places) ** 2).sum(-1)
            drift = drift + missed.astype(np.float32)
            ok = ok & ((drift < DRIFT_PX**2) | around) & _inside(to, views.view_wh)
            if not ok.any():
                return
            places = to
            matrix = self._camera.matrix(frame, now + step)
            by_matrix = moved(matrix, region.grid)
            fits = ok if around else ok & seen(views, now + step, places)
            yield Way(now + step, matrix, (places - by_matrix).astype(np.float32), fits)

    def _moved(self, frame: int, step: int, places: np.ndarray) -> np.ndarray:
        to = moved(self._camera.matrix(frame, frame + step), places)
        p = places.astype(np.float32)
        rest = self.rest(frame, step)
        low = np.clip(np.floor(p.reshape(-1, 2).min(0)).astype(int), 0, [rest.shape[1] - 1, rest.shape[0] - 1])
        high = np.clip(np.ceil(p.reshape(-1, 2).max(0)).astype(int) + 2, low + 1, [rest.shape[1], rest.shape[0]])
        part = rest[low[1] : high[1], low[0] : high[0]].astype(np.float32)
        p = p - low.astype(np.float32)
        return np.asarray(to + cv2.remap(part, p[..., 0], p[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _pair(self, n: int) -> np.ndarray:
        """(2, h, w, 2) float16: what the camera does not say, n to n + 1 and back."""
        a, b = self._filled(n), self._filled(n + 1)
        b = _alike(b, a, self._views.blocked(n + 1) == 0, self._views.blocked(n) == 0)
        there, back = self._camera_flow(n, n + 1), self._camera_flow(n + 1, n)
        if min(a.shape) < 24:
            return np.zeros((2, *a.shape, 2), np.float16)
        f, g = both(lambda: _searched(a, b, there), lambda: _searched(b, a, back))
        f, g = self._mended(n, f, g, there), self._mended(n + 1, g, f, back)
        return np.stack([f - there, g - back]).astype(np.float16)

    def _camera_flow(self, a: int, b: int) -> np.ndarray:
        to = moved(self._camera.matrix(a, b), self._grid)
        return np.asarray(to - self._grid, np.float32)

    def _mended(self, frame: int, flow: np.ndarray, other: np.ndarray, by_camera: np.ndarray) -> np.ndarray:
        region = region_of(self._views, frame, pad_px=REACH_PX)
        if region is None:
            return flow
        (x0, y0), (h, w) = region.origin_xy, region.hole.shape
        part = np.s_[y0 : y0 + h, x0 : x0 + w]
        to = (region.grid + flow[part]).astype(np.float32)
        returned = flow[part] + cv2.remap(other, to[..., 0], to[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        missed = np.hypot(returned[..., 0], returned[..., 1])
        good = (missed < MEET_PX) & ~(cv2.dilate(region.hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
        out = flow.copy()
        out[part] = by_camera[part] + spread(flow[part] - by_camera[part], good)
        return out

    def _prefilled(self, frame: int) -> np.ndarray:
        """(h, w) uint8: the view, its hole filled by the camera, and what that leaves by a membrane."""
        region = region_of(self._views, frame)
        if region is None:
            return self._views.grey(frame)
        (x0, y0), (h, w) = region.origin_xy, region.hole.shape
        out = self._views.view(frame).copy()
        part = out[y0 : y0 + h, x0 : x0 + w]
        scale, picks = view_scale(self._views), choose(region, self._by_camera(region))
        tones = {pick.way.source: tone_of(scale, region, pick.way, region.hole) for pick in picks}
        values, total = gather(scale, region, picks, region.grid[region.hole], tones, sharp=False)
        known = ~region.hole
        found = part.astype(np.float32)
        found[region.hole] = values
        known[region.hole] = total > 0.3
        part[region.hole] = np.clip(spread(found, known), 0, 255).astype(np.uint8)[region.hole]
        return np.asarray(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY))


def _alike(picture: np.ndarray, like: np.ndarray, known: np.ndarray, known_like: np.ndarray) -> np.ndarray:
    """A view (h, w) uint8 with the exposure of its neighbour: the flow takes a change of light for motion."""
    if not known.any() or not known_like.any():
        return picture
    (mean, spread_), (mean_like, spread_like) = ((float(p[k].mean()), float(p[k].std())) for p, k in ((picture, known), (like, known_like)))
    gain = float(np.clip(spread_like / max(spread_, 1e-3), 0.7, 1.4))
    table = np.clip(np.rint((np.arange(256) - mean) * gain + mean_like), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table))


def _searched(here: np.ndarray, there: np.ndarray, start: np.ndarray) -> np.ndarray:
    return np.asarray(searcher(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(here, there, start.copy()))


def _inside(places: np.ndarray, wh: tuple[int, int]) -> np.ndarray:
    return np.asarray((places[..., 0] >= 0) & (places[..., 1] >= 0) & (places[..., 0] <= wh[0] - 1) & (places[..., 1] <= wh[1] - 1))


def by_flow(dense: Dense) -> Ways:
    """Each pixel by its own motion."""
    return dense.ways
