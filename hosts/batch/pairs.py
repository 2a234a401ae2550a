"""The table of pairs: a CSV with a line of names, read strictly. All that is wrong with it is told at once, before any work is done.

    clip,ref,out,quality
    dvd/01.mpg,bluray/01.mkv,one,
    dvd/02.mpg,bluray/02.mkv,two,final

Columns are clip and ref, out where outputs are to have names of their own, and any setting of `genlock align`; an empty field leaves a
setting as it is. Paths are relative to the table's folder. Separated by commas, semicolons or tabs, as the line of names is.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import GenlockError, UsageError
from ..worker.options import align_settings, fields_of

MOST_BYTES = 16 << 20
RESERVED = ("index", "summary", "jobs")
"""Names in the folder that are the batch's own."""
_NAME = re.compile(r"[^<>:\"/\\|?*\x00-\x1f]{1,100}")
_TOLD = 8


@dataclass(frozen=True)
class Pair:
    """One line of the table."""

    line: int
    """Its number in the file, counted from 1."""
    name: str
    """Of its outputs, without suffix."""
    clip: str
    ref: str
    """Absolute paths."""
    settings: Mapping[str, Any]


def read_pairs(path: str, common: Mapping[str, Any]) -> tuple[Pair, ...]:
    """The pairs of a table, in its order.

    common  settings of every pair that does not have its own
    Raises UsageError naming each bad line by its number, GenlockError where the file cannot be read.
    """
    rows = _rows(path)
    if not rows:
        raise UsageError(f"{path} is empty", "its first line names the columns: clip,ref")
    columns = _columns(path, rows[0][1])
    pairs: list[Pair] = []
    wrong: list[str] = []
    names: dict[str, int] = {}
    for line, fields in rows[1:]:
        try:
            pairs.append(_pair(path, line, fields, columns, common, names))
        except UsageError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        more = f"; and {len(wrong) - _TOLD} more bad lines" if len(wrong) > _TOLD else ""
        raise UsageError(f"{path}, {'; '.join(wrong[:_TOLD])}{more}")
    if not pairs:
        raise UsageError(f"{path} names no pair", "write a line for each, under the names of the columns")
    return tuple(pairs)


def _rows(path: str) -> list[tuple[int, list[str]]]:
    """(line number, fields), empty lines left out."""
    try:
        if os.path.getsize(path) > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB", "name a table of pairs")
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except OSError as error:
        raise GenlockError(f"{path} cannot be read: {error.strerror or error}", "name the table of pairs") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", "save it as CSV in UTF-8") from error
    if "\0" in text:
        raise UsageError(f"{path} is no text", "name the table of pairs")
    head = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    out, begins = [], 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                out.append((begins, [field.strip() for field in fields]))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}, line {begins}: {error}", "close every quote, and double one inside a field") from error
    return out


def _columns(path: str, names: list[str]) -> list[str]:
    """The columns' names. Raises UsageError for one that is missing, doubled or not known."""
    columns = [name.lower().replace("-", "_").replace(" ", "_") for name in names]
    known = ["clip", "ref", "out", *(f.name for f in fields_of("align"))]
    for name in columns:
        if name not in known:
            raise UsageError(f"{path} has a column {name!r}, which means nothing", f"known are {', '.join(known)}; the first line names the columns")
        if columns.count(name) > 1:
            raise UsageError(f"{path} has two columns {name!r}", "keep one of them")
    for name in ("clip", "ref"):
        if name not in columns:
            raise UsageError(f"{path} has no column {name!r}", "its first line names the columns: clip,ref")
    return columns


def _pair(path: str, line: int, fields: list[str], columns: list[str], common: Mapping[str, Any], names: dict[str, int]) -> Pair:
    if len(fields) != len(columns):
        raise UsageError(f"{len(fields)} fields under {len(columns)} columns")
    row = dict(zip(columns, fields, strict=True))
    home = os.path.dirname(os.path.abspath(path))
    for role in ("clip", "ref"):
        if not row[role]:
            raise UsageError(f"no {role} is named")
    clip, ref = (row[role] if "://" in row[role] else os.path.abspath(os.path.join(home, row[role])) for role in ("clip", "ref"))
    return Pair(line, _name(row.get("out", ""), clip, line, names), clip, ref, _settings(row, common, home))


def _name(wanted: str, clip: str, line: int, names: dict[str, int]) -> str:
    """The name of the outputs: as asked for, else that of the clip, with the line's number where another has it."""
    if wanted:
        if not _NAME.fullmatch(wanted) or wanted.startswith(".") or wanted.endswith((".", " ")):
            raise UsageError(f"out is {wanted!r}, which is no name for a file", "write a plain name, without folder and suffix")
        if wanted.casefold() in RESERVED:
            raise UsageError(f"out is {wanted!r}, which is the batch's own", "choose another")
        if wanted.casefold() in names:
            raise UsageError(f"out is {wanted!r}, as in line {names[wanted.casefold()]}", "give each line a name of its own")
        name = wanted
    else:
        stem = os.path.splitext(os.path.basename(clip))[0]
        plain = re.sub(r"[<>:\"/\\|?*%\x00-\x1f]", "_", stem)[:80].strip(". ") or "pair"
        name = plain
        while name.casefold() in (*names, *RESERVED):
            name = f"{plain}-{line}" if name == plain else f"{name}-{line}"
    names[name.casefold()] = line
    return name


def _settings(row: Mapping[str, str], common: Mapping[str, Any], home: str) -> dict[str, Any]:
    """The line's settings over the common ones. Raises UsageError for a value that is none."""
    out = dict(common)
    for f in fields_of("align"):
        text = row.get(f.name, "")
        if not text:
            continue
        out[f.name] = _value(f.name, text, f.default, bool(f.metadata.get("many")))
        if f.name == "cache" and text != "off":
            out[f.name] = os.path.abspath(os.path.join(home, text))
    align_settings(out)
    return out


def _value(name: str, text: str, default: Any, many: bool) -> Any:
    """A field as the setting's kind of value; several are separated by spaces."""
    if many:
        return text.split()
    if isinstance(default, bool):
        if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
            raise UsageError(f"{name} is {text!r}", "write yes or no")
        return text.lower() in ("yes", "true", "1")
    try:
        return type(default)(text)
    except ValueError as error:
        raise UsageError(f"{name} is {text!r}", "write a number") from error
