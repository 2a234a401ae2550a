"""Making a project: a folder with genlock.toml and inputs.json, which appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import OutputError, UsageError, cannot_write
from ...leftovers import name_beside, sweep_beside
from ...media.footage import probe
from ...media.info import ReadOptions
from .atomic import json_bytes, write_bytes
from .config import NAME, Config, to_text
from .inputs import found_path, input_record, stored_path
from .project import Project, open_project


def create_project(path: str | Path, video: str, mask: str = "", **more: Any) -> Project:
    """Make a project's folder for a shot.

    mask  a matte, as [mask] file names it
    more  keys of [input], [mask] and [inpaint] by name: backend, prompt, seeds, range, handles, rate, space, box, grow, …
    Raises UsageError for a key that is not known or a project that is there already, MediaError for a shot that cannot be read, OutputError.
    """
    root = Path(path).absolute()
    _check_free(root)
    named = {"video": stored_path(root, video), "file": stored_path(root, mask) if mask else ""}
    if more.get("model"):
        named["model"] = stored_path(root, str(more["model"]))
    config = _with(Config(), {**more, **named})
    info = probe(found_path(root, config.input.video), ReadOptions(rate=config.input.rate, space=config.input.space))
    if not mask and not config.mask.box and config.mask.method != "saliency":
        raise UsageError("nothing says what is to be changed", "name a matte with --mask, or draw a box with --box LEFT,TOP,WIDTH,HEIGHT")
    if mask:
        probe(found_path(root, config.mask.file))
    record: dict[str, Any] = {"video": {**input_record(root, config.input.video), "width": info.width, "height": info.height, "rate": str(info.rate)}}
    if mask:
        record["mask"] = input_record(root, config.mask.file)
    _appear(root, {"inputs.json": json_bytes(record), NAME: to_text(config).encode()})
    return open_project(root)


def _appear(root: Path, files: dict[str, bytes]) -> None:
    """Make the folder with its files, beside its place; then it gets its name. An empty one that stands there gives way."""
    place = os.path.realpath(root)
    beside = Path(name_beside(place))
    sweep_beside([place])
    try:
        beside.mkdir(parents=True)
        for name, body in files.items():
            write_bytes(beside / name, body)
        if os.path.isdir(place):
            shutil.copymode(place, beside)
            os.rmdir(place)
        os.rename(beside, place)
    except OSError as error:
        raise cannot_write(str(root), error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check_free(root: Path) -> None:
    if (root / NAME).exists():
        raise UsageError(f"{root} is a project already", f"change its {NAME}, or name another folder")
    if root.exists() and (not root.is_dir() or os.listdir(root)):
        raise OutputError(f"{root} is in the way: it is not an empty folder", "name a new folder")


def _with(config: Config, given: dict[str, Any]) -> Config:
    """The settings with some keys changed, each in whichever table has it."""
    changed: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        table = next((table for table in ("input", "mask", "inpaint", "keyframes", "output") if hasattr(getattr(config, table), name)), "")
        if not table:
            raise UsageError(f"{name} is not a key of a project", "see the tables in docs/inpaint.md")
        changed.setdefault(table, {})[name] = value
    tables: dict[str, Any] = {table: replace(getattr(config, table), **values) for table, values in changed.items()}
    return replace(config, **tables)
