"""What the two pictures are compared by: detail, freed of grade.

A picture's luma less its local mean, over its local spread: gain, lift, gamma and slow light fall out, and what is flat stays flat, since
spread below the noise is not amplified.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .sampling import binomial

QUIET = 0.012
"""Spread that grain and compression make on their own, of 1."""
POOL = 4


def luma(picture: np.ndarray, device: torch.device) -> Tensor:
    """(1, 1, H, W) float32, about 0 to 1, whatever the order of the colours. What is no number is 0."""
    most = {"uint8": 255.0, "uint16": 65535.0}.get(picture.dtype.name, 1.0)
    plain = np.array(picture, np.float32 if picture.dtype == np.uint16 else picture.dtype, order="C")
    x = torch.from_numpy(plain).to(device)
    y = x.float() if x.ndim == 2 else (x[..., 0].float() + x[..., 2].float()) * 0.25 + x[..., 1].float() * 0.5
    return torch.nan_to_num(y if most == 1.0 else y / most, 0.0, 0.0, 0.0).clamp(-1, 8)[None, None]


def detail(picture: Tensor, seen: Tensor, quiet: float = QUIET, rows: int = 0) -> Tensor:
    """Detail (1, 1, H, W) of luma, in units of its local spread.

    seen   (1, 1, H, W), 0 where the picture is not to be looked at
    quiet  spread under which there is nothing to see, of 1
    rows   worked on at once; 0 is all. The answer is the same.
    H and W are multiples of 4.
    """
    height = picture.shape[-2]
    step = rows // POOL * POOL if rows else height
    bands = [(top, min(top + step, height)) for top in range(0, height, step)]
    pooled = torch.cat([_pooled(picture, seen, top, bottom) for top, bottom in bands], -2)
    pooled = binomial(binomial(pooled))
    share = pooled[:, :1] + 1e-6
    mean = pooled[:, 1:2] / share
    spread = (pooled[:, 2:] / share - mean * mean).clamp(min=0).sqrt() + quiet
    level = torch.cat([mean, 1 / spread], 1)
    parts = [_freed(picture, level, top, bottom) for top, bottom in bands]
    return parts[0] if len(parts) == 1 else torch.cat(parts, -2)


def _smooth(picture: Tensor, top: int, bottom: int) -> Tensor:
    """binomial() of some rows, as it comes out over the whole."""
    a, b = max(top - 1, 0), min(bottom + 1, picture.shape[-2])
    return binomial(picture[..., a:b, :])[..., top - a : bottom - a, :]


def _pooled(picture: Tensor, seen: Tensor, top: int, bottom: int) -> Tensor:
    y, s = _smooth(picture, top, bottom), seen[..., top:bottom, :]
    return F.avg_pool2d(torch.cat([s, s * y, s * y * y], 1), POOL)


def _freed(picture: Tensor, level: Tensor, top: int, bottom: int) -> Tensor:
    """The rows' luma less the level's first channel, times its second."""
    a, b = max(top // POOL - 1, 0), min(bottom // POOL + 1, level.shape[-2])
    full = F.interpolate(level[..., a:b, :], scale_factor=float(POOL), mode="bilinear", align_corners=False)
    full = full[..., top - a * POOL : bottom - a * POOL, :]
    return (_smooth(picture, top, bottom) - full[:, :1]) * full[:, 1:]
