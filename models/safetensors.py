"""The safetensors format: eight bytes that say how long the header is, the header in JSON, then nothing but numbers.

https://huggingface.co/docs/safetensors. Read by its description rather than by its package, which says little about what is wrong with
a damaged file. Nothing in such a file can run.
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

_MAX_HEADER = 16 << 20
_MAX_TENSORS = 20_000
BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_TORCH = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32", "I16": "int16"}
_TORCH |= {"I8": "int8", "U8": "uint8", "BOOL": "bool"}
_NAMES = {name: kind for kind, name in _TORCH.items()}


@dataclass(frozen=True)
class Entry:
    """One tensor as the header tells of it."""

    kind: str
    shape: tuple[int, ...]
    begin: int
    """First byte in the file."""
    end: int


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so (16 bytes) may be a safetensors file."""
    return len(head) >= 9 and head[8:9] == b"{" and 2 <= struct.unpack("<Q", head[:8])[0] <= _MAX_HEADER


def read_header(path: Path) -> dict[str, Entry]:
    """Every tensor by name. Raises WeightsError where the header and the file do not fit each other."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))[0]
        if not 2 <= length <= min(_MAX_HEADER, max(size - 8, 0)):
            raise WeightsError(f"{path}: its header says {length} bytes, and the file has {size}", "it is cut short or damaged; fetch it again")
        text = file.read(length)
    try:
        body = json.loads(text.decode("utf-8"))
        tensors = {str(name): _entry(told, 8 + length) for name, told in body.items() if name != "__metadata__"}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WeightsError(f"{path}: its header cannot be read ({_brief(error)})", "it is damaged; fetch it again") from error
    _check(path, tensors, 8 + length, size)
    return tensors


def _entry(told: Mapping[str, Any], start: int) -> Entry:
    shape = tuple(told["shape"])
    begin, end = told["data_offsets"]
    if not all(type(n) is int and 0 <= n < 1 << 31 for n in shape) or not all(type(n) is int and n >= 0 for n in (begin, end)):
        raise ValueError("sizes that are no sizes")
    if end - begin != math.prod(shape) * BYTES[told["dtype"]]:
        raise ValueError(f"{end - begin} bytes for {shape} of {told['dtype']}")
    return Entry(told["dtype"], shape, start + begin, start + end)


def _check(path: Path, tensors: Mapping[str, Entry], start: int, size: int) -> None:
    """The tensors lie one after another and fill the file, as the format asks."""
    if len(tensors) > _MAX_TENSORS:
        raise WeightsError(f"{path}: it names {len(tensors)} tensors", "no model of genlock's has so many")
    at = start
    for entry in sorted(tensors.values(), key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != at:
            raise WeightsError(f"{path}: its tensors overlap or leave holes", "it is damaged; fetch it again")
        at = entry.end
    if at != size:
        raise WeightsError(f"{path}: its tensors need {at} bytes, and the file has {size}", "it is cut short or damaged; fetch it again")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor by name, in a copy of its own. Raises WeightsError."""
    import torch

    found: dict[str, Tensor] = {}
    with path.open("rb") as file:
        for name, entry in read_header(path).items():
            file.seek(entry.begin)
            data = bytearray(file.read(entry.end - entry.begin))
            if len(data) != entry.end - entry.begin:
                raise WeightsError(f"{path}: {name} ends before it should", "the file changed while it was read; try again")
            kind = getattr(torch, _TORCH[entry.kind])
            found[name] = torch.frombuffer(data, dtype=kind).reshape(entry.shape) if data else torch.empty(entry.shape, dtype=kind)
    return found


def write_safetensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, str] | None = None) -> None:
    """Write tensors to a file; whole, or not at all. about: a few words that are kept in the header."""
    import torch

    flat = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    header: dict[str, Any] = {"__metadata__": dict(about)} if about else {}
    at = 0
    for name, tensor in flat.items():
        end = at + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _NAMES[str(tensor.dtype).removeprefix("torch.")], "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for tensor in flat.values():
                file.write(tensor.flatten().view(torch.uint8).numpy().tobytes())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _brief(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
