"""The files of a GMFSS as one set, each told by what it holds, whatever it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import WeightsError
from ..weights import read_weights
from .shape import part_of

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".pkl", ".pth", ".pt", ".safetensors")
MOST_FILES = 32


def files_of(folder: Path) -> list[Path]:
    """The weights files in a folder, by name. Raises WeightsError where there are none, or very many."""
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    except OSError as error:
        raise WeightsError(f"{folder}: {error.strerror}", "name a folder of weights files") from error
    if not found or len(found) > MOST_FILES:
        raise WeightsError(f"{folder}: it has {len(found)} weights files", "name the folder that holds the files of one model, or a file")
    return found


def read_set(folder: Path) -> dict[str, Tensor]:
    """Every tensor of the set, its part before its name. Raises WeightsError: a file of another model, or two of one part."""
    found: dict[str, Tensor] = {}
    parts: dict[str, Path] = {}
    for path in files_of(folder):
        tensors = read_weights(path)
        part = part_of({name: tuple(tensor.shape) for name, tensor in tensors.items()})
        if part is None:
            raise WeightsError(f"{path}: it is no part of a GMFSS", "leave only the files of one model in the folder, or name a file")
        if part in parts:
            raise WeightsError(f"{path}: it is the same part of a GMFSS as {parts[part].name}", "leave only the files of one model in the folder")
        parts[part] = path
        found |= {f"{part}.{name}": tensor for name, tensor in tensors.items()}
    return found
