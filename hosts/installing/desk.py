"""What `genlock hosts` does, for this person on this machine, as answers for people and programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ... import __version__
from ...core.errors import GenlockError, UsageError
from ..worker.desk import Answer
from . import HOSTS, by_blender, known, putting
from .plans import places_of, plans
from .putting import Change
from .standing import Standing, standing

_SAID = {"write": "write", "replace": "replace", "aside": "keep aside", "edit": "edit", "restore": "restore", "remove": "remove", "keep": "keep",
         "gone": "not there"}  # fmt: skip


def carry_out(action: str, host: str = "", to: str = "", program: str = "", dry_run: bool = False) -> Answer:
    """One of list, install and remove; what is refused is the answer's error."""
    try:
        if action == "list":
            return listed(to)
        doing = installed if action == "install" else removed
        return doing(host, to, program, dry_run)
    except GenlockError as error:
        return Answer(str(error), exit_status=error.exit_status, error=error)


def installed(host: str, to: str = "", program: str = "", dry: bool = False) -> Answer:
    """Install a host's adapter in all its places. Raises UsageError, OutputError, FormatError."""
    if program:
        _require_blender(host, to)
        return by_blender.install(program, dry)
    made = plans(host, sys.platform, os.environ, to)
    changes = [change for plan in made for change in putting.install(plan, dry)]
    roots = [plan.root for plan in made]
    if not dry:
        known.remember(host, roots)
    places = ", ".join(roots)
    if not changes:
        return _answer(f"genlock {__version__} is installed for {host} in {places}; nothing had to be done.", [], host, roots, dry)
    did = "would be installed" if dry else "is installed"
    return _answer(f"genlock {__version__} {did} for {host} in {places}; {made[0].next_step}.", changes, host, roots, dry)


def removed(host: str, to: str = "", program: str = "", dry: bool = False) -> Answer:
    """Remove what was installed: in `to`, or wherever it was put. Raises UsageError, OutputError, FormatError."""
    if program:
        _require_blender(host, to)
        return by_blender.remove(program, dry)
    roots = _roots(host, to)
    changes = [change for root in roots for change in putting.remove(root, dry)]
    if not dry:
        known.forget(host, roots)
    if not changes:
        return _answer(f"genlock is not installed for {host}; nothing had to be done.", [], host, roots, dry)
    kept = sum(change.what == "keep" for change in changes)
    did = "would be removed" if dry else "is removed"
    more = f"; what was changed since is kept ({kept} file{'' if kept == 1 else 's'})" if kept else ""
    return _answer(f"genlock {did} from {host}{more}.", changes, host, roots, dry)


def listed(to: str = "") -> Answer:
    """What is installed where. Nothing is written."""
    found = standings(to)
    lines = tuple(f"{there.host:8} {there.version:8} {there.root}: {there.told}" for there in found)
    stale = [there for there in found if there.next_step]
    sentence = "genlock is installed in no host; put it into one with: genlock hosts install nuke" if not found else (
        f"{len(stale)} of {len(found)} need something; {stale[0].next_step}." if stale else "everything that is installed is up to date."
    )  # fmt: skip
    return Answer(sentence, lines, {"version": __version__, "hosts": [asdict(there) for there in found]})


def standings(to: str = "") -> list[Standing]:
    """Of every adapter that is installed."""
    found = (standing(host, root) for host in HOSTS for root in _roots(host, to))
    return [there for there in found if there is not None]


def _roots(host: str, to: str) -> list[str]:
    """Where a host's adapter may be: the usual places, and those that were named once."""
    try:
        usual = places_of(host, sys.platform, os.environ, to)
    except UsageError:
        usual = []
    return usual if to else list(dict.fromkeys([*usual, *known.roots(host)]))


def _require_blender(host: str, to: str) -> None:
    if host != "blender" or to:
        raise UsageError("--program names a Blender, which has its own place for what it installs", "leave out --to, and name the host blender")


def _answer(sentence: str, changes: Iterable[Change], host: str, roots: list[str], dry: bool) -> Answer:
    listing = list(changes)
    lines = tuple(f"{_SAID[change.what]:10} {change.told or change.path}" for change in listing)
    figures: dict[str, Any] = {"host": host, "dry_run": dry, "places": roots, "changes": [asdict(change) for change in listing]}
    return Answer(sentence, lines, figures)


