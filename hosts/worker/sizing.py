"""Pictures on their way out, at the size that was asked for; those that have it go through untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...core.media.plates import PictureInfo
    from ...core.media.plates.plate import Shown
    from ...core.media.plates.samples import Samples


def sized(picture: Shown, info: PictureInfo) -> Shown:
    """The picture as it is, or brought to the output's size: (h, w, 3) float32, or (h, w, 4) where the output has alpha."""
    from ...core.media.plates.plate import Plate
    from ...core.media.plates.samples import Samples

    wanted_wh = info.width, info.height
    if isinstance(picture, Samples):
        return picture if picture.size_wh == wanted_wh else _resized(_opened(picture, info), info)
    if isinstance(picture, Plate):
        if picture.untouched and picture.samples().size_wh == wanted_wh:
            return picture
        picture = picture.rgb(alpha=info.alpha)
    return picture if picture.shape[1::-1] == wanted_wh else _resized(picture, info)


def _opened(samples: Samples, info: PictureInfo) -> np.ndarray:
    from ...core.media.plates.colour import alpha_of, to_rgb

    alpha = alpha_of(samples) if info.alpha else None
    rgb = to_rgb(samples, info.encoding)
    return rgb if alpha is None else np.dstack([rgb, alpha])


def _resized(rgb: np.ndarray, info: PictureInfo) -> np.ndarray:
    import cv2

    from ...core.media.write.fitting import associated, straightened

    straight = rgb.shape[2] == 4 and not info.associated
    smaller = info.width < rgb.shape[1]
    kernel = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(associated(rgb) if straight else rgb, (info.width, info.height), interpolation=kernel), np.float32)
    return straightened(resized) if straight else resized
