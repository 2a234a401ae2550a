"""Counter footage: the frame's number as eight blocks in the middle of the picture, and three soft dots at known places.

Read back through the matrix that should hold: the number where the blocks should lie, the dots' centres wherever they do.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK_PX = 13
DOT_PX = 4.0
"""Standard deviation of a dot."""
GROUND = 60
Points = NDArray[np.float64]


def blocks(wh: tuple[int, int]) -> Points:
    """Middles of the eight blocks, the lowest bit first: (8, 2)."""
    x, y = (wh[0] - 1) / 2, (wh[1] - 1) / 2
    return np.array([[x + (n % 4 - 1.5) * BLOCK_PX, y + (n // 4 - 0.5) * BLOCK_PX] for n in range(8)])


def dots(wh: tuple[int, int]) -> Points:
    """Middles of the red, green and blue dot: (3, 2)."""
    x, y = (wh[0] - 1) / 2, (wh[1] - 1) / 2
    return np.array([[x - 48.3, y - 27.4], [x + 51.6, y - 20.2], [x - 10.7, y + 33.9]])


def frame(number: int, wh: tuple[int, int]) -> NDArray[np.uint8]:
    """One picture, (height, width, 3) RGB."""
    picture = np.full((wh[1], wh[0], 3), float(GROUND))
    for bit, (x, y) in enumerate(blocks(wh)):
        half = BLOCK_PX / 2
        picture[round(y - half) : round(y + half), round(x - half) : round(x + half)] = 235 if number >> bit & 1 else 0
    ys, xs = np.mgrid[: wh[1], : wh[0]]
    for channel, (x, y) in enumerate(dots(wh)):
        share = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * DOT_PX**2))[..., None]
        picture = picture * (1 - share) + share * 255 * np.eye(3)[channel]
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def write(path: Path, frames: int, wh: tuple[int, int], rate: Fraction = Fraction(24), plain: bool = False) -> Path:
    """A lossless film of it; plain: nothing but grey."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = wh[0], wh[1], "bgr0"
        for number in range(frames):
            picture = np.full((wh[1], wh[0], 3), 110, np.uint8) if plain else frame(number, wh)
            shown = av.VideoFrame.from_ndarray(picture, format="rgb24")
            shown.pts = number
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return path


def through(matrix: Points, points: Points) -> Points:
    """Points (N, 2) taken through a 3x3."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(out[:, :2] / out[:, 2:])


def read(path: Path) -> NDArray[np.uint8]:
    """A rendered picture, (height, width, 3) RGB."""
    return np.asarray(cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)


def number_in(picture: NDArray[np.uint8], clip_to_canvas: Points, wh: tuple[int, int]) -> int:
    """The number that blocks lying so would show."""
    places = through(clip_to_canvas, blocks(wh))
    return sum(1 << bit for bit, (x, y) in enumerate(places) if picture[round(y), round(x)].mean() > 117)


def missed_px(picture: NDArray[np.uint8], clip_to_canvas: Points, wh: tuple[int, int]) -> float:
    """How far the worst dot lies from where it should; inf where it is not seen.

    A dot's middle is measured by its colour's weight, three standard deviations around its place.
    """
    places = through(clip_to_canvas, dots(wh))
    beside = through(clip_to_canvas, dots(wh) + 1)
    colours = picture.astype(float)
    worst = 0.0
    for channel, (x, y) in enumerate(places):
        reach = round(3 * DOT_PX * max(np.abs(beside[channel] - places[channel]).max(), 0.5))
        others = [other for other in range(3) if other != channel]
        weight = np.clip(colours[..., channel] - colours[..., others].max(2) - 15, 0, None)
        top, left = max(round(y) - reach, 0), max(round(x) - reach, 0)
        cut = weight[top : round(y) + reach + 1, left : round(x) + reach + 1]
        if cut.size == 0 or cut.sum() < 200:
            return float("inf")
        ys, xs = np.mgrid[: cut.shape[0], : cut.shape[1]]
        worst = max(worst, float(np.hypot((cut * xs).sum() / cut.sum() + left - x, (cut * ys).sum() / cut.sum() + top - y)))
    return worst
