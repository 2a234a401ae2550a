"""Command lines: argparse without its noise, and the flags that are made from a job's settings."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import Field
from typing import Any, NoReturn

from ..worker.documents import KNOWN

OUTPUT_HELP = f"what to write, by suffix: {' '.join(KNOWN)}; may be given several times"


class Wrong(Exception):
    """Wrong usage: exit status 2 and one line."""


class Parser(argparse.ArgumentParser):
    """Raises Wrong with one line where argparse would print its usage and exit; flags are never abbreviated."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def error(self, message: str) -> NoReturn:
        raise Wrong(f"{_one_line(message)}; see {self.prog} --help")


def _one_line(message: str) -> str:
    message = " ".join(message.split())
    for theirs, ours in (
        ("the following arguments are required: ", "missing: "),
        ("unrecognized arguments: ", "not understood: "),
        ("argument ", ""),
    ):
        if message.startswith(theirs):
            return ours + message[len(theirs) :]
    return message


def add_settings(parser: argparse.ArgumentParser, settings: Iterable[Field[Any]]) -> None:
    """A flag for each setting of a job: `clip_space` becomes --clip-space."""
    group = parser.add_argument_group("settings (none is needed)")
    for f in settings:
        more: dict[str, Any] = {}
        if isinstance(f.default, bool):
            more.update(action="store_true", default=None)
        elif isinstance(f.default, int | float):
            more.update(type=type(f.default), metavar=f.metadata.get("metavar", "N"))
        elif f.metadata.get("choices"):
            more["choices"] = [choice for choice in f.metadata["choices"] if choice]
        elif f.metadata.get("metavar"):
            more["metavar"] = f.metadata["metavar"]
        if f.metadata.get("many"):
            more["action"] = "append"
        group.add_argument("--" + f.name.replace("_", "-"), dest=f"setting_{f.name}", help=_help(f), **more)


def settings_given(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line names; the others have their defaults."""
    given = {name[len("setting_") :]: value for name, value in vars(args).items() if name.startswith("setting_")}
    return {name: value for name, value in given.items() if value is not None}


def _help(f: Field[Any]) -> str:
    text = str(f.metadata["help"])
    if f.metadata.get("many"):
        text += "; may be given several times"
    elif f.default not in ("", False):
        text += f" (default {f.default})"
    return text.replace("%", "%%")


def add_common(parser: argparse.ArgumentParser, job: bool = True) -> None:
    """The flags that every job takes."""
    parser.add_argument("--json", action="store_true", help="the answer as one JSON object on stdout")
    parser.add_argument("--quiet", action="store_true", help="no progress, no notes and no summary; errors are still told")
    if job:
        parser.add_argument("--job", metavar="DIR", help="keep the job folder there: request, events, log and result")
        parser.add_argument("--later", action="store_true", help="with --job: write the folder alone; genlock run, or a farm, does the work")
