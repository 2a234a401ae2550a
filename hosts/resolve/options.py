"""What a person can choose of an alignment, read from genlock's own list of settings: what the terminal takes, the window takes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from .api import RefusedError

ASKED = {"align": ("quality", "time", "space"), "retime": ("method", "dedup"), "inpaint": ("backend",)}
"""Of the settings of each kind of job, those that the window shows."""


@dataclass(frozen=True)
class Option:
    """A setting with a few values to choose from."""

    name: str
    title: str
    choices: tuple[str, ...]
    default: str

    @property
    def index(self) -> int:
        """Of the default among the choices."""
        return self.choices.index(self.default)


def asked(kind: str = "align") -> list[Option]:
    """The settings that the window shows, in order. Raises RefusedError where the list is missing."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "settings.json")
    try:
        with open(path, encoding="utf-8") as file:
            entries = {entry["name"]: entry for entry in json.load(file)["jobs"][kind]}
        return [Option(name, name.capitalize(), tuple(entries[name]["choices"]), str(entries[name]["default"])) for name in ASKED[kind]]
    except (OSError, ValueError, KeyError) as error:
        raise RefusedError(f"the list of settings, {path}, cannot be read ({error}); run: genlock hosts install resolve") from error
