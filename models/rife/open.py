"""From a weights file to a network that can be asked."""

from __future__ import annotations

from pathlib import Path

import torch

from ...core.retime.contracts import Interpolator
from ...core.space.flow import Estimator, FlowSettings
from ...core.space.flow.device import chosen as device_of
from ..errors import WeightsError
from ..precision import half_dtype
from ..settings import RunSettings
from ..store import Entry
from ..weights import chosen, read_weights
from .flow import RifeFlow
from .middle import RifeInterpolator
from .network import network_of
from .runner import Runner
from .shape import NotRife, read_shape


def open_runner(path: Path, settings: RunSettings = RunSettings()) -> Runner:
    """The network of a weights file, on the device and in the precision asked for. Raises WeightsError, UsageError."""
    device = device_of(settings.device)
    tensors = read_weights(path)
    try:
        shape = read_shape({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    except NotRife as error:
        raise WeightsError(f"{path}: {error}", "name the flownet.pkl of a RIFE 4.x") from error
    dtype = half_dtype(device) if settings.half else torch.float32
    return Runner(network_of(shape, chosen(path, tensors, shape.tensors()), device, dtype), settings.scale, settings.tile)


def open_interpolator(entry: Entry, settings: RunSettings) -> Interpolator:
    """What makes frames in between with these weights. Raises WeightsError, UsageError."""
    return RifeInterpolator(open_runner(entry.file, settings), f"{entry.name} ({entry.label})")


def open_estimator(entry: Entry, settings: FlowSettings) -> Estimator:
    """What finds flow with these weights. Raises WeightsError, UsageError."""
    return RifeFlow(open_runner(entry.file, RunSettings(settings.device, settings.half, settings.tile)), settings)
