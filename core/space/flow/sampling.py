"""Sampling on grids, in pixels: centres on integers, x right, y down. Pictures are (1, C, H, W), points (H, W, 2).

A picture shrunk by two shares its outer edges with the original: pixel i covers pixels 2i and 2i + 1, and its centre lies at 2i + 0.5.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def pixel_points(height: int, width: int, like: Tensor, top: int = 0, left: int = 0) -> Tensor:
    """(height, width, 2): x and y of each pixel."""
    x = torch.arange(left, left + width, device=like.device, dtype=torch.float32)
    y = torch.arange(top, top + height, device=like.device, dtype=torch.float32)
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1)


def sample(picture: Tensor, points: Tensor) -> Tensor:
    """(1, C, h, w): the picture at points (h, w, 2), linear between pixels; beyond its border, the border.

    Where a device's grid_sample has no border padding, points are clamped here.
    """
    height, width = picture.shape[-2:]
    size = torch.tensor([width, height], dtype=torch.float32, device=points.device)
    padding = "border"
    if points.device.type == "mps":
        points, padding = torch.minimum(points.clamp(min=0), size - 1), "zeros"
    return F.grid_sample(picture, torch.addcmul(1 / size - 1, points, 2 / size)[None], mode="bilinear", padding_mode=padding, align_corners=False)


def sample_cubic(picture: Tensor, points: Tensor) -> Tensor:
    """sample() by Catmull & Rom's cubic (1974), as nine linear samples.

    grid_sample's own bicubic has a = -0.75 and bends a plain slope: at a tenth of a pixel it is 0.036 px off, and a flow by it is pulled to
    whole pixels. This one keeps slopes and parabolas as they are.
    """
    base = points.floor()
    s = points - base
    w0, w1, w2, w3 = s * (-0.5 + s * (1 - 0.5 * s)), 1 + s * s * (1.5 * s - 2.5), s * (0.5 + s * (2 - 1.5 * s)), s * s * (0.5 * s - 0.5)
    at = (base - 1, base + w2 / (w1 + w2), base + 2)
    weights = (w0, w1 + w2, w3)
    out = picture.new_zeros((*picture.shape[:2], *points.shape[:2]))
    for y, wy in zip(at, weights, strict=True):
        for x, wx in zip(at, weights, strict=True):
            out += sample(picture, torch.stack([x[..., 0], y[..., 1]], -1)) * (wx[..., 0] * wy[..., 1])
    return out


def halved(picture: Tensor) -> Tensor:
    """Half the size of an even-sized picture, by [1 3 3 1] / 8 each way."""
    p = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    p = (p[..., 0:-2:2, :] + p[..., 3::2, :]) * 0.125 + (p[..., 1:-2:2, :] + p[..., 2::2, :]) * 0.375
    return (p[..., 0:-2:2] + p[..., 3::2]) * 0.125 + (p[..., 1:-2:2] + p[..., 2::2]) * 0.375


def binomial(picture: Tensor) -> Tensor:
    """Smoothed by [1 2 1] / 4 each way: a Gaussian of sigma 0.71 px."""
    p = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    p = (p[..., :-2, :] + p[..., 2:, :]) * 0.25 + p[..., 1:-1, :] * 0.5
    return (p[..., :-2] + p[..., 2:]) * 0.25 + p[..., 1:-1] * 0.5


def spread(mesh: Tensor, factor: int) -> Tensor:
    """A mesh (1, C, h, w) with a value in the middle of every factor x factor pixels, at every pixel; on to the border it is linear."""
    if factor == 1:
        return mesh
    wide = grown(mesh)
    full = F.interpolate(wide, scale_factor=float(factor), mode="bilinear", align_corners=False)
    return full[..., factor:-factor, factor:-factor]


def grown(mesh: Tensor) -> Tensor:
    """One more row or column on each side, so that the slope at the border goes on."""
    p = F.pad(mesh, (1, 1, 1, 1), mode="replicate")
    if mesh.shape[-2] > 1:
        p[..., 0, :] = 2 * p[..., 1, :] - p[..., 2, :]
        p[..., -1, :] = 2 * p[..., -2, :] - p[..., -3, :]
    if mesh.shape[-1] > 1:
        p[..., 0] = 2 * p[..., 1] - p[..., 2]
        p[..., -1] = 2 * p[..., -2] - p[..., -3]
    return p
