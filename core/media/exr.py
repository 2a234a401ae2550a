"""Which layer of an EXR file is the picture: renderers name it in many ways.

The header is read as the OpenEXR file layout says: a magic number and a version, then attributes, each a name, a type, a size and
its bytes; `channels` is a list of names with sixteen bytes each.
"""

from __future__ import annotations

_BEAUTY = ("rgba", "rgb", "beauty", "combined", "image", "color", "colour", "c")
"""Last words of the layer names that renderers give the finished picture, best first."""


def picture_layer(head: bytes) -> str:
    """Name of the layer to look at, "" for the unnamed one; of several named ones that have R, G and B, the likeliest.

    head  the beginning of the file; a header that is cut off or damaged gives ""
    """
    return likeliest_layer(channels(head))


def likeliest_layer(names: list[str]) -> str:
    """The same from the channels' names."""
    groups: dict[str, set[str]] = {}
    for name in names:
        layer, _, channel = name.rpartition(".")
        groups.setdefault(layer, set()).add(channel.upper())
    if {"R", "G", "B"} <= groups.get("", set()) or "Y" in groups.get("", set()):
        return ""
    coloured = [layer for layer, found in groups.items() if layer and {"R", "G", "B"} <= found]
    return min(coloured, key=_unlikely, default="")


def channels(head: bytes) -> list[str]:
    """Names of the channels, in the file's order."""
    at = 8
    while at < len(head) and head[at : at + 1] != b"\0":
        name, at = _text(head, at)
        kind, at = _text(head, at)
        size = int.from_bytes(head[at : at + 4], "little")
        at += 4
        if name == "channels" and kind == "chlist":
            return _names(head[at : at + size])
        at += size
    return []


def _names(body: bytes) -> list[str]:
    found, at = [], 0
    while at < len(body) and body[at : at + 1] != b"\0":
        name, at = _text(body, at)
        found.append(name)
        at += 16
    return found


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a zero byte, and where the next thing begins."""
    end = body.find(b"\0", at, at + 256)
    if end < 0:
        return "", len(body)
    return body[at:end].decode("utf-8", "replace"), end + 1


def _unlikely(layer: str) -> tuple[int, int, str]:
    last = layer.rpartition(".")[2].lower()
    return (_BEAUTY.index(last) if last in _BEAUTY else len(_BEAUTY), len(layer), layer)
