"""Reads tensors out of a user's weights file. Nothing in the file is run: safetensors, or torch.load(weights_only=True), and no other way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cards import Shapes
from .errors import WeightsError
from .kinds import MAX_BYTES, Kind, kind_of
from .safetensors import read_header, read_tensors

if TYPE_CHECKING:
    from torch import Tensor

_WRAPPED = ("state_dict", "model_state_dict", "params_ema", "params", "model")
_PREFIX = "module."
"""What DistributedDataParallel puts before every name."""


def plain_name(name: str) -> str:
    """A tensor's name without what training put before it."""
    return name.removeprefix(_PREFIX)


def read_weights(path: str | Path, max_bytes: int = MAX_BYTES) -> dict[str, Tensor]:
    """Every tensor of a weights file, on the CPU, by its plain name. Raises WeightsError."""
    path = Path(path)
    kind = kind_of(path, max_bytes)
    if kind is Kind.SAFETENSORS:
        found: Mapping[Any, Any] = read_tensors(path)
    elif kind is Kind.TORCH:
        found = _unwrapped(path, _read_torch(path))
    else:
        raise WeightsError(f"{path}: it is a program ({kind.value}), and weights are asked for", "genlock models add --trust takes it as one")
    tensors = {plain_name(name): tensor for name, tensor in found.items() if isinstance(name, str) and _is_plain(tensor)}
    if not tensors:
        raise WeightsError(f"{path}: it holds no tensors by name", "name the weights file, not a checkpoint of something else")
    if sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()) > 2 * max_bytes:
        raise WeightsError(f"{path}: its tensors claim more than the file can hold", "it is damaged, or made to do harm")
    return tensors


def shapes_of(path: str | Path, max_bytes: int = MAX_BYTES) -> Shapes:
    """Sizes of all tensors by plain name. Of a safetensors file the header is read alone. Raises WeightsError."""
    if kind_of(Path(path), max_bytes) is Kind.SAFETENSORS:
        return {plain_name(name): entry.shape for name, entry in read_header(Path(path)).items()}
    return {name: tuple(tensor.shape) for name, tensor in read_weights(path, max_bytes).items()}


def chosen(path: Path, tensors: Mapping[str, Tensor], wanted: Shapes) -> dict[str, Tensor]:
    """Those that a variant wants, checked: sizes as asked, floating point, and every number finite. Raises WeightsError."""
    found: dict[str, Tensor] = {}
    for name, shape in wanted.items():
        tensor = tensors.get(name)
        if tensor is None or tuple(tensor.shape) != tuple(shape) or not tensor.is_floating_point():
            raise WeightsError(f"{path}: {name} is not as its network needs it", "the file is of another version, or damaged")
        if not tensor.isfinite().all():
            raise WeightsError(f"{path}: {name} holds numbers that are not finite", "it is damaged; fetch it again")
        found[name] = tensor
    return found


def sha256(path: Path) -> str:
    """Of a file's content, in hex. Raises OSError."""
    with path.open("rb") as file:
        state = hashlib.sha256()
        while block := file.read(1 << 20):
            state.update(block)
    return state.hexdigest()


def _read_torch(path: Path) -> object:
    """What torch.save wrote, by torch's restricted reader. Its own errors are long, and name ways around it: they are told in our words."""
    import pickle

    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        told = " ".join(str(error).split())
        if "GLOBAL" in told or "Unsupported global" in told or "Unsupported class" in told:
            raise WeightsError(f"{path}: it holds more than numbers, and would run code when opened", "genlock does not open such a file") from error
        raise WeightsError(f"{path}: it cannot be read", "it is cut short or damaged; fetch it again") from error
    except MemoryError as error:
        raise WeightsError(f"{path}: there is not enough memory for what it claims to hold", "it is damaged, or made to do harm") from error
    except Exception as error:  # a damaged pickle ends in any of a dozen ways; all of them mean this
        raise WeightsError(f"{path}: it cannot be read ({type(error).__name__})", "it is cut short or damaged; fetch it again") from error


def _unwrapped(path: Path, found: object) -> Mapping[Any, Any]:
    """The tensors by name, also where a training script has put them one level down."""
    for key in _WRAPPED:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
            break
    if not isinstance(found, Mapping):
        raise WeightsError(f"{path}: it holds a {type(found).__name__}, not tensors by name", "name the weights file of the model")
    return found


def _is_plain(tensor: object) -> bool:
    """A dense tensor with a number in memory for each that it claims: not one number spread over a whole house."""
    import torch

    if not isinstance(tensor, torch.Tensor) or tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()
