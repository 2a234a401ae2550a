"""The network of RIFE 4.x, in one class that takes its sizes from the weights.

Z. Huang, T. Zhang, W. Heng, B. Shi, S. Zhou: Real-Time Intermediate Flow Estimation for Video Frame Interpolation, ECCV 2022. Own code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .shape import RifeShape

_SLOPE = 0.2


class Motion(NamedTuple):
    """What lies between two pictures, at the time that was asked for."""

    flow: Tensor
    """(B, 4, H, W) float32, pixels: from the time to a (x, y), then to b (x, y). Pixel p shows a at p + flow."""
    share: Tensor
    """(B, 1, H, W) float32, 0..1: how much of it is taken from a."""


class IFNet(nn.Module):
    """Flow from a time between two pictures to both of them, coarse to fine.

    Pictures are (B, 3, H, W), 0..1, H and W multiples of shape.multiple_of / scale. The convolutions run in the dtype of the weights;
    flow, share and everything that is looked up by them stay in float32, since half precision holds no small part of a long way.
    """

    def __init__(self, shape: RifeShape) -> None:
        super().__init__()
        self.shape = shape
        for n in range(len(shape.widths)):
            setattr(self, f"block{n}", Block(shape, n))
        if shape.encoder:
            self.encode = _encoder(shape)

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights."""
        return next(self.parameters()).dtype

    def features(self, picture: Tensor) -> Tensor | None:
        """Of one picture, (B, E, H, W); None where this version has no encoder. They serve every time between a pair."""
        if not self.shape.encoder:
            return None
        x = picture.to(self.dtype)
        last = len(self.shape.encoder) - 1
        for k, layer in enumerate(self.encode.values()):
            x = layer(x)
            if last > 1 and k < last:
                x = functional.leaky_relu(x, _SLOPE)
        return x.float()

    def forward(
        self, a: Tensor, b: Tensor, time: Tensor, scale: float = 1.0, features: tuple[Tensor | None, Tensor | None] | None = None, every: bool = False
    ) -> list[Motion]:
        """Motion at a time, (B, 1, H, W) of 0..1; a list of one, or (every: for training) of what each block found.

        scale  above 1 looks closer, below 1 further: 0.5 for 4K, as RIFE's users know it
        """
        feature_a, feature_b = features or (self.features(a), self.features(b))
        given = [a, b, *([feature_a, feature_b] if feature_a is not None and feature_b is not None else []), time]
        flow, logit, handed = self._block(0, torch.cat(given, 1), None, scale)
        found = [Motion(flow, torch.sigmoid(logit))]
        for n in range(1, len(self.shape.widths)):
            if every:  # each block learns from its own mistakes
                flow, logit = flow.detach(), logit.detach()
            given = [look_up(a, flow[:, :2]), look_up(b, flow[:, 2:])]
            if feature_a is not None and feature_b is not None:
                given += [look_up(feature_a, flow[:, :2]), look_up(feature_b, flow[:, 2:])]
            given += [time, logit, *([handed] if handed is not None else [])]
            more, said, handed = self._block(n, torch.cat(given, 1), flow, scale)
            flow = flow + more
            logit = logit + said if self.shape.accumulates_share else said
            found.append(Motion(flow, torch.sigmoid(logit)))
        return found if every else found[-1:]

    def _block(self, n: int, given: Tensor, flow: Tensor | None, scale: float) -> tuple[Tensor, Tensor, Tensor | None]:
        return getattr(self, f"block{n}")(given, flow, self.shape.scales[n] / scale)  # type: ignore[no-any-return]


class Block(nn.Module):
    """One step from coarse to fine."""

    def __init__(self, shape: RifeShape, n: int) -> None:
        super().__init__()
        self.shape, width = shape, shape.widths[n]
        self.conv0 = nn.Sequential(_conv(shape, shape.inputs(n), width // 2, 2), _conv(shape, width // 2, width, 2))
        self.convblock = nn.Sequential(*[Thought(width, shape.groups) if shape.residual else _conv(shape, width, width, 1) for _ in range(8)])
        if shape.residual:
            self.lastconv: nn.Module = nn.Sequential(nn.ConvTranspose2d(width, 4 * shape.outputs, 4, 2, 1), nn.PixelShuffle(2))
        else:
            self.lastconv = nn.ConvTranspose2d(width, shape.outputs, 4, 2, 1)

    def forward(self, given: Tensor, flow: Tensor | None, scale: float) -> tuple[Tensor, Tensor, Tensor | None]:
        x = _resize(given, 1 / scale)
        if flow is not None:
            x = torch.cat([x, _resize(flow, 1 / scale) / scale], 1)
        x = self.conv0(x.to(next(self.parameters()).dtype))
        x = self.convblock(x) + (x if self.shape.prelu else 0)
        up = scale if self.shape.residual else 2 * scale
        out = _resize(self.lastconv(x).float(), up)
        return out[:, :4] * up, out[:, 4:5], out[:, 5:] if self.shape.handed_on else None


class Thought(nn.Module):
    """act(beta * conv(x) + x)."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, 1, 1, groups=groups)
        self.beta = nn.Parameter(torch.ones(1, width, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return functional.leaky_relu(self.conv(x) * self.beta + x, _SLOPE)


def _conv(shape: RifeShape, before: int, after: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1), nn.PReLU(after) if shape.prelu else nn.LeakyReLU(_SLOPE))


def _encoder(shape: RifeShape) -> nn.ModuleDict:
    layers: dict[str, nn.Module] = {}
    for k, (name, before, after) in enumerate(shape.encoder):
        last = k == len(shape.encoder) - 1
        layers[name] = nn.ConvTranspose2d(before, after, 4, 2, 1) if last else nn.Conv2d(before, after, 3, 1 if k else 2, 1)
    return nn.ModuleDict(layers)


def _resize(x: Tensor, factor: float) -> Tensor:
    if factor == 1:
        return x
    size = [round(x.shape[-2] * factor), round(x.shape[-1] * factor)]
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)


def look_up(x: Tensor, flow: Tensor) -> Tensor:
    """What x (B, C, H, W) shows at p + flow (B, 2, H, W; pixels, x then y), bilinear; beyond the border, the border."""
    height, width = x.shape[-2:]
    ys, xs = torch.meshgrid(
        torch.arange(height, device=x.device, dtype=torch.float32), torch.arange(width, device=x.device, dtype=torch.float32), indexing="ij"
    )
    grid = torch.stack([(xs + flow[:, 0]) * (2 / max(width - 1, 1)) - 1, (ys + flow[:, 1]) * (2 / max(height - 1, 1)) - 1], -1)  # B H W 2
    return functional.grid_sample(x.float(), grid, "bilinear", "border", align_corners=True)


def network_of(shape: RifeShape, tensors: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype) -> IFNet:
    """The network with these weights, ready to be asked. Building it draws no random number and changes no global switch."""
    with torch.device("meta"):
        network = IFNet(shape)
    network.load_state_dict({name: tensor.to(device, dtype) for name, tensor in tensors.items()}, strict=True, assign=True)
    return network.eval().requires_grad_(False)
