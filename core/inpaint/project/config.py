"""genlock.toml: what a person asks of a project. Strict: a key that is not known is refused, and the nearest known one is named.

A table is a frozen dataclass of options, so the file that is written and the check of what is read are made from one text.
"""

from __future__ import annotations

import difflib
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from ...errors import FormatError, GenlockError, UsageError
from ...settings import Settings
from ..bridge.settings import A1111Settings, ComfySettings, CommandSettings
from ..fill.settings import FillSettings
from .tables import DiffusersTable, InpaintTable, InputTable, KeyframesTable, MaskTable
from .tables_finish import CheckTable, CompositeTable, EnhanceTable, OutputTable, UpscaleTable

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "genlock.toml"
SCHEMA_VERSION = 1
_WIDE = 120
"""Columns of the file that is written."""
PAINTERS = ("a1111", "comfyui", "diffusers", "command")
_SORTS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Config:
    """The whole file. A field is a table; those of the painters are [inpaint.a1111] and so on."""

    input: InputTable = field(default_factory=InputTable)
    mask: MaskTable = field(default_factory=MaskTable)
    keyframes: KeyframesTable = field(default_factory=KeyframesTable)
    inpaint: InpaintTable = field(default_factory=InpaintTable)
    a1111: A1111Settings = field(default_factory=A1111Settings)
    comfyui: ComfySettings = field(default_factory=ComfySettings)
    diffusers: DiffusersTable = field(default_factory=DiffusersTable)
    command: CommandSettings = field(default_factory=CommandSettings)
    fill: FillSettings = field(default_factory=FillSettings)
    composite: CompositeTable = field(default_factory=CompositeTable)
    upscale: UpscaleTable = field(default_factory=UpscaleTable)
    check: CheckTable = field(default_factory=CheckTable)
    enhance: EnhanceTable = field(default_factory=EnhanceTable)
    output: OutputTable = field(default_factory=OutputTable)

    def painter(self) -> dict[str, Any]:
        """The table of the painter that is chosen, as plain data; {} of classic."""
        backend = self.inpaint.backend
        return dict(getattr(self, backend).to_json()) if backend in PAINTERS else {}


def table_name(name: str) -> str:
    """How the file names a field of Config."""
    return f"inpaint.{name}" if name in PAINTERS else name


TABLES: dict[str, str] = {table_name(f.name): f.name for f in fields(Config)}
"""Field of Config by the table's name in the file."""
_KINDS: dict[str, type[Settings]] = {f.name: f.default_factory for f in fields(Config)}  # type: ignore[misc]
ROWS = tuple(f"{table}.{f.name}" for table, name in TABLES.items() for f in fields(_KINDS[name]) if "rows" in f.metadata)
"""Tables that may stand several times."""


def read_config(path: Path) -> Config:
    """The file's contents. Raises UsageError: an unknown key or table, a value of another sort; FormatError: not TOML, another version."""
    try:
        body = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        what = f"{path.parent} is no project: there is no {NAME} in it"
        raise UsageError(what, f"make one: genlock inpaint init {path.parent} --video FILE") from None
    except OSError as error:
        raise GenlockError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is not TOML: {error}", "correct that line") from error
    return config_of(body, str(path))


def config_of(body: Mapping[str, Any], name: str = NAME) -> Config:
    """The same of contents that are read already. Raises as read_config()."""
    version = body.get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        said = "has no schema_version" if version is None else f"has schema_version {version!r}"
        raise FormatError(f"{name} {said}, and this genlock reads {SCHEMA_VERSION}", f"write schema_version = {SCHEMA_VERSION} at its top")
    given: dict[str, Any] = {}
    _collect(body, "", given, name)
    tables: dict[str, Any] = {TABLES[table]: _table(_KINDS[TABLES[table]], f"[{table}]", values, name) for table, values in given.items()}
    return Config(**tables)


