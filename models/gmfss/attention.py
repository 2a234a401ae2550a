"""Attention over windows of a picture's features, every other layer with the windows moved by half (Liu et al., Swin Transformer, ICCV 2021)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .shape import EXPANSION, LAYERS, WIDTH

APART = -100.0
"""Added to the likeness of what the moving of windows has put side by side though it lies apart."""


class Layer(nn.Module):
    """One attention of features to others, and, where it is crossed, the thinking after it."""

    def __init__(self, crossed: bool) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.merge = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))
        self.norm1 = nn.LayerNorm(WIDTH)
        self.crossed = crossed
        if crossed:
            inner = 2 * WIDTH * EXPANSION
            self.mlp = nn.Sequential(nn.Linear(2 * WIDTH, inner, bias=False), nn.GELU(), nn.Linear(inner, WIDTH, bias=False))
            self.norm2 = nn.LayerNorm(WIDTH)

    def forward(self, source: Tensor, target: Tensor, splits: int, moved: bool, apart: Tensor) -> Tensor:
        """source, target (B, H, W, C)."""
        told = windowed(self.q_proj(source), self.k_proj(target), self.v_proj(target), splits, moved, apart)
        told = self.norm1(self.merge(told))
        return source + (self.norm2(self.mlp(torch.cat([source, told], -1))) if self.crossed else told)


class Block(nn.Module):
    """A picture looks at itself, then at the other one."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn, self.cross_attn_ffn = Layer(False), Layer(True)

    def forward(self, source: Tensor, target: Tensor, splits: int, moved: bool, apart: Tensor) -> Tensor:
        source = self.self_attn(source, source, splits, moved, apart)
        return self.cross_attn_ffn(source, target, splits, moved, apart)  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """Features of two pictures, made comparable."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))

    def forward(self, a: Tensor, b: Tensor, splits: int) -> tuple[Tensor, Tensor]:
        """a, b (B, C, H, W); H and W are multiples of splits."""
        both = torch.cat([a, b]).permute(0, 2, 3, 1)
        apart = apartness(both.shape[1], both.shape[2], splits, both)
        for k, layer in enumerate(self.layers):
            both = layer(both, torch.cat(both.chunk(2)[::-1]), splits, k % 2 == 1, apart)
        first, second = both.permute(0, 3, 1, 2).contiguous().chunk(2)
        return first, second


def windowed(q: Tensor, k: Tensor, v: Tensor, splits: int, moved: bool, apart: Tensor) -> Tensor:
    """Attention within splits x splits windows, each (B, H, W, C)."""
    height, width, channels = q.shape[1:]
    shift = (height // splits // 2, width // splits // 2) if moved else (0, 0)
    parts = [windows(x.roll((-shift[0], -shift[1]), (1, 2)) if moved else x, splits) for x in (q, k, v)]
    likeness = parts[0] @ parts[1].transpose(1, 2) / math.sqrt(channels)
    if moved:
        likeness = likeness + apart.repeat(q.shape[0], 1, 1)
    out = whole(likeness.softmax(-1) @ parts[2], splits, height, width)
    return out.roll(shift, (1, 2)) if moved else out


def windows(x: Tensor, splits: int) -> Tensor:
    """(B, H, W, C) as (B * splits^2, pixels of a window, C)."""
    b, height, width, channels = x.shape
    x = x.reshape(b, splits, height // splits, splits, width // splits, channels)
    return x.transpose(2, 3).reshape(b * splits**2, -1, channels)


def whole(x: Tensor, splits: int, height: int, width: int) -> Tensor:
    """windows(), undone."""
    x = x.reshape(-1, splits, splits, height // splits, width // splits, x.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, x.shape[-1])


def apartness(height: int, width: int, splits: int, like: Tensor) -> Tensor:
    """(splits^2, n, n): what to add for each two pixels of a moved window."""
    rows, columns = (_stretches(side, side // splits, like) for side in (height, width))
    label = windows((rows[:, None] * 3 + columns)[None, :, :, None], splits)
    return (label != label.transpose(1, 2)).to(like.dtype) * APART


def _stretches(side: int, window: int, like: Tensor) -> Tensor:
    """0 for what stays, 1 and 2 for both parts of the last window, which moving takes from both ends of the picture."""
    place = torch.arange(side, device=like.device)
    return (place >= side - window).long() + (place >= side - window // 2).long()


def places(height: int, width: int, splits: int, like: Tensor) -> Tensor:
    """(1, C, H, W): each pixel's place in its window, as sines and cosines (Vaswani et al., 2017; of two axes, Carion et al., ECCV 2020)."""
    h, w, half = height // splits, width // splits, WIDTH // 2
    step = 10000.0 ** (2 * (torch.arange(half, device=like.device) // 2) / half)

    def waves(side: int) -> Tensor:
        angle = torch.arange(1, side + 1, device=like.device, dtype=torch.float32)[:, None] / (side + 1e-6) * (2 * math.pi) / step
        return torch.stack([angle[:, 0::2].sin(), angle[:, 1::2].cos()], -1).flatten(1)

    down, across = waves(h)[:, None].expand(h, w, half), waves(w)[None].expand(h, w, half)
    return torch.cat([down, across], -1).permute(2, 0, 1)[None].tile(1, 1, splits, splits).to(like.dtype)
