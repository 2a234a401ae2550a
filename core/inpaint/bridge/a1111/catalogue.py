"""What the server has, and which of it a name means: it takes any name without a word and paints with something else, so names are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from ...contract import ServerError
from .. import samplers
from ..words import listed


@dataclass(frozen=True)
class Model:
    """One checkpoint of the server's list."""

    title: str
    """What override_settings takes."""
    names: tuple[str, ...]
    """What an answer may call it: with its folder, and without."""
    short_hash: str
    sha256: str
    """Empty until the server has loaded it once, as short_hash."""

    @property
    def name(self) -> str:
        return self.names[0]

    def painted(self, name: str, short_hash: str) -> bool:
        """Whether an answer that names this model came from it."""
        if self.short_hash and short_hash:
            return self.short_hash == short_hash
        return name in self.names


def models(told: object) -> list[Model]:
    """The list of /sd-models; entries of another form are left out."""
    return [_model(entry) for entry in told if isinstance(entry, dict) and entry.get("title")] if isinstance(told, list) else []


def _model(entry: dict[str, Any]) -> Model:
    path = str(entry.get("filename") or "")
    stem = (PureWindowsPath(path) if "\\" in path else PurePosixPath(path)).stem
    name = str(entry.get("model_name") or stem)
    names = (name, stem) if stem and stem != name else (name,)
    return Model(str(entry["title"]), names, str(entry.get("hash") or ""), str(entry.get("sha256") or ""))


def model(known: Sequence[Model], name: str) -> Model:
    """The model of this title, name, file name or hash; the only one where there is no name. Raises ServerError where none has it, or several."""
    wanted = _bare(name)
    found = [entry for entry in known if name in ("", entry.title) or wanted in (_bare(entry.title), *entry.names) or name in _hashes(entry)]
    if len(found) == 1:
        return found[0]
    if not known:
        raise ServerError("the server lists no models", "put a checkpoint into its folder models/Stable-diffusion")
    what = f"{len(found)} models of the server are called {name!r}" if found else f"the server has no model {name!r}"
    raise ServerError(what if name else "the server has loaded no model", f"set model to one of {listed([entry.title for entry in known])}")


def _bare(title: str) -> str:
    """A title without the hash behind it."""
    return title[: title.rindex(" [")] if title.endswith("]") and " [" in title else title


def _hashes(entry: Model) -> set[str]:
    return {entry.short_hash, entry.sha256} - {""}


def named(told: object, name: str, what: str) -> str:
    """The server's own spelling of a sampler or scheduler. Raises ServerError where it has none of that name.

    told  the list of /samplers or /schedulers: each entry has a name, some have a label and aliases
    what  "sampler" or "scheduler"
    """
    known: dict[str, str] = {}
    for entry in told if isinstance(told, list) else []:
        if isinstance(entry, dict) and entry.get("name"):
            own = str(entry.get("label") or entry["name"])
            for spelling in (own, entry["name"], *(entry.get("aliases") or ())):
                known.setdefault(str(spelling), own)
    found = samplers.chosen(name, known)
    if found is None:
        raise ServerError(f"the server has no {what} {name!r}", f"it has {listed(list(dict.fromkeys(known.values())))}")
    return known[found]