def _collect(body: Mapping[str, Any], above: str, given: dict[str, Any], name: str) -> None:
    """Every table of the file by its full name, with the values that stand in it."""
    for key, value in body.items():
        full = f"{above}{key}"
        if not isinstance(value, dict):
            if not above and key != "schema_version":
                raise UsageError(f"{name}: {key} stands in no table", _near_key(key) or f"tables are {_listed(TABLES)}")
            continue
        if full in ROWS:
            raise UsageError(f"{name}: [{full}] may stand several times", f"write [[{full}]]")
        if full not in TABLES:
            raise UsageError(f"{name}: [{full}] is not a table of a project", _nearest(full, TABLES, "tables"))
        given[full] = {inner: held for inner, held in value.items() if not isinstance(held, dict)}
        _collect(value, f"{full}.", given, name)


def _table(kind: type[Settings], title: str, values: Mapping[str, Any], name: str) -> Settings:
    known = {f.name: f for f in fields(kind)}
    held: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise UsageError(f"{name}: {key} is not a key of {title}", _nearest(key, known, "keys"))
        if "rows" in known[key].metadata:
            held[key] = _rows(known[key], f"[[{title.strip('[]')}.{key}]]", value, name)
            continue
        _check_sort(known[key], value, f"{name}: {key} of {title}")
        held[key] = _as_held(value, known[key].default)
    try:
        return kind(**held)
    except UsageError as error:
        raise UsageError(f"{name}: {title}: {error.what}", error.next_step) from error


def _rows(f: Field[Any], title: str, value: Any, name: str) -> tuple[Settings, ...]:
    """Of a table that may stand several times."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise UsageError(f"{name}: {f.name} is {value!r}", f"write {title} and its keys below it, once for each")
    return tuple(_table(f.metadata["rows"], title, row, name) for row in value)


def _as_held(value: Any, default: Any) -> Any:
    return float(value) if isinstance(default, float) else tuple(value) if isinstance(value, list) else value


def _check_sort(f: Field[Any], value: Any, where: str) -> None:
    default = f.default
    if isinstance(default, tuple):
        sort = int if "int" in str(f.type) else str
        if not isinstance(value, list) or not all(type(item) is sort for item in value):
            raise UsageError(f"{where} is {value!r}", f"write a list, each {_SORTS[sort]}")
        return
    fits = type(value) in (int, float) if isinstance(default, float) else type(value) is type(default)
    if not fits:
        raise UsageError(f"{where} is {value!r}", f"write {_SORTS[type(default)]}")


def _nearest(word: str, known: Mapping[str, Any], what: str) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}" if close else f"known {what} are {_listed(known)}"


def _near_key(key: str) -> str:
    """The table that has a key which stands outside of all."""
    home = next((table for table, name in TABLES.items() if key in {f.name for f in fields(_KINDS[name])}), "")
    return f"move it below [{home}]" if home else ""


def _listed(known: Mapping[str, Any]) -> str:
    return ", ".join(known)


def to_text(config: Config) -> str:
    """The file of a new project: every key with its meaning beside it; of the painters the chosen one's alone."""
    lines = [
        "# What genlock inpaint does with this shot. Change what you like, and run it again: only what depends on it is made anew.",
        f"schema_version = {SCHEMA_VERSION}",
    ]
    for table, name in TABLES.items():
        if name in PAINTERS and name != config.inpaint.backend:
            continue
        lines += ["", f"[{table}]", *_lines(getattr(config, name), table)]
    return "\n".join(lines) + "\n"


def _lines(settings: Settings, table: str) -> Iterator[str]:
    """A line a key, then the tables below it that may stand several times."""
    rows = [f for f in fields(settings) if "rows" in f.metadata]
    for f in fields(settings):
        if f in rows:
            continue
        said = str(f.metadata["help"])
        choices = [choice for choice in f.metadata.get("choices", ()) if choice]
        if choices:
            said += f" ({', '.join(map(str, choices))})"
        line = f"{f.name} = {_value(getattr(settings, f.name))}"
        yield from [f"{line}  # {said}"] if len(line) + len(said) <= _WIDE else [*(f"# {part}" for part in textwrap.wrap(said, _WIDE)), line]
    for f in rows:
        yield from (f"# {part}" for part in textwrap.wrap(f"[[{table}.{f.name}]], as often as wanted: {f.metadata['help']}", _WIDE))
        for row in getattr(settings, f.name):
            yield from ["", f"[[{table}.{f.name}]]", *_lines(row, "")]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
