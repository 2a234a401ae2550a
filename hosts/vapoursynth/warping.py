"""One frame of spatial(): where the clip lies in it, and its planes drawn there."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ...core.alignment import Alignment
from ...core.errors import GenlockError
from ...core.space.flow import Estimator
from ...core.space.geometry import as_array, fit_to_frame
from ...core.space.maps import map_of_matrix
from ...core.space.warp import warp_stored
from .frames import neutral_of, peak_of, planes


class Warping:
    """Frames in any order; each is a function of its own pictures, its number, and what was solved before the first.

    found      the alignment; None where the clip is taken to fill the ref
    estimator  of flow; None draws by the matrix alone
    """

    def __init__(self, found: Alignment | None, clip_wh: tuple[int, int], ref_wh: tuple[int, int], estimator: Estimator | None, kernel: str) -> None:
        self._found = found
        self._filling = fit_to_frame(clip_wh, ref_wh)
        self._ref_wh = ref_wh
        self._estimator = estimator
        self._kernel = kernel
        self._one_at_a_time = threading.Lock()
        """An estimator keeps its working memory between calls."""

    def matrix_at(self, n: int) -> tuple[np.ndarray, bool]:
        """(3, 3) clip pixel to ref pixel at a frame, and whether something is matched there."""
        matrix = None if self._found is None else self._found.matrix_at(n)
        return (self._filling, self._found is None) if matrix is None else (as_array(matrix), True)

    def where(self, n: int, clip: np.ndarray, ref: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
        """The matrix, (3, 3), or the map of flow, (H, W, 2): for each ref pixel the clip point that it shows.

        clip, ref  (h, w) and (H, W) uint16 luma; mask (H, W) bool, True is excluded
        """
        matrix, matched = self.matrix_at(n)
        if self._estimator is None or not matched:
            return matrix
        with self._one_at_a_time:
            return self._estimator.estimate(clip, ref, map_of_matrix(matrix, self._ref_wh), mask=mask).ref_to_clip

    def frame(self, n: int, blank: Any, picture: Any, clip_look: Any, ref_look: Any, alpha: Any, mask: Any) -> Any:
        """A VapourSynth frame: a copy of `blank` with the picture drawn into it, its properties, and its alpha where a blank for that is given."""
        import vapoursynth as vs

        try:
            excluded = None if mask is None else np.asarray(mask[0]) > 127
            where = self.where(n, np.asarray(clip_look[0]), np.asarray(ref_look[0]), excluded)
            out = blank.copy()
            covered = self._draw(picture, out, where)
        except GenlockError as error:
            raise vs.Error(f"spatial, frame {n}: {error}") from error
        for name, value in picture.props.items():
            out.props[name] = value
        out.props["genlock_matched"] = int(self.matrix_at(n)[1])
        if alpha is not None:
            out.props["_Alpha"] = _alpha(alpha.copy(), covered)
        return out

    def _draw(self, picture: Any, out: Any, where: np.ndarray) -> np.ndarray:
        """All planes in one resampling; returns (H, W) float32 coverage."""
        peak = peak_of(picture.format)
        whole = np.dstack(planes(picture))
        drawn, covered = warp_stored(whole, where, self._ref_wh, self._kernel, peak=None if peak is None else int(peak))
        drawn = drawn.reshape(*drawn.shape[:2], -1)
        for k, place in enumerate(planes(out)):
            neutral = neutral_of(picture.format, k)
            place[:] = np.where(covered > 0, drawn[..., k], neutral) if neutral else drawn[..., k]
        return covered


def _alpha(frame: Any, covered: np.ndarray) -> Any:
    peak = peak_of(frame.format)
    np.asarray(frame[0])[:] = covered if peak is None else np.rint(covered * peak)
    return frame
