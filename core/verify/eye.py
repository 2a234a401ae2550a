"""Looks at frames of both files where an alignment puts them: details in the ref's frame, at a size fit for measuring."""

from __future__ import annotations

import cv2
import numpy as np

from ..alignment import Alignment, Matrix
from .detail import Blur, Cover, Detail, detail, matching_blur
from .walk import Walk

WIDE_PX = 960
SMALL_PX = 320


class Eye:
    """Both files, open. Memory is that of a few frames, whatever the length: Walk keeps those.

    ref_px  how many ref pixels one working pixel is wide
    """

    def __init__(self, alignment: Alignment, clip: Walk, ref: Walk, wide_px: int = WIDE_PX) -> None:
        self.alignment = alignment
        share = min(1.0, wide_px / alignment.ref.width)
        self.size_wh = max(8, round(alignment.ref.width * share)), max(8, round(alignment.ref.height * share))
        self.ref_px = alignment.ref.width / self.size_wh[0]
        self.blur = Blur()
        self._clip, self._ref = clip, ref
        self._whole = Cover(np.ones(self.size_wh[::-1], np.float32))
        self._cover: tuple[bytes, Cover] | None = None

    def learn_blur(self, ref_frame: int, clip_frame: int, clip_to_ref: Matrix) -> None:
        """Find what makes the two equally sharp, from one pair of frames that belong together."""
        ref = self._ref.frame(ref_frame).luma(self.size_wh).astype(np.float32)
        clip, cover = self._placed(clip_frame, clip_to_ref, (0.0, 0.0))
        self.blur = matching_blur(ref, clip, cover)

    def ref(self, frame: int) -> Detail:
        """A ref frame's detail."""
        return detail(self._ref.frame(frame).luma(self.size_wh).astype(np.float32), self._whole, self.blur.ref_px)

    def clip(self, frame: int, clip_to_ref: Matrix, shift_px: tuple[float, float] = (0.0, 0.0)) -> Detail:
        """A clip frame's detail where a matrix puts it in the ref's frame; shift_px moves it on, in working pixels, right and down."""
        picture, cover = self._placed(frame, clip_to_ref, shift_px)
        return detail(picture, cover, self.blur.clip_px)

    def _placed(self, frame: int, clip_to_ref: Matrix, shift_px: tuple[float, float]) -> tuple[np.ndarray, Cover]:
        clip, ref = self.alignment.clip, self.alignment.ref
        matrix = np.array(clip_to_ref, np.float64).reshape(3, 3)
        size = self._clip_size(matrix)
        picture = self._clip.frame(frame).luma(size).astype(np.float32)
        to_clip = resizing(size, (clip.width, clip.height))
        move = np.array([[1, 0, shift_px[0]], [0, 1, shift_px[1]], [0, 0, 1]])
        whole = move @ resizing((ref.width, ref.height), self.size_wh) @ matrix @ to_clip
        drawn = cv2.warpPerspective(picture, whole, self.size_wh, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return drawn, self._covered(whole, size)

    def _covered(self, matrix: np.ndarray, size_wh: tuple[int, int]) -> Cover:
        """What a picture of a size covers once drawn; the last one is kept, since neighbours are drawn alike."""
        key = matrix.tobytes() + repr(size_wh).encode()
        if self._cover is None or self._cover[0] != key:
            drawn = cv2.warpPerspective(np.ones(size_wh[::-1], np.float32), matrix, self.size_wh, flags=cv2.INTER_LINEAR)
            inside = cv2.erode((drawn > 0.999).astype(np.float32), np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT, borderValue=1.0)
            self._cover = key, Cover(np.asarray(inside, np.float32))
        return self._cover[1]

    def _clip_size(self, matrix: np.ndarray) -> tuple[int, int]:
        """The size at which the clip is read: no larger than it is drawn, so that drawing never skips pixels."""
        clip = self.alignment.clip
        middle = np.array([(clip.width - 1) / 2, (clip.height - 1) / 2, 1.0])
        depth = float(matrix[2] @ middle) or 1.0
        at = matrix @ middle / depth
        slopes = (matrix[:2, :2] - np.outer(at[:2], matrix[2, :2])) / depth
        shares = np.hypot(slopes[0], slopes[1]) / self.ref_px
        return tuple(max(8, min(full, round(full * share))) for full, share in zip((clip.width, clip.height), shares, strict=True))  # type: ignore[return-value]


def resizing(from_wh: tuple[int, int], to_wh: tuple[int, int]) -> np.ndarray:
    """(3, 3): a pixel of a picture to the same point of the picture at another size; centres on integers, edges on edges."""
    x, y = to_wh[0] / from_wh[0], to_wh[1] / from_wh[1]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)
