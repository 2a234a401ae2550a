"""A picture that is a formula: it can be asked for at any point, so a copy under any matrix is exact, and not resampled."""

from __future__ import annotations

import numpy as np

WH = (320, 180)


class Painting:
    """Soft spots of many sizes over a plane; the smallest has a sigma of 1.8 px, so a pixel's grid loses nothing of it."""

    def __init__(self, seed: int = 1, spots: int = 420) -> None:
        rng = np.random.default_rng(seed)
        self.xy = rng.uniform((-60, -60), (380, 240), (spots, 2))
        self.sigma = np.exp(rng.uniform(np.log(1.8), np.log(14), (spots, 2)))
        self.turn = rng.uniform(0, np.pi, spots)
        self.level = rng.uniform(25, 70, spots) * rng.choice((-1, 1), spots)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Grey levels at points, float64; about 0 to 255."""
        out = np.full(x.shape, 118.0)
        for (cx, cy), (a, b), turn, level in zip(self.xy, self.sigma, self.turn, self.level, strict=True):
            far = 4 * max(a, b)
            near = (np.abs(x - cx) < far) & (np.abs(y - cy) < far)
            dx, dy = x[near] - cx, y[near] - cy
            u, v = np.cos(turn) * dx + np.sin(turn) * dy, np.cos(turn) * dy - np.sin(turn) * dx
            out[near] += level * np.exp(-0.5 * ((u / a) ** 2 + (v / b) ** 2))
        return out

    def seen(self, picture_to_plane: np.ndarray, wh: tuple[int, int] = WH) -> np.ndarray:
        """(h, w) float32, unclipped: what a picture of this size shows whose pixels lie on the plane by a 3x3."""
        x, y = np.meshgrid(np.arange(wh[0], dtype=float), np.arange(wh[1], dtype=float))
        p = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
        q = picture_to_plane @ p
        return self.at((q[0] / q[2]).reshape(x.shape), (q[1] / q[2]).reshape(x.shape)).astype(np.float32)


def bytes_of(picture: np.ndarray) -> np.ndarray:
    """Rounded and clipped to 8 bits, as a decoder gives it."""
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def shift(x: float, y: float) -> np.ndarray:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def scaled(across: float, down: float) -> np.ndarray:
    return np.diag([across, down, 1.0])


def turned(degrees: float, about_xy: tuple[float, float] = ((WH[0] - 1) / 2, (WH[1] - 1) / 2)) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return shift(*about_xy) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]) @ shift(-about_xy[0], -about_xy[1])


def apart_px(a: np.ndarray, b: np.ndarray, wh: tuple[int, int] = WH) -> float:
    """Most distance between where two maps take the corner pixels and the middle: slower and stricter than a mean over a grid."""
    x, y = wh[0] - 1, wh[1] - 1
    p = np.array([[0, 0, 1], [x, 0, 1], [0, y, 1], [x, y, 1], [x / 2, y / 2, 1.0]]).T
    u, v = a @ p, b @ p
    return float(np.hypot(*(u[:2] / u[2] - v[:2] / v[2])).max())
