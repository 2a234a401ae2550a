"""YAML as far as a job template needs it: mappings, lists, whole numbers, and every text in double quotes, so that none of it means anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def to_yaml(body: Mapping[str, Any]) -> str:
    """A document. Keys are plain words."""
    return "\n".join(_mapping(body, 0)) + "\n"


def quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it. In ASCII: what stands for itself in no encoding is escaped."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if " " <= character <= "~":
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _mapping(body: Mapping[str, Any], deep: int) -> Iterator[str]:
    for key, value in body.items():
        yield from _entry(f"{'  ' * deep}{key}:", value, deep)


def _list(items: Sequence[Any], deep: int) -> Iterator[str]:
    for item in items:
        if isinstance(item, Mapping):
            lines = list(_mapping(item, deep + 1))
            yield f"{'  ' * deep}- {lines[0].lstrip()}"
            yield from lines[1:]
        else:
            yield f"{'  ' * deep}- {_scalar(item)}"


def _entry(begins: str, value: Any, deep: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield begins
        yield from _mapping(value, deep + 1)
    elif isinstance(value, list):
        yield begins
        yield from _list(value, deep + 1)
    else:
        yield f"{begins} {_scalar(value)}"


def _scalar(value: str | int) -> str:
    return str(value) if isinstance(value, int) else quoted(value)
