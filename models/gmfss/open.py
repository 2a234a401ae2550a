"""From a set of weights to networks that can be asked."""

from __future__ import annotations

import math

import torch

from ...core.errors import UsageError
from ...core.retime.contracts import Interpolator
from ...core.space.flow.device import chosen as device_of
from ..errors import WeightsError
from ..precision import half_dtype
from ..rife.network import IFNet
from ..settings import RunSettings
from ..store import Entry
from ..weights import chosen, read_weights
from .middle import Gmfss, GmfssInterpolator
from .shape import NotGmfss, read_rife, variant


def open_interpolator(entry: Entry, settings: RunSettings) -> Interpolator:
    """What makes frames in between with these weights. Raises WeightsError, UsageError."""
    if settings.tile:
        raise UsageError("GMFSS matches every place with every other one, and cannot work in tiles", "leave out --tile; --scale 0.5 saves memory")
    device = device_of(settings.device)
    tensors = read_weights(entry.file)
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    try:
        found, rife = variant(shapes), read_rife(shapes)
    except NotGmfss as error:
        raise WeightsError(f"{entry.file}: {error}", "genlock models add FOLDER, with all files of a GMFSS") from error
    networks = Gmfss(None if rife is None else IFNet(rife))
    networks.load_state_dict(chosen(entry.file, tensors, found.tensors), strict=True)
    networks.to(device=device, dtype=half_dtype(device) if settings.half else torch.float32).eval()
    multiple = found.multiple_of * math.ceil(max(1.0, 1 / settings.scale))
    return GmfssInterpolator(networks, f"{entry.name} ({entry.label})", multiple, settings.scale)
