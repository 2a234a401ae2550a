"""What is carried, how much each pixel counts where several meet, and the grid that makes one picture of all (Niklaus & Liu, CVPR 2018, GridNet)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .matching import fetched
from .shape import PYRAMID, ROWS, heads

HIDDEN_SHARE, HIDDEN_PX = 0.01, 0.5
"""A pixel from which way there and back miss by more than this share of their lengths and this much is hidden in the other picture
(Meister et al., UnFlow, AAAI 2018)."""
UNION_WEIGHT = 10.0


class Weighing(nn.Module):
    """How much each pixel of either picture counts where several land on one place: the exponent of its weight."""

    def __init__(self, bounded: bool) -> None:
        super().__init__()
        self.bounded = bounded
        self.metric_in = nn.Conv2d(14, 64, 3, 1, 1)
        self.metric_net1, self.metric_net2, self.metric_net3, self.metric_out = (
            nn.Sequential(nn.PReLU(), nn.Conv2d(64, after, 3, 1, 1)) for after in (64, 64, 64, 2)
        )

    def forward(self, a: Tensor, b: Tensor, there: Tensor, back: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (1, 3, H, W) and flows (1, 2, H, W) to two of (1, 1, H, W)."""
        unlike = [(x - fetched(y, flow)).abs().mean(1, keepdim=True) for x, y, flow in ((a, b, there), (b, a, back))]
        half = there.new_tensor([(there.shape[3] - 1) / 2, (there.shape[2] - 1) / 2]).view(1, 2, 1, 1)
        hidden = [_hidden(there, back), _hidden(back, there)]
        x = self.metric_in(torch.cat([a, b, -unlike[0], -unlike[1], there / half, back / half, *hidden], 1).to(self.metric_in.weight.dtype))
        for layer in (self.metric_net1, self.metric_net2, self.metric_net3):
            x = layer(x) + x
        x = self.metric_out(x).float()
        x = x.tanh() * UNION_WEIGHT if self.bounded else x
        return x[:, :1], x[:, 1:]


def _hidden(there: Tensor, back: Tensor) -> Tensor:
    miss = (there + fetched(back, there)).norm(dim=1, keepdim=True)
    length = there.norm(dim=1, keepdim=True) + back.norm(dim=1, keepdim=True)
    return (miss > HIDDEN_SHARE * length + HIDDEN_PX).float()


class Features(nn.Module):
    """Of a picture, at a half, a quarter and an eighth of its size."""

    def __init__(self) -> None:
        super().__init__()
        self.block1, self.block2, self.block3 = (_block(before, after, 2) for before, after in zip((3, *PYRAMID), PYRAMID, strict=False))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        one = self.block1(x)
        two = self.block2(one)
        return one, two, self.block3(two)


class Grid(nn.Module):
    """Three rows of sizes, three columns of thought; each block adds to what comes past it."""

    def __init__(self, union: bool) -> None:
        super().__init__()
        self.union = union
        for name, (before, after) in (heads(union) | ROWS).items():
            kind = name.split("_")[0]
            self.add_module(name, _raising(before, after) if kind == "upsample" else _block(before, after, 2 if kind == "downsample" else 1))
        self.residual_model_tail = Tail()

    def forward(self, pictures: Tensor, carried: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Pictures at half the size, and the carried features of both, to one picture (1, 3, H, W) of the whole size."""
        first, *others = heads(self.union)
        into = [self._run(name, x) for name, x in zip(others, carried, strict=True)]
        top = self._run(first, pictures) + into[0]
        middle = self._run("downsample_model_10", top) + into[1]
        low = self._run("downsample_model_20", middle) + into[2]
        top = self._on("residual_model_01", top)
        middle = self._on("residual_model_11", middle) + self._run("downsample_model_11", top)
        low = self._on("residual_model_21", low) + self._run("downsample_model_21", middle)
        for column in "45":
            low = self._on(f"residual_model_2{column}", low)
            middle = self._run(f"upsample_model_1{column}", low) + self._on(f"residual_model_1{column}", middle)
            top = self._run(f"upsample_model_0{column}", middle) + self._on(f"residual_model_0{column}", top)
        return self.residual_model_tail(top)  # type: ignore[no-any-return]

    def _run(self, name: str, x: Tensor) -> Tensor:
        return self.get_submodule(name)(x)  # type: ignore[no-any-return]

    def _on(self, name: str, x: Tensor) -> Tensor:
        return self._run(name, x) + x


class Tail(nn.Module):
    """From features at half the size to a picture at the whole."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_before_upsample = nn.Sequential(nn.Conv2d(64, 64, 3, 1, 1), nn.PReLU())
        self.upsample = nn.Sequential(nn.Conv2d(64, 256, 3, 1, 1), nn.PixelShuffle(2))
        self.conv_last = nn.Conv2d(64, 3, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv_last(self.upsample(self.conv_before_upsample(x)))  # type: ignore[no-any-return]


def _block(before: int, after: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.PReLU(), nn.Conv2d(before, after, 3, stride, 1), nn.PReLU(), nn.Conv2d(after, after, 3, 1, 1))


def _raising(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.PReLU(), nn.ConvTranspose2d(before, after, 4, 2, 1), nn.PReLU(), nn.Conv2d(after, after, 3, 1, 1))
