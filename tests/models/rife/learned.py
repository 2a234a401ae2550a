"""A small network of RIFE's class that has learned where things went: solved block by block, in seconds, on made pictures.

No weights of RIFE's own can come with the tests, and random ones find nothing. Here the first layers are laid down by hand: slopes and
differences, whose |s + d| - |s - d| is large and positive where a slope s and a difference d agree in sign (a product, as a rectifier can
say it). What the last layer of each block makes of them is learned, by least squares on noise that was moved. It knows the time half
way, small motion and nothing else; nobody should render with it.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import torch
from torch import Tensor

from genlock.models.rife.network import Block, IFNet, look_up
from genlock.models.rife.shape import RifeShape

SHAPE = RifeShape((32, 32, 32, 32), 6)
_SIDE, _CANVAS, _BATCH, _ROUNDS = 128, 176, 4, 6
_SLOPES = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
_SMOOTH = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
_LARGEST_PX = (10.0, 6.0, 3.0, 1.5)
"""Motion that each block is taught on; what coarser ones leave over is smaller."""


@cache
def learned() -> IFNet:
    """The network; made once."""
    generator, rng = torch.Generator().manual_seed(7), np.random.default_rng(7)
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(7)
        network = IFNet(SHAPE)
        for n in range(len(SHAPE.widths)):
            _lay_down(getattr(network, f"block{n}"))
        for n in range(len(SHAPE.widths)):
            _teach(network, n, rng, generator)
    return network.eval().requires_grad_(False)


def _lay_down(block: Block) -> None:
    """Slopes and differences in the first layer, their agreement in the second, averages after that."""
    first, second = block.conv0[0][0], block.conv0[1][0]
    for layer in (first, second, *(thought.conv for thought in block.convblock)):
        layer.bias.zero_()
    second.weight[12:] *= 0.3
    across, down = _SLOPES, _SLOPES.T
    for k, slope in enumerate((across, down, (across + down) * 0.7, (across - down) * 0.7)):
        for j, (sign, other) in enumerate(((1, 1), (-1, -1), (1, -1), (-1, 1))):
            kernel = torch.zeros_like(first.weight[0])
            kernel[0:3] = sign * slope - other * _SMOOTH
            kernel[3:6] = sign * slope + other * _SMOOTH
            first.weight[4 * k + j] = kernel
        agree = torch.zeros_like(second.weight[0])
        agree[4 * k : 4 * k + 2], agree[4 * k + 2 : 4 * k + 4] = 1 / 9, -1 / 9
        second.weight[3 * k], second.weight[3 * k + 1], second.weight[3 * k + 2] = agree, -agree, agree.abs()
    for k, thought in enumerate(block.convblock):
        thought.beta.fill_(1.0)
        thought.conv.weight[12:] *= 0.5
        thought.conv.weight[:12] = 0
        for channel in range(12 if k < 4 else 0):
            thought.conv.weight[channel, channel] = _SMOOTH
            thought.conv.weight[channel, channel, 1, 1] -= 1


def _teach(network: IFNet, n: int, rng: np.random.Generator, generator: torch.Generator) -> None:
    """Choose the last layer of a block so that flow comes out, by least squares over made pairs."""
    block, scale = getattr(network, f"block{n}"), SHAPE.scales[n]
    seen: list[Tensor] = []
    block.convblock.register_forward_hook(lambda module, given, found: seen.append(found))
    gram, goal = torch.zeros(SHAPE.widths[n], SHAPE.widths[n]), torch.zeros(SHAPE.widths[n], 4)
    for _ in range(_ROUNDS * (4 if n == 0 else 1)):
        a, b, truth = made_pairs(rng, generator, _LARGEST_PX[n])
        seen.clear()
        found = network(a, b, torch.full_like(a[:, :1], 0.5), every=True)
        left = (truth - (found[n - 1].flow if n else 0)) / scale
        cells = torch.nn.functional.avg_pool2d(left, 4 * scale)
        x, y = seen[0].permute(0, 2, 3, 1).reshape(-1, SHAPE.widths[n]), cells.permute(0, 2, 3, 1).reshape(-1, 4)
        gram, goal = gram + x.T @ x / len(x), goal + x.T @ y / len(x)
    block.convblock._forward_hooks.clear()
    weights = torch.linalg.solve(gram + 1e-3 * gram.diagonal().mean() * torch.eye(len(gram)), goal)  # width x 4
    ramp = torch.tensor([0.25, 0.75, 0.75, 0.25])
    last = block.lastconv[0]
    last.weight.zero_(), last.bias.zero_()
    for plane in range(4):
        for quarter in range(4):
            last.weight[:, 4 * plane + quarter] = weights[:, plane, None, None] * ramp[:, None] * ramp


def made_pairs(rng: np.random.Generator, generator: torch.Generator, largest_px: float) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures a and b, (B, 3, SIDE, SIDE), and the flow from half way to both, (B, 4, SIDE, SIDE) pixels; all equally resampled."""
    picture = torch.stack([torch.from_numpy(noise(rng)) for _ in range(_BATCH)]).permute(0, 3, 1, 2)
    grid = torch.stack(torch.meshgrid(torch.arange(_SIDE), torch.arange(_SIDE), indexing="xy")).float()[None]
    middle = (grid - _SIDE / 2) / (_SIDE / 2)
    size = largest_px * torch.rand(_BATCH, 1, 1, 1, generator=generator)
    shift = torch.randn(_BATCH, 2, 1, 1, generator=generator) * size * 0.6
    slopes = torch.randn(_BATCH, 2, 2, 1, generator=generator).unsqueeze(-1) * (size * 0.2).unsqueeze(-1)
    motion = shift + slopes[:, :, 0] * middle[:, :1] + slopes[:, :, 1] * middle[:, 1:]
    shown = []
    for share in (0.5, -0.5):
        back = motion * share
        for _ in range(3):
            back = look_up(motion * share, -back)
        here = grid - back + (_CANVAS - _SIDE) / 2 + 0.37
        where = ((here * 2 + 1) / _CANVAS - 1).permute(0, 2, 3, 1)
        shown.append(torch.nn.functional.grid_sample(picture, where, "bicubic", "reflection", align_corners=False).clamp(0, 1))
    return shown[0], shown[1], torch.cat([motion * 0.5, motion * -0.5], 1)


def noise(rng: np.random.Generator) -> np.ndarray:
    """(CANVAS, CANVAS, 3) float32: noise of several sizes, fine or soft, strong or weak, in colour or not, some flat shapes over it."""
    picture = np.zeros((_CANVAS, _CANVAS, 3), np.float32)
    channels = 1 if rng.random() < 0.5 else 3
    for size in (2.5, 5, 10, 20, 40):
        grain = rng.normal(size=(int(_CANVAS / size) + 2,) * 2 + (channels,)).astype(np.float32)
        picture += cv2.resize(grain, (_CANVAS, _CANVAS), interpolation=cv2.INTER_CUBIC).reshape(_CANVAS, _CANVAS, -1) * rng.uniform(0.1, 1)
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 3.0))
    picture = (0.5 + picture / picture.std() * np.exp(rng.uniform(np.log(0.06), np.log(0.2)))).astype(np.float32)
    for _ in range(rng.integers(0, 12)):
        points = rng.uniform(-20, _CANVAS + 20, 2) + rng.normal(size=(5, 2)) * rng.uniform(5, 30)
        cv2.fillPoly(picture, [np.round(points * 16).astype(np.int32)], rng.uniform(0.1, 0.9, 3).tolist(), cv2.LINE_AA, 4)
    return np.clip(picture, 0, 1).astype(np.float32)
