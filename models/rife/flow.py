"""Where each pixel of the ref lies in the clip, by RIFE: an Estimator, as core/space/flow asks for one.

The clip is drawn as the start map has it, and the network asked for the motion half way between that and the ref, which is where it was
trained most. It is asked both ways round; the mean of the two answers is free of what the network would see between two equal pictures,
and their difference tells how sure it is. Whatever is found moves the map, the clip is drawn anew from the original, and again.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ...core.space.flow import Flow, FlowSettings
from ...core.space.flow.contract import require_fit
from ...core.space.warp import warp
from .filling import difference, filled, matched, shrunk, smooth, telling
from .network import look_up
from .runner import Runner

_SOFT_PX = 1.2
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Rec. 709."""
_SURE_PX = 0.5
"""Answers that differ by this much are half believed."""
_BETTER = 0.999
_EDGE_PX = 3
"""What lies so close to an excluded pixel is not trusted: the network has seen that pixel too."""


@dataclass(frozen=True)
class _Plan:
    scale: float
    rounds: int


_BY_PRECISION = {1: _Plan(0.5, 1), 2: _Plan(1.0, 3), 3: _Plan(1.0, 5), 4: _Plan(2.0, 5)}


class RifeFlow:
    """The estimator that runs a user's RIFE weights. Each pair is estimated for itself; `previous` is not looked at."""

    def __init__(self, runner: Runner, settings: FlowSettings = FlowSettings()) -> None:
        plan = _BY_PRECISION[settings.precision]
        self._soften, self._wide = settings.soften, settings.wide
        self._rounds = settings.iterations or plan.rounds
        self._fine = Runner(runner.network, plan.scale, settings.tile)
        self._wide_runner = Runner(runner.network, min(plan.scale, 1.0) / 2, settings.tile)

    @torch.inference_mode()
    def estimate(
        self,
        clip: np.ndarray,
        ref: np.ndarray,
        start: np.ndarray,
        *,
        mask: np.ndarray | None = None,
        clip_mask: np.ndarray | None = None,
        previous: Flow | None = None,
    ) -> Flow:
        """As core/space/flow/contract.py says. Raises UsageError where shapes or kinds do not fit."""
        require_fit(clip, ref, start, mask, clip_mask)
        device = self._fine.device
        points, believed = _whole(torch.from_numpy(np.array(start, np.float32)).to(device))
        if not believed.all():
            mask = ~believed.cpu().numpy() | (False if mask is None else mask)
        scene = _Scene(clip, ref, mask, clip_mask, device, self._soften)
        confidence = torch.zeros(points.shape[:2], device=device)
        usable, shown = scene.drawn(points)
        for runner in [self._wide_runner] * (2 * self._wide) + [self._fine] * self._rounds:
            if not usable.any():
                break
            shift, doubt = _motion(runner, shown, scene.ref, usable)
            trusted = shrunk(usable, _EDGE_PX)
            trusted = trusted if trusted.any() else usable
            sure = torch.exp2(-((doubt / _SURE_PX) ** 2)) * telling(scene.ref, usable)
            points, usable, shown = _as_far_as_it_helps(scene, points, filled(shift, trusted * sure), trusted, shown)
            confidence = usable * sure
        return Flow(points.cpu().numpy(), confidence.float().cpu().numpy())


