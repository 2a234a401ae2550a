"""One decoded frame, and the two ways of looking at it: luma for analysis, RGB for people.

Convention: a size is (width, height), an array (height, width). Output pixel (x, y) shows the point
((x + 0.5) * W / w - 0.5, (y + 0.5) * H / h - 0.5) of the full picture: pixel centres on integers,
edges on edges. The rotation flag is applied, the sample aspect ratio is not.
"""

from __future__ import annotations

import av
import cv2
import numpy as np

PLAIN_LUMA = frozenset(
    f"{name}{layout}p" for name in ("yuv", "yuvj", "yuva") for layout in ("420", "422", "444", "440", "411", "410")
) | {"gray", "nv12", "nv21", "nv16", "nv24", "nv42"}
"""8-bit formats whose first plane is the luma, one byte a pixel."""

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Frame:
    """A decoded frame. Valid as long as it is held; not tied to the decoder's next step."""

    __slots__ = ("_frame", "_rotation", "key", "number", "pts")

    def __init__(self, number: int, frame: av.VideoFrame, rotation: int = 0) -> None:
        self.number = number
        self.pts: int = 0 if frame.pts is None else frame.pts
        self.key: bool = bool(frame.key_frame)
        self._frame = frame
        self._rotation = rotation

    def luma(self, size_wh: tuple[int, int] | None = None) -> np.ndarray:
        """Display-referred luma for analysis.

        size_wh  None is the full size; smaller pictures are area averages
        returns  (h, w) uint8, C-contiguous; read only where it is the decoder's own memory

        Of 8-bit YUV it is the stored Y plane, limited range and full range alike: what compares them ignores gain and offset.
        """
        return self._upright(self._stored_luma(), size_wh)

    def rgb(self, size_wh: tuple[int, int] | None = None) -> np.ndarray:
        """The picture for people to look at: (h, w, 3) uint8 RGB."""
        return self._upright(self._frame.to_ndarray(format="rgb24"), size_wh)

    def _stored_luma(self) -> np.ndarray:
        frame = self._frame
        if frame.format.name in PLAIN_LUMA:
            plane = frame.planes[0]
            if plane.line_size > 0:
                return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]  # type: ignore[call-overload]
        return frame.to_ndarray(format="gray")

    def _upright(self, picture: np.ndarray, size_wh: tuple[int, int] | None) -> np.ndarray:
        if size_wh is not None:
            stored_wh = size_wh if self._rotation % 180 == 0 else size_wh[::-1]
            picture = resized(picture, stored_wh)
        if self._rotation:
            picture = cv2.rotate(picture, _TURNS[self._rotation])
        return np.ascontiguousarray(picture)


def resized(picture: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """The picture at another size: area averages where smaller, bilinear where larger in either direction."""
    h, w = picture.shape[:2]
    if (w, h) == tuple(size_wh):
        return picture
    smaller = size_wh[0] <= w and size_wh[1] <= h
    return cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
