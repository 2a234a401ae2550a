"""Looks at frames of both files where an alignment puts them: details in the ref's frame, at a size fit for measuring."""

from __future__ import annotations

from collections import OrderedDict

import cv2
import numpy as np

from ..alignment import Alignment, Matrix
from ..media.footage import Footage
from .detail import Blur, Detail, detail, matching_blur

WIDE_PX = 960
SMALL_PX = 320
KEPT = 12
"""Frames kept decoded: the neighbours of one sample and of the next."""


class Eye:
    """Both files, open. Memory is that of a few frames, whatever the length.

    ref_px  how many ref pixels one working pixel is wide
    """

    def __init__(self, alignment: Alignment, clip: Footage, ref: Footage, wide_px: int = WIDE_PX) -> None:
        self.alignment = alignment
        share = min(1.0, wide_px / alignment.ref.width)
        self.size_wh = max(8, round(alignment.ref.width * share)), max(8, round(alignment.ref.height * share))
        self.ref_px = alignment.ref.width / self.size_wh[0]
        self.blur = Blur()
        self._sources = {"clip": clip, "ref": ref}
        self._kept: OrderedDict[tuple[str, int, tuple[int, int]], np.ndarray] = OrderedDict()

    def learn_blur(self, ref_frame: int, clip_frame: int, clip_to_ref: Matrix) -> None:
        """Find what makes the two equally sharp, from one pair of frames that belong together."""
        ref = self._luma("ref", [ref_frame], self.size_wh)[ref_frame]
        clip, inside = self._placed(clip_frame, [clip_frame], clip_to_ref, (0.0, 0.0))
        self.blur = matching_blur(ref, clip, inside)

    def ref(self, frame: int) -> Detail:
        """A ref frame's detail."""
        picture = self._luma("ref", [frame], self.size_wh)[frame]
        return detail(picture, np.ones(picture.shape, np.float32), self.blur.ref_px)

    def clip(self, frame: int, among: list[int], clip_to_ref: Matrix, shift_px: tuple[float, float] = (0.0, 0.0)) -> Detail:
        """A clip frame's detail where a matrix puts it in the ref's frame.

        among     frames that will be asked for as well, read in one go
        shift_px  moves it by so many working pixels more, right and down
        """
        picture, inside = self._placed(frame, among, clip_to_ref, shift_px)
        return detail(picture, inside, self.blur.clip_px)

    def _placed(self, frame: int, among: list[int], clip_to_ref: Matrix, shift_px: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        clip, ref = self.alignment.clip, self.alignment.ref
        matrix = np.array(clip_to_ref, np.float64).reshape(3, 3)
        size = self._clip_size(matrix)
        picture = self._luma("clip", among, size)[frame]
        to_clip = resizing(size, (clip.width, clip.height))
        move = np.array([[1, 0, shift_px[0]], [0, 1, shift_px[1]], [0, 0, 1]])
        whole = move @ resizing((ref.width, ref.height), self.size_wh) @ matrix @ to_clip
        drawn = cv2.warpPerspective(picture, whole, self.size_wh, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        full = np.ones(picture.shape, np.float32)
        inside = cv2.warpPerspective(full, whole, self.size_wh, flags=cv2.INTER_LINEAR)
        return drawn, cv2.erode((inside > 0.999).astype(np.float32), np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT, borderValue=1.0)

    def _clip_size(self, matrix: np.ndarray) -> tuple[int, int]:
        """The size at which the clip is read: no larger than it is drawn, so that drawing never skips pixels."""
        clip = self.alignment.clip
        middle = np.array([(clip.width - 1) / 2, (clip.height - 1) / 2, 1.0])
        depth = float(matrix[2] @ middle) or 1.0
        at = matrix @ middle / depth
        slopes = (matrix[:2, :2] - np.outer(at[:2], matrix[2, :2])) / depth
        shares = np.hypot(slopes[0], slopes[1]) / self.ref_px
        return tuple(max(8, min(full, round(full * share))) for full, share in zip((clip.width, clip.height), shares, strict=True))  # type: ignore[return-value]

    def _luma(self, which: str, numbers: list[int], size_wh: tuple[int, int]) -> dict[int, np.ndarray]:
        """Luma (h, w) float32 of some frames, from what is kept or from the file."""
        missing = [n for n in numbers if (which, n, size_wh) not in self._kept]
        if missing:
            for frame in self._sources[which].at(missing):
                self._kept[which, frame.number, size_wh] = frame.luma(size_wh).astype(np.float32)
        out = {}
        for n in numbers:
            self._kept.move_to_end((which, n, size_wh))
            out[n] = self._kept[which, n, size_wh]
        while len(self._kept) > max(KEPT, len(numbers) + 2):
            self._kept.popitem(last=False)
        return out


def resizing(from_wh: tuple[int, int], to_wh: tuple[int, int]) -> np.ndarray:
    """(3, 3): a pixel of a picture to the same point of the picture at another size; centres on integers, edges on edges."""
    x, y = to_wh[0] / from_wh[0], to_wh[1] / from_wh[1]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)
