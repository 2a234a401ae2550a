"""The settings of each kind of job: what flags and panels are made from, and what a request is read with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, TypeVar

from ...core.errors import UsageError
from ...core.settings import AlignSettings, Settings
from ...core.settings_archive import FindSettings, IndexSettings
from ...core.settings_conform import ConformSettings
from ...core.settings_inpaint import InpaintSettings
from ...core.settings_render import CompositeSettings, RenderSettings
from ...core.settings_retime import RetimeSettings
from ...core.settings_stmap import StmapSettings
from ...core.settings_verify import VerifySettings

_S = TypeVar("_S", bound=Settings)
_SORTS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


SETTINGS: Mapping[str, type[Settings]] = {
    kind.kind: kind
    for kind in (
        AlignSettings, VerifySettings, RenderSettings, CompositeSettings, StmapSettings, ConformSettings, RetimeSettings, InpaintSettings,
        IndexSettings, FindSettings,
    )
}
"""By kind of job."""


def fields_of(kind: str) -> tuple[Field[Any], ...]:
    """What a kind of job can be told, in order; the metadata says how to ask for it."""
    return fields(SETTINGS[kind])


def align_settings(body: Mapping[str, Any]) -> AlignSettings:
    """The settings in a request. Raises UsageError for a name that is not one, or a value of another sort."""
    return settings_of(AlignSettings, body)


def settings_of(kind: type[_S], body: Mapping[str, Any]) -> _S:
    """The settings in a request, for any kind of job. Raises UsageError as align_settings() does."""
    for f in fields(kind):
        if f.name in body:
            _check(f, body[f.name])
    return kind.from_json(dict(body))


def _check(f: Field[Any], value: Any) -> None:
    if f.metadata.get("many"):
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{f.name} is {value!r}", "write a list of texts")
        return
    sort = type(f.default)
    fits = isinstance(value, int | float) if sort is float else isinstance(value, sort)
    if not fits or (isinstance(value, bool) and sort is not bool):
        raise UsageError(f"{f.name} is {value!r}", f"write {_SORTS[sort]}")
