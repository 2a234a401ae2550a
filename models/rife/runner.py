"""Asks the network about pictures of any size: padded to what it needs, in tiles where memory is short, in the precision asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .network import IFNet, Motion

MARGIN = 64
"""Pixels that neighbouring tiles share; the answer fades from one to the other there."""


@dataclass(frozen=True)
class Runner:
    """A network, and how it is asked."""

    network: IFNet
    scale: float = 1.0
    tile: int = 0

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return next(self.network.parameters()).device

    @property
    def multiple_of(self) -> int:
        """What it sees is padded to a multiple of this."""
        return max(1, math.ceil(self.network.shape.multiple_of / self.scale))

    def padded(self, picture: Tensor) -> Tensor:
        """A picture (B, C, H, W) grown to the right and down, by its border, to what the network needs."""
        height, width = picture.shape[-2:]
        down, right = -height % self.multiple_of, -width % self.multiple_of
        return functional.pad(picture, (0, right, 0, down), mode="replicate") if down or right else picture

    def features(self, a: Tensor, b: Tensor) -> tuple[Tensor | None, Tensor | None] | None:
        """Of both pictures, for motions(); None where tiles make their own."""
        if self.tile:
            return None
        return self.network.features(self.padded(a)), self.network.features(self.padded(b))

    def motion(self, a: Tensor, b: Tensor, time: Tensor, features: tuple[Tensor | None, Tensor | None] | None = None) -> Motion:
        """Motion at a time (B, 1, H, W) between pictures (B, 3, H, W) of 0..1, any H and W."""
        height, width = a.shape[-2:]
        if not self.tile or max(height, width) <= self.tile:
            return self._whole(a, b, time, features)
        flow = torch.zeros(a.shape[0], 4, height, width, device=a.device)
        share, weight = flow[:, :1].clone(), torch.zeros(1, 1, height, width, device=a.device)
        for rows, window_down in _tiles(height, self.tile):
            for columns, window_right in _tiles(width, self.tile):
                part = self._whole(a[..., rows, columns], b[..., rows, columns], time[..., rows, columns], None)
                window = (window_down[:, None] * window_right).to(a.device)
                flow[..., rows, columns] += part.flow * window
                share[..., rows, columns] += part.share * window
                weight[..., rows, columns] += window
        return Motion(flow / weight, share / weight)

    def _whole(self, a: Tensor, b: Tensor, time: Tensor, features: tuple[Tensor | None, Tensor | None] | None) -> Motion:
        height, width = a.shape[-2:]
        found = self.network(self.padded(a), self.padded(b), self.padded(time), self.scale, features)[-1]
        return Motion(found.flow[..., :height, :width], found.share[..., :height, :width])


def _tiles(length: int, tile: int) -> Iterator[tuple[slice, Tensor]]:
    """Overlapping stretches that cover a length, and how much each one counts from pixel to pixel: above zero everywhere."""
    margin = min(MARGIN, tile // 2)
    count = 1 if length <= tile else math.ceil((length - margin) / (tile - margin))
    for k in range(count):
        begin = 0 if count == 1 else round(k * (length - tile) / (count - 1))
        size = min(tile, length)
        places = torch.arange(size, dtype=torch.float32) + 1
        rising = places / margin if k else torch.full((size,), 1.0)
        falling = places.flip(0) / margin if k < count - 1 else torch.full((size,), 1.0)
        yield slice(begin, begin + size), torch.minimum(rising, falling).clamp(max=1)
