"""What kind of file a weights file is, told from its first bytes and its table of contents; nothing of it is run, and torch stays out."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from enum import Enum
from pathlib import Path

from .errors import WeightsError
from .safetensors import looks_like

MAX_BYTES = 512 << 20
_HEAD = 64
_AGAIN = "fetch it again"


class Kind(Enum):
    """Formats of weights and models."""

    SAFETENSORS = "safetensors"
    TORCH = "torch"
    """What torch.save writes: a zip archive, or the pickle of older versions."""
    TORCHSCRIPT = "TorchScript"
    ONNX = "ONNX"
    COMMAND = "command"
    """A small JSON that names a program."""

    @property
    def runs_code(self) -> bool:
        """Whether it is a program rather than numbers."""
        return self in (Kind.TORCHSCRIPT, Kind.ONNX, Kind.COMMAND)


def kind_of(path: Path, max_bytes: int = MAX_BYTES) -> Kind:
    """The kind of a file. Raises WeightsError: missing, empty, too large, a placeholder, a web page, or something else."""
    head = _head(path, max_bytes)
    for begins, what, step in (
        (b"version https://git-lfs", "it is a placeholder of Git LFS, not the weights themselves", "fetch them with: git lfs pull"),
        (b"<", "it is a web page", "what was saved is the page about the file; save the file itself"),
        (b"PAR1", "it is a table", _AGAIN),
        (b"Rar!", "it is a RAR archive", "unpack it and name the weights file in it"),
        (b"7z\xbc\xaf", "it is a 7z archive", "unpack it and name the weights file in it"),
        (b"\x1f\x8b", "it is a gzip archive", "unpack it and name the weights file in it"),
    ):
        if head.lstrip().startswith(begins):
            raise WeightsError(f"{path}: {what}", step)
    if looks_like(head):
        return Kind.SAFETENSORS
    if head.startswith(b"PK\x03\x04"):
        return _archive(path, max_bytes)
    if head.startswith(b"\x80") and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return Kind.TORCH
    if path.suffix == ".onnx":
        return Kind.ONNX
    if head.lstrip().startswith(b"{") and _names_a_command(path):
        return Kind.COMMAND
    raise WeightsError(f"{path}: it is no weights file that genlock knows", "name a .safetensors, a .pkl or .pth as torch saves it, or an .onnx")


def _head(path: Path, max_bytes: int) -> bytes:
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            raise WeightsError(f"{path}: it is no file", "name the weights file itself")
        if not told.st_size:
            raise WeightsError(f"{path}: it is empty, as placeholders are", _AGAIN)
        if told.st_size > max_bytes:
            raise WeightsError(f"{path}: it has {told.st_size >> 20} MiB, and {max_bytes >> 20} MiB is the most", "check that it is the right file")
        with path.open("rb") as file:
            return file.read(_HEAD)
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path}: {getattr(error, 'strerror', None) or error}", "name a weights file") from error


def _archive(path: Path, max_bytes: int) -> Kind:
    """A zip archive: what torch.save writes, TorchScript, or something else. Weights are never compressed."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WeightsError(f"{path}: its table of contents cannot be read", f"it is cut short or damaged; {_AGAIN}") from error
    tops = {member.filename.split("/")[1] for member in members if "/" in member.filename}
    kind = Kind.TORCHSCRIPT if {"constants.pkl", "code"} & tops else Kind.TORCH
    packed = kind is Kind.TORCH and any(member.compress_type != zipfile.ZIP_STORED for member in members)
    if packed or sum(member.file_size for member in members) > max_bytes:
        raise WeightsError(f"{path}: it is an archive that is not as torch writes them", "unpack it, and name the weights file in it")
    if kind is Kind.TORCHSCRIPT or "data.pkl" in tops:
        return kind
    raise WeightsError(f"{path}: it is an archive without weights of its own", "unpack it, and name the weights file in it")


def _names_a_command(path: Path) -> bool:
    if os.path.getsize(path) > 1 << 16:
        return False
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and "genlock_model" in body
