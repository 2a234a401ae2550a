"""Values spread from where they are known to where they are not, as a membrane would hang between them.

Coarse to fine, a pull-push pyramid (Gortler et al. 1996), each level then relaxed a little towards the Laplace equation.
"""

from __future__ import annotations

import cv2
import numpy as np

ROUNDS = 8
_CROSS = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)


def spread(values: np.ndarray, known: np.ndarray, rounds: int = ROUNDS) -> np.ndarray:
    """(h, w, c) float32 as it is where known (h, w) bool, smooth elsewhere; all 0 where nothing is known."""
    weight = known.astype(np.float32)
    levels = [(np.where(known[..., None], values, 0).astype(np.float32), weight)]
    while max(levels[-1][1].shape) > 1 and not (levels[-1][1] > 0).all():
        sums, weight = levels[-1]
        h, w = weight.shape
        size = ((w + 1) // 2, (h + 1) // 2)
        levels.append((resized(sums, size, cv2.INTER_AREA), resized(weight[..., None], size, cv2.INTER_AREA)[..., 0]))
    out = levels[-1][0] / np.maximum(levels[-1][1], 1e-6)[..., None]
    for sums, weight in reversed(levels[:-1]):
        h, w = weight.shape
        have = weight > 1e-6
        out = resized(out, (w, h), cv2.INTER_LINEAR)
        out[have] = sums[have] / weight[have][:, None]
        for _ in range(rounds):
            mean = cv2.filter2D(out, -1, _CROSS, borderType=cv2.BORDER_REPLICATE).reshape(out.shape)
            np.copyto(out, mean, where=~have[..., None])
    return out


def resized(values: np.ndarray, size_wh: tuple[int, int], how: int) -> np.ndarray:
    """(h, w, c) at another size. OpenCV's area resize knows four channels at the most: more go in threes."""
    channels = values.shape[2]
    parts = [values[..., c : c + 3] for c in range(0, channels, 3)] if channels > 4 else [values]
    done = [np.asarray(cv2.resize(part, size_wh, interpolation=how), np.float32).reshape(size_wh[1], size_wh[0], -1) for part in parts]
    return done[0] if len(done) == 1 else np.concatenate(done, -1)
