"""The flow between two pictures, by matching every feature with every other one, coarse, then again near by (Xu et al., GMFlow, CVPR 2022)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from .attention import Transformer, places
from .shape import UPSAMPLE, WIDTH

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SPLITS = (2, 8)
"""Windows a side, at an eighth of the size, and at a quarter."""
NEAR = 4
"""Pixels of the finer grid that are searched each way."""
AROUND = 1
NEVER = -1e9


class Residual(nn.Module):
    """Two convolutions beside a short way."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride)) if before != after else None

    def forward(self, x: Tensor) -> Tensor:
        y = functional.instance_norm(self.conv1(x)).relu()
        y = functional.instance_norm(self.conv2(y)).relu()
        return (y + (x if self.downsample is None else functional.instance_norm(self.downsample(x)))).relu()


class TwoStrides(nn.Module):
    """One convolution at both sizes: its tensor stands for both."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(WIDTH, WIDTH, 3, 3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Coarse, fine."""
        coarse, fine = (functional.conv2d(x, self.weight, None, stride, 1) for stride in (2, 1))
        return coarse, fine


class Backbone(nn.Module):
    """Features of a picture, at an eighth and a quarter of its size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.layer1 = nn.Sequential(Residual(64, 64, 1), Residual(64, 64, 1))
        self.layer2 = nn.Sequential(Residual(64, 96, 2), Residual(96, 96, 1))
        self.layer3 = nn.Sequential(Residual(96, WIDTH, 1), Residual(WIDTH, WIDTH, 1))
        self.conv2 = nn.Conv2d(WIDTH, WIDTH, 1)
        self.trident_conv = TwoStrides()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = functional.instance_norm(self.conv1(x)).relu()
        return self.trident_conv(self.conv2(self.layer3(self.layer2(self.layer1(x)))))  # type: ignore[no-any-return]


class Spreading(nn.Module):
    """A flow, carried to what looks alike."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def everywhere(self, features: Tensor, flow: Tensor) -> Tensor:
        """By all pixels of the picture. The weights were trained with keys made of queries, not of the features."""
        query = self.q_proj(features.flatten(2).transpose(1, 2))
        share = (query @ self.k_proj(query).transpose(1, 2) / math.sqrt(WIDTH)).softmax(-1)
        return (share @ flow.flatten(2).transpose(1, 2)).transpose(1, 2).reshape_as(flow)

    def near(self, features: Tensor, flow: Tensor) -> Tensor:
        """By a pixel's neighbours; outside the picture lies nothing, which has its share all the same."""
        last = features.permute(0, 2, 3, 1)
        query, key = (layer(last).permute(0, 3, 1, 2) for layer in (self.q_proj, self.k_proj))
        likeness = torch.stack([(query * part).sum(1) for part in shifted(key, AROUND)], 1) / math.sqrt(WIDTH)
        return (likeness.softmax(1)[:, None] * torch.stack(list(shifted(flow, AROUND)), 2)).sum(2)


