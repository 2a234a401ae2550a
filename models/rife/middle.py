"""Frames in between by RIFE: an Interpolator, as core/retime/contracts.py asks for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...core.retime.contracts import Between, Time
from ..asking import end_of, require_pair, require_time
from .network import Motion, look_up
from .runner import Runner


@dataclass(frozen=True)
class RifeInterpolator:
    """Makes frames in between with a user's weights.

    The network looks at pictures limited to 0..1; the frames are drawn from the pictures as they are, so that what is brighter than white
    or darker than black stays so.
    """

    runner: Runner
    name: str

    def pair(self, a: np.ndarray, b: np.ndarray) -> RifePair:
        """Prepare two pictures (H, W, 3) float32 of one size. Raises UsageError."""
        require_pair(a, b)
        return RifePair(self.runner, a, b)

    def middle(self, a: np.ndarray, b: np.ndarray, t: Time = 0.5) -> np.ndarray:
        """The picture at a time between two."""
        return self.pair(a, b).at(t)


class RifePair:
    """Two pictures, prepared."""

    @torch.inference_mode()
    def __init__(self, runner: Runner, a: np.ndarray, b: np.ndarray) -> None:
        self._runner, self._given = runner, (a, b)
        self._whole = _tensor(a, runner.device), _tensor(b, runner.device)
        self._seen = _plain(self._whole[0]), _plain(self._whole[1])
        self._features = runner.features(*self._seen)

    def at(self, t: Time) -> np.ndarray:
        """The picture at a time, (H, W, 3) float32. Raises UsageError for a time before 0 or after 1."""
        require_time(t, self._given[0].shape[:2])
        end = end_of(t)
        return self.between(t).picture if end is None else self._given[end]

    @torch.inference_mode()
    def between(self, t: Time) -> Between:
        """The picture and the motion at a time."""
        time, end = self._plane(t), end_of(t)
        motion = self._runner.motion(*self._seen, time, self._features)
        picture = drawn(*self._whole, motion) if end is None else self._whole[end]
        flow = motion.flow[0].permute(1, 2, 0).cpu().numpy()  # H W 4
        return Between(picture[0].permute(1, 2, 0).cpu().numpy(), flow[..., :2], flow[..., 2:], motion.share[0, 0].cpu().numpy())

    def _plane(self, t: Time) -> Tensor:
        height, width = self._given[0].shape[:2]
        require_time(t, (height, width))
        if isinstance(t, np.ndarray):
            return torch.from_numpy(np.ascontiguousarray(t, np.float32)).to(self._runner.device)[None, None]
        return torch.full((1, 1, height, width), float(t), device=self._runner.device)


def drawn(a: Tensor, b: Tensor, motion: Motion) -> Tensor:
    """The picture that this motion makes of two, (B, 3, H, W)."""
    return look_up(a, motion.flow[:, :2]) * motion.share + look_up(b, motion.flow[:, 2:]) * (1 - motion.share)


def _plain(picture: Tensor) -> Tensor:
    """As the network may see it."""
    return torch.nan_to_num(picture).clamp(0, 1)


def _tensor(picture: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture)).to(device).permute(2, 0, 1)[None]