def _as_far_as_it_helps(scene: _Scene, points: Tensor, shift: Tensor, trusted: Tensor, shown: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The map corrected by all of the shift, by half of it or not at all, whichever brings the pictures nearest in each neighbourhood.

    Networks are wrong on what they were not trained on, and say so to nobody.
    """
    least, share = difference(shown, scene.ref, trusted), torch.zeros_like(shift[:, :1])
    for part in (0.5, 1.0):
        usable, tried = scene.drawn(moved(points, shift * part))
        apart = difference(tried, scene.ref, trusted & usable)
        share, least = torch.where(apart < _BETTER * least, part, share), torch.minimum(apart, least)
    points = moved(points, shift * filled(smooth(share), trusted))
    return points, *scene.drawn(points)


class _Scene:
    """The two pictures, and what of them may be looked at."""

    def __init__(
        self, clip: np.ndarray, ref: np.ndarray, mask: np.ndarray | None, clip_mask: np.ndarray | None, device: torch.device, soften: bool
    ) -> None:
        soft, grey = _SOFT_PX if soften else 0.0, clip.ndim != ref.ndim
        self._clip, self._device = _plain(clip, soft, grey), device
        self.ref = _tensor(_plain(ref, soft, grey), device)
        self._mask = mask
        self._closed = None if clip_mask is None else clip_mask.astype(np.float32)

    def drawn(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Which ref pixels may be compared, (H, W) bool, and the clip as a map has it, (1, 3, H, W)."""
        ref_to_clip = points.cpu().numpy()
        picture, covered = warp(self._clip, ref_to_clip, "bicubic")
        usable = covered > 0.99
        if self._mask is not None:
            usable &= ~self._mask
        if self._closed is not None:
            usable &= warp(self._closed, ref_to_clip, "linear")[0] < 0.01
        return torch.from_numpy(usable).to(self._device), _tensor(picture, self._device)


def _motion(runner: Runner, shown: Tensor, ref: Tensor, usable: Tensor) -> tuple[Tensor, Tensor]:
    """From the ref to the drawn clip, (1, 2, H, W) pixels on the ref's grid, and the doubt about it, (H, W) pixels."""
    shown = filled(matched(shown, ref, usable), usable)
    ref = filled(ref, usable)
    pair = torch.cat([shown, ref]), torch.cat([ref, shown])
    half = torch.full_like(pair[0][:, :1], 0.5)
    flow = runner.motion(*pair, half).flow
    one, other = flow[:1, :2] - flow[:1, 2:], flow[1:, 2:] - flow[1:, :2]
    between, doubt = (one + other) / 2, (one - other).norm(dim=1, keepdim=True)
    shift = between
    for _ in range(3):  # the point half way that this ref pixel passes through
        shift = look_up(between, shift / 2)
    return shift, look_up(doubt, shift / 2)[0, 0]


def moved(points: Tensor, shift: Tensor) -> Tensor:
    """A map (H, W, 2) looked up at p + shift (1, 2, H, W). Beyond its border it goes on as the plane that fits it best."""
    here = _here(points)
    plane = _plane(here, points)
    to = here.clone()
    to[..., :2] += shift[0].permute(1, 2, 0)
    rest = (points - here @ plane).permute(2, 0, 1)[None]
    return to @ plane + look_up(rest, shift)[0].permute(1, 2, 0)


def _whole(points: Tensor) -> tuple[Tensor, Tensor]:
    """A map with what is no number in it laid on the plane that fits the others, and where it is to be believed, (H, W) bool."""
    known = points.isfinite().all(-1)
    if known.all():
        return points, known
    here = _here(points)
    plane = _plane(here[known], points[known]) if known.any() else torch.eye(3, 2, device=points.device)
    return torch.where(known[..., None], points, here @ plane), known


def _here(points: Tensor) -> Tensor:
    """(H, W, 3): x, y and 1 for each pixel."""
    height, width = points.shape[:2]
    x, y = torch.meshgrid(torch.arange(width), torch.arange(height), indexing="xy")
    return torch.stack([x, y, torch.ones_like(x)], -1).to(points)


def _plane(here: Tensor, points: Tensor) -> Tensor:
    """3 x 2 that takes (x, y, 1) to points, by least squares over some of them."""
    x, y = here.reshape(-1, 3), points.reshape(-1, 2)
    step = max(1, len(x) // 4096)
    return (torch.linalg.pinv(x[::step].double().cpu()) @ y[::step].double().cpu()).to(points)


def _plain(picture: np.ndarray, soft_px: float, grey: bool) -> np.ndarray:
    """(H, W, 3) float32 of 0..1, finite, and softened by a Gaussian; without colour where the other picture has none."""
    peak = {"uint8": 255.0, "uint16": 65535.0}.get(picture.dtype.name, 1.0)
    values = np.nan_to_num(picture.astype(np.float32) / np.float32(peak), nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
    values = values @ _LUMA if grey and values.ndim == 3 else values
    values = values if values.ndim == 3 else np.repeat(values[..., None], 3, 2)
    return cv2.GaussianBlur(values, (0, 0), soft_px) if soft_px else values


def _tensor(picture: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture, np.float32)).to(device).permute(2, 0, 1)[None].clamp(0, 1)
