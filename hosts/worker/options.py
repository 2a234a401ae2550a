"""The settings of each kind of job: what flags and panels are made from, and what a request is read with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from ...core.errors import UsageError
from ...core.settings import AlignSettings


def align_fields() -> tuple[Field[Any], ...]:
    """What an alignment can be told, in order; the metadata says how to ask for it."""
    return fields(AlignSettings)


def align_settings(body: Mapping[str, Any]) -> AlignSettings:
    """The settings in a request. Raises UsageError for a name that is not one, or a value of another sort."""
    for f in align_fields():
        if f.name in body:
            _check(f, body[f.name])
    return AlignSettings.from_json(dict(body))


def _check(f: Field[Any], value: Any) -> None:
    if f.metadata.get("many"):
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{f.name} is {value!r}", "write a list of texts")
    elif not isinstance(value, type(f.default)):
        raise UsageError(f"{f.name} is {value!r}", f"write a {'text' if isinstance(f.default, str) else type(f.default).__name__}")
