"""Frames in between by GMFSS: an Interpolator, as core/retime/contracts.py asks for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ...core.retime.contracts import Between, Time
from ..asking import end_of, require_pair, require_time
from ..errors import ModelError
from ..rife.middle import drawn
from ..rife.network import IFNet
from .fusion import Features, Grid, Weighing
from .matching import GMFlow
from .projection import projected


class Gmfss(nn.Module):
    """The networks of a set of weights, by the names of its parts."""

    def __init__(self, rife: IFNet | None) -> None:
        super().__init__()
        self.flow, self.metric, self.feat, self.fusion = GMFlow(), Weighing(rife is not None), Features(), Grid(rife is not None)
        self.rife = rife

    @property
    def dtype(self) -> torch.dtype:
        return self.fusion.residual_model_tail.conv_last.weight.dtype


@dataclass(frozen=True)
class GmfssInterpolator:
    """Makes frames in between. The networks see pictures limited to 0..1; what lies beyond is carried beside them."""

    networks: Gmfss
    name: str
    multiple_of: int
    scale: float = 1.0

    def pair(self, a: np.ndarray, b: np.ndarray) -> GmfssPair:
        """Prepare two pictures (H, W, 3) float32 of one size. Raises UsageError."""
        require_pair(a, b)
        return GmfssPair(self, a, b)

    def middle(self, a: np.ndarray, b: np.ndarray, t: Time = 0.5) -> np.ndarray:
        """The picture at a time between two."""
        return self.pair(a, b).at(t)


class GmfssPair:
    """Two pictures; flows, weights and features are found once for all times between them."""

    @torch.inference_mode()
    def __init__(self, model: GmfssInterpolator, a: np.ndarray, b: np.ndarray) -> None:
        self._model, self._given = model, (a, b)
        net, device = model.networks, next(model.networks.parameters()).device
        whole = [_padded(picture, model.multiple_of).to(device) for picture in (a, b)]
        seen = [torch.nan_to_num(picture).clamp(0, 1) for picture in whole]
        self._beyond = [torch.nan_to_num(picture) - shown for picture, shown in zip(whole, seen, strict=True)]
        self._half = [_resized(picture, 0.5) for picture in seen]
        self._features = [tuple(level.float() for level in net.feat(picture.to(net.dtype))) for picture in seen]
        small = [_resized(picture, model.scale).to(net.dtype) for picture in self._half]
        self._flows = [_resized(flow.float(), 1 / model.scale) / model.scale for flow in net.flow(*small)]
        self._weights = net.metric(*self._half, *self._flows)

    @torch.inference_mode()
    def at(self, t: Time) -> np.ndarray:
        """The picture at a time, (H, W, 3) float32. Raises UsageError for a time before 0 or after 1."""
        height, width = self._given[0].shape[:2]
        require_time(t, (height, width))
        end = end_of(t)
        if end is not None:
            return self._given[end]
        time = self._plane(t)
        ways = [(flow * part, weight * part) for flow, weight, part in zip(self._flows, self._weights, (time, 1 - time), strict=True)]
        out = self._fused(ways, time) + self._carried_beyond(ways, time)
        return out[0, :, :height, :width].permute(1, 2, 0).cpu().numpy()

    def between(self, t: Time) -> Between:
        """Raises ModelError: the picture is made by a network, not drawn along a motion that could be told."""
        raise ModelError(f"{self._model.name} gives pictures and no motion", "choose a model that gives motion, such as rife")

    def _fused(self, ways: list[tuple[Tensor, Tensor]], time: Tensor) -> Tensor:
        net = self._model.networks
        shown = [projected(picture, *way) for picture, way in zip(self._half, ways, strict=True)]
        if net.rife is None:
            pictures = [self._half[0], *shown, self._half[1]]
        else:
            a, b = self._half
            pictures = [shown[0], drawn(a, b, net.rife(a, b, time)[-1]), shown[1]]
        carried = []
        for level, part in enumerate((1.0, 0.5, 0.25)):
            sized = [(_resized(flow, part) * part, _resized(weight, part)) for flow, weight in ways]
            carried.append(torch.cat([projected(own[level], *way) for own, way in zip(self._features, sized, strict=True)], 1))
        return net.fusion(torch.cat(pictures, 1).to(net.dtype), tuple(x.to(net.dtype) for x in carried)).float().clamp(0, 1)  # type: ignore[no-any-return]

    def _carried_beyond(self, ways: list[tuple[Tensor, Tensor]], time: Tensor) -> Tensor:
        """What is darker than black or brighter than white, carried along and cross-faded."""
        if not any(bool(beyond.any()) for beyond in self._beyond):
            return time.new_zeros(1)
        full = [(_resized(flow, 2.0) * 2, _resized(weight, 2.0)) for flow, weight in ways]
        first, second = (projected(beyond, *way) for beyond, way in zip(self._beyond, full, strict=True))
        share = _resized(time, 2.0)
        return first * (1 - share) + second * share

    def _plane(self, t: Time) -> Tensor:
        """(1, 1, H / 2, W / 2)."""
        like = self._half[0][:, :1]
        if not isinstance(t, np.ndarray):
            return torch.full_like(like, float(t))
        plane = torch.from_numpy(np.ascontiguousarray(t, np.float32)).to(like.device)[None, None]
        plane = functional.pad(plane, (0, 2 * like.shape[3] - t.shape[1], 0, 2 * like.shape[2] - t.shape[0]), mode="replicate")
        return _resized(plane, 0.5)


def _padded(picture: np.ndarray, multiple: int) -> Tensor:
    """(1, 3, H, W), grown to the right and down by its border."""
    height, width = picture.shape[:2]
    x = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    return functional.pad(x, (0, -width % multiple, 0, -height % multiple), mode="replicate")


def _resized(x: Tensor, factor: float) -> Tensor:
    return x if factor == 1 else functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