class GMFlow(nn.Module):
    """The flow network."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.transformer, self.feature_flow_attn = Backbone(), Transformer(), Spreading()
        self.upsampler = nn.Sequential(nn.Conv2d(2 + WIDTH, 256, 3, 1, 1), nn.ReLU(), nn.Conv2d(256, 9 * UPSAMPLE**2, 1))

    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """Flow from a to b and from b to a, (1, 2, H, W) in pixels, of pictures (1, 3, H, W) of 0..1; H and W are multiples of 32."""
        both = torch.cat([a, b])
        mean, std = (both.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
        coarse, fine = self.backbone((both - mean) / std)
        coarse = torch.cat(self._compared(coarse[:1], coarse[1:], SPLITS[0]))
        flow = self.feature_flow_attn.everywhere(coarse, anywhere(coarse, coarse.flip(0)))
        flow = functional.interpolate(flow, scale_factor=2.0, mode="bilinear", align_corners=True) * 2
        own, other = self._compared(fine, fetched(fine.flip(0), flow), SPLITS[1])
        flow = self.feature_flow_attn.near(own, flow + close_by(own, other))
        there, back = self._enlarged(flow, own).chunk(2)
        return there, back

    def _compared(self, a: Tensor, b: Tensor, splits: int) -> tuple[Tensor, Tensor]:
        place = places(a.shape[2], a.shape[3], splits, a)
        return self.transformer(a + place, b + place, splits)  # type: ignore[no-any-return]

    def _enlarged(self, flow: Tensor, features: Tensor) -> Tensor:
        """Each fine pixel is a mix of the nine coarse ones around it (Teed & Deng, RAFT, ECCV 2020)."""
        b, _, h, w = flow.shape
        share = self.upsampler(torch.cat([flow, features], 1)).view(b, 1, 9, UPSAMPLE, UPSAMPLE, h, w).softmax(2)
        near = torch.stack(list(shifted(flow * UPSAMPLE, 1)), 2)[:, :, :, None, None]
        fine = (share * near).sum(2)
        return fine.permute(0, 1, 4, 2, 5, 3).reshape(b, 2, UPSAMPLE * h, UPSAMPLE * w)


def anywhere(a: Tensor, b: Tensor) -> Tensor:
    """(B, 2, h, w): where the features of a lie in b, on average over all of it."""
    h, w = a.shape[-2:]
    likeness = a.flatten(2).transpose(1, 2) @ b.flatten(2) / math.sqrt(a.shape[1])
    here = grid(h, w, a)
    there = (likeness.softmax(-1) @ here.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(-1, 2, h, w)
    return there - here


def close_by(a: Tensor, b: Tensor) -> Tensor:
    """(B, 2, h, w): likewise within NEAR pixels; what lies outside the picture is out of the question."""
    inside = functional.pad(torch.ones_like(a[:1, :1]), (NEAR,) * 4)
    h, w = a.shape[-2:]
    scores = torch.stack([(a * part).sum(1) for part in shifted(b, NEAR)], 1) / math.sqrt(a.shape[1])
    allowed = torch.cat([inside[..., y : y + h, x : x + w] for y in range(2 * NEAR + 1) for x in range(2 * NEAR + 1)], 1)
    share = scores.masked_fill(allowed == 0, NEVER).softmax(1)
    steps = torch.arange(-NEAR, NEAR + 1, device=a.device, dtype=a.dtype)
    dy, dx = (step.flatten().view(1, -1, 1, 1) for step in torch.meshgrid(steps, steps, indexing="ij"))
    return torch.cat([(share * dx).sum(1, keepdim=True), (share * dy).sum(1, keepdim=True)], 1)


def shifted(x: Tensor, reach: int) -> Iterator[Tensor]:
    """x seen from each neighbour within reach, row by row; zero outside."""
    h, w = x.shape[-2:]
    p = functional.pad(x, (reach,) * 4)
    for dy in range(2 * reach + 1):
        for dx in range(2 * reach + 1):
            yield p[..., dy : dy + h, dx : dx + w]


def fetched(x: Tensor, flow: Tensor) -> Tensor:
    """x looked up where the flow leads, linear between pixels; zero outside."""
    h, w = x.shape[-2:]
    at = (grid(h, w, flow) + flow).permute(0, 2, 3, 1)
    scale = at.new_tensor([2 / max(w - 1, 1), 2 / max(h - 1, 1)])
    return functional.grid_sample(x, (at * scale - 1).to(x.dtype), mode="bilinear", padding_mode="zeros", align_corners=True)


def grid(h: int, w: int, like: Tensor) -> Tensor:
    """(1, 2, h, w): x and y of each pixel."""
    x = torch.arange(w, device=like.device, dtype=like.dtype).expand(h, w)
    y = torch.arange(h, device=like.device, dtype=like.dtype)[:, None].expand(h, w)
    return torch.stack([x, y])[None]
