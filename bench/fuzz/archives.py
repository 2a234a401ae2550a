"""Changes of archives, pickles and weights: names that lead out, bombs, headers that lie, code in what should be numbers."""

from __future__ import annotations

import io
import json
import pickle
import struct
import warnings
import zipfile
from random import Random
from typing import Any

from .plain import EDGES
from .trees import json_tree

_OUT = ("../escaped.txt", "/tmp/genlock-escaped.txt", "a/../../escaped.txt", "..\\escaped.txt", "C:\\escaped.txt", "a\0b", "content.otio/x", "")


class Harm:
    """Unpickled, it makes a file: what code in a pickle would do."""

    def __reduce__(self) -> Any:
        return (open, ("escaped.txt", "w"))


def zipped(rng: Random, data: bytes) -> bytes:
    """One change of a zip: a member's name, content, link, size or copy; its .otio and .json inside are changed as JSON."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            members = [(info.filename, old.read(info)) for info in old.infolist()]
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        return data
    at, how = rng.randrange(len(members)), rng.randrange(7)
    name, body = members[at]
    mode, kind = 0o644 << 16, zipfile.ZIP_STORED
    if how in (0, 1):
        members[at] = (name, json_tree(rng, body) if body[:1] == b"{" else body[: rng.randrange(len(body) + 1)])
    elif how == 2:
        members.append((rng.choice(_OUT), body[:1000]))
    elif how == 3:
        members[at] = (rng.choice(_OUT), body)
    elif how == 4:
        members[at], mode = (name, rng.choice((b"/etc/passwd", b"../../escaped.txt", b"."))), 0o120777 << 16
    elif how == 5:
        members[at], kind = (name, body + b" " * rng.choice((1 << 20, 1 << 26))), zipfile.ZIP_DEFLATED
    else:
        members.append((name, body[:1000]))
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as new:
        warnings.simplefilter("ignore")
        for each, content in members:
            info = zipfile.ZipInfo(each)
            info.external_attr = mode if each == name else 0o644 << 16
            new.writestr(info, content, kind)
    return _lying(rng, out.getvalue()) if rng.random() < 0.25 else out.getvalue()


def _lying(rng: Random, data: bytes) -> bytes:
    """A field of the table of contents that does not fit the members."""
    at = data.rfind(b"PK\1\2") + rng.choice((8, 10, 16, 20, 24, 28, 30, 42))
    return data[:at] + (rng.choice(EDGES) & 0xFFFFFFFF).to_bytes(4, "little") + data[at + 4 :]


def safetensors(rng: Random, data: bytes) -> bytes:
    """One change of a safetensors file: the header's length, its JSON, very many names, or offsets that overlap."""
    length = struct.unpack("<Q", data[:8].ljust(8, b"\0"))[0]
    head, rest = data[8 : 8 + length], data[8 + length :]
    how = rng.randrange(6)
    if how == 0:
        return struct.pack("<Q", rng.choice(EDGES) & (1 << 64) - 1) + data[8:]
    if how == 1:
        many = rng.choice((100, 19_999, 100_000))
        head = json.dumps({f"t{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(many)}).encode()
    elif how == 2:
        shape = rng.choice(([1 << 30, 1 << 30], [0, 1 << 62], [-1], [1] * 100_000, [1 << 31], "x", [1.5], [True]))
        head = json.dumps({"t": {"dtype": rng.choice(("F32", "F8_E4M3", "", None, "C64")), "shape": shape, "data_offsets": [0, len(rest)]}}).encode()
    elif how == 3:
        head = b"[" * 100_000 + b"]" * 100_000
    else:
        head = json_tree(rng, head)
    return struct.pack("<Q", len(head)) + head + rest


def pickled(rng: Random, data: bytes) -> bytes:
    """Code in a pickle, bare or in torch's archive, or numbers that claim more than there is."""
    how = rng.randrange(6)
    harm = pickle.dumps(rng.choice((Harm(), {"state_dict": Harm()}, [Harm()] * 3)), protocol=rng.choice((0, 2, 4)))
    if how == 0:
        return harm
    if how == 1:
        return b"cos\nsystem\n(S'touch escaped.txt'\ntR."
    if how == 2:
        return pickle.dumps({"a": rng.choice((b"x" * 1000, [[]] * 1000, 2**4000, float("nan"), "\ud800"))}, protocol=2)
    if how == 3:
        long = (b"\x8d" + b"\xff" * 8, b"\x8e" + (1 << 40).to_bytes(8, "little"), b"\x8a\xff" + b"\x01" * 255)
        return b"\x80\x04" + rng.choice((*long, b"(" * 50000, b"]" + b"\x94" * 9000)) + b"."
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename.endswith("data.pkl"):
                body = harm if how == 4 else _pickle_bytes(rng, body)
            new.writestr(info.filename, body)
    return out.getvalue()


def _pickle_bytes(rng: Random, body: bytes) -> bytes:
    """A pickle's own bytes, changed where its numbers stand."""
    out = bytearray(body)
    for _ in range(3):
        at = rng.randrange(len(out))
        out[at] = rng.choice((0, 1, 0xFF, 0x7F, ord("R"), ord("c"), ord("."), ord("0"), 0x93, 0x81))
    return bytes(out)
