"""inputs.json: which files the project was made from, so that a changed one is noticed, and a moved project still finds them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from ...errors import MediaError
from ...media.cache import digest
from ...media.guard import present
from ...media.sequence import find_sequence
from .atomic import read_record, write_json
from .config import Config

_ENDS = 1 << 16


def stored_path(root: Path, path: str) -> str:
    """How a project names a file: relative, with forward slashes, where it lies beside the project or below; else from the root on."""
    absolute = os.path.abspath(path)
    home = str(root.parent.resolve())
    real = os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute))
    try:
        inside = os.path.commonpath([home, real]) == home
    except ValueError:
        inside = False
    return os.path.relpath(real, root.resolve()).replace(os.sep, "/") if inside else absolute


def found_path(root: Path, stored: str) -> str:
    """The file itself. What looks like an address stays as it is, and is refused where it is opened."""
    return stored if "://" in stored else os.path.normpath(os.path.join(root, stored))


def content_digest(path: str) -> str:
    """Of a file or of every picture of a sequence, by content alone: a copy has the same one. Raises MediaError where there is no file."""
    sequence = find_sequence(path)
    try:
        if sequence is None:
            return digest(present(path))
        state = hashlib.blake2b(digest_size=16)
        for number, name in sequence.files.items():
            state.update(f"{number}:{_ends(name)}".encode())
        return state.hexdigest()
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror or error}", "check the path in genlock.toml") from error


def _ends(path: str) -> str:
    """Size, first and last 64 KiB: enough to tell pictures of one shot apart, and little to read of each."""
    size = os.path.getsize(path)
    state = hashlib.blake2b(str(size).encode(), digest_size=16)
    with open(path, "rb") as file:
        state.update(file.read(_ENDS))
        file.seek(max(_ENDS, size - _ENDS))
        state.update(file.read(_ENDS))
    return state.hexdigest()


def input_record(root: Path, stored: str) -> dict[str, Any]:
    """One input as inputs.json holds it."""
    return {"path": stored, "digest": content_digest(found_path(root, stored))}


def refresh_inputs(root: Path, config: Config) -> list[str]:
    """Look at the inputs anew; inputs.json then says what they are now. Returns a line for each that has changed. Raises MediaError."""
    before = _kept(root)
    after: dict[str, Any] = {}
    lines = []
    for role, stored in (("video", config.input.video), ("mask", config.mask.file)):
        if not stored:
            continue
        record = {**before.get(role, {}), **input_record(root, stored)}
        if role in before and record["digest"] != before[role].get("digest"):
            lines.append(f"the {role} {stored} is not what it was; what depends on it is made anew")
        after[role] = record
    if after != before:
        write_json(root / "inputs.json", after)
    return lines


def input_digest(root: Path, role: str) -> str:
    """Of an input, as refresh_inputs() has it; "" where there is none."""
    return str(_kept(root).get(role, {}).get("digest", ""))


def _kept(root: Path) -> dict[str, dict[str, Any]]:
    """What inputs.json holds. Raises FormatError where it is damaged."""
    return read_record(root / "inputs.json", lambda body: {role: dict(said) for role, said in body.items()}, {})
