"""What stands in a model's folder or file, looked at before anything of it is opened: numbers alone, and no code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import GenlockError
from ...core.inpaint.contract import ServerError
from ..kinds import Kind, kind_of

INDEX = "model_index.json"
MOST_BYTES = 64 << 30
_LIBRARIES = ("diffusers", "transformers")
"""Where the classes of a pipeline's parts may come from; anything else would be code of the folder's own."""
_ENDS_BYTES = 1 << 20
_MOST_JSON = 4 << 20


@dataclass(frozen=True)
class Model:
    """A model that may be opened."""

    path: Path
    index: dict[str, Any]
    """Of its pipeline: the parts, each with library and class."""
    config: Path | None
    """Of a single file: the folder that tells its kind."""
    digest: str

    @property
    def name(self) -> str:
        return self.path.stem if self.path.is_file() else self.path.name

    @property
    def pipeline(self) -> str:
        """The class that it was saved as."""
        return str(self.index.get("_class_name", ""))


def look(path: str, config: str) -> Model:
    """The model at a path: a folder as diffusers saves it, or one .safetensors with the folder that tells its kind.

    Raises ServerError: not there, of another form, or something that would run code when opened.
    """
    if not path:
        raise ServerError("no model is named", 'write model = "/folder/of/the/model" under [inpaint.diffusers]')
    place = Path(path).expanduser()
    if place.is_dir():
        return Model(place, _index(place), None, _digest(place, [place / INDEX, *_weights(place)]))
    if not place.exists():
        raise ServerError(f"{place}: there is no such file or folder", "write where the model lies as model; nothing is fetched")
    try:
        kind = kind_of(place, MOST_BYTES)
    except GenlockError as error:
        raise ServerError(error.what, error.next_step) from error
    if kind is not Kind.SAFETENSORS:
        raise ServerError(f"{place}: it is a {kind.value} file, which can run code when opened", "take the same model as .safetensors")
    if not config:
        raise ServerError(
            f"{place}: a single file does not say what kind of model it is", "write the folder of its kind as config (docs/stable-diffusion.md)"
        )
    folder = Path(config).expanduser()
    return Model(place, _index(folder), folder, _digest(place.parent, [place, folder / INDEX]))


def _index(folder: Path) -> dict[str, Any]:
    """model_index.json, held to classes of the two libraries."""
    try:
        with (folder / INDEX).open("rb") as file:
            index = json.loads(file.read(_MOST_JSON))
    except OSError as error:
        raise ServerError(f"{folder}: it has no {INDEX} that can be read", "name a folder as diffusers saves it") from error
    except (ValueError, RecursionError):
        index = None
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise ServerError(f"{folder / INDEX} tells no pipeline", "name a folder as diffusers saves it")
    for name, part in index.items():
        if isinstance(part, list) and part and isinstance(part[0], str) and part[0] not in _LIBRARIES and name[:1] != "_":
            raise ServerError(f"{folder}: its {name} is code of its own ({part[0]})", "genlock runs no code that comes with a model")
    return index


def _weights(folder: Path) -> list[Path]:
    """Every safetensors file of the parts. Raises ServerError where there is none."""
    found = sorted(path for path in folder.glob("*/*.safetensors") if path.is_file())
    if found:
        return found
    if any(True for ending in ("bin", "ckpt", "pt") for _ in folder.glob(f"*/*.{ending}")):
        raise ServerError(f"{folder}: its weights are pickles, which can run code when opened", "take the same model as .safetensors")
    raise ServerError(f"{folder}: it holds no weights", "name the folder with the .safetensors files of the parts")


def _digest(root: Path, files: Iterable[Path]) -> str:
    """sha256 over names, sizes, and the first and last MiB of each file: gigabytes need not be read to tell two models apart."""
    state = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        state.update(f"{path.relative_to(root) if path.is_relative_to(root) else path.name} {size}\n".encode())
        with path.open("rb") as file:
            state.update(file.read(_ENDS_BYTES))
            file.seek(max(_ENDS_BYTES, size - _ENDS_BYTES))
            state.update(file.read(_ENDS_BYTES))
    return state.hexdigest()
