"""From a file that somebody trusts to an Interpolator."""

from __future__ import annotations

from ...core.retime.contracts import Interpolator
from ..kinds import Kind, kind_of
from ..settings import RunSettings
from ..store import Entry
from .command import asking, read_command
from .middle import DoorInterpolator
from .tensors import onnx, torchscript

MULTIPLE_OF = 64
"""What TorchScript and ONNX files are given; few networks need more."""


def open_interpolator(entry: Entry, settings: RunSettings) -> Interpolator:
    """What asks the model of this entry. Raises WeightsError, ModelError, UsageError. Tiles, scale and half precision are the model's own affair."""
    kind, name = kind_of(entry.file), f"{entry.name} ({entry.label})"
    if kind is Kind.COMMAND:
        command = read_command(entry.file)
        return DoorInterpolator(asking(command), name, command.multiple_of)
    ask = (onnx if kind is Kind.ONNX else torchscript)(entry.file, settings)
    return DoorInterpolator(ask, name, MULTIPLE_OF)
