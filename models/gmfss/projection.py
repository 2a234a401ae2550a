"""Pictures and features carried forward along a flow: each pixel drops what it holds at the place it reaches, shared between the four pixels
around it, and where several meet, they count by the exponents that were learned for them. (Forward projection: Baker et al., IJCV 2011.)"""

from __future__ import annotations

import torch
from torch import Tensor

from .matching import grid


def projected(x: Tensor, flow: Tensor, exponent: Tensor) -> Tensor:
    """x (1, C, H, W) carried by a flow (1, 2, H, W) in pixels; exponent (1, 1, H, W). Zero where nothing arrives."""
    _, channels, height, width = x.shape
    weight = (exponent - exponent.max()).exp()
    held = torch.cat([x.float() * weight, weight], 1)[0].flatten(1)
    landed = (grid(height, width, flow) + flow)[0].flatten(1)
    corner = landed.floor()
    share = landed - corner
    out = held.new_zeros(channels + 1, height * width)
    for y in (0, 1):
        for x_step in (0, 1):
            column, row = corner[0] + x_step, corner[1] + y
            part = (share[0] if x_step else 1 - share[0]) * (share[1] if y else 1 - share[1])
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            place = torch.where(inside, row * width + column, 0).long()
            out.index_add_(1, place, held * torch.where(inside, part, 0))
    total = out[channels:]
    return (out[:channels] / torch.where(total > 0, total, 1)).view(1, channels, height, width)
