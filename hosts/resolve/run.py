"""What the script in Workspace > Scripts starts."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import jobs, shelf
from .api import Project, RefusedError, Resolve, open_project
from .console import Lines, carry
from .flow import HOST, Choice, Flow, Going, Telling, unfinished
from .picking import Pair, listed, pair
from .publishing import Publishing, default_folder
from .window import Window, may_show


def run(
    resolve: Resolve | None, fusion: Any = None, bmd: Any = None, home: str | None = None, swapped: bool = False,
    write: Callable[[str], None] = print, publish: bool = False,
) -> int:
    """Align what is picked; returns 0, or 1 where nothing was made. Raises nothing.

    resolve, fusion, bmd   as Resolve gives them to its scripts
    home                   the folder of this adapter, with its worker.json
    swapped                the other one of the two is the ref
    publish                without a window: check, align, and publish beside the ref, in place of aligning alone
    """
    try:
        if resolve is None:
            raise RefusedError("Resolve gives no hold of itself; start the script from Workspace > Scripts, not from outside")
        return _run(resolve, fusion, bmd, home, swapped, write, publish)
    except (RefusedError, jobs.JobError, OSError) as error:
        write(f"genlock: {error}")
    except Exception:  # the edge of the house: whatever it is, Resolve stands and a person reads it
        write("genlock has an error of its own:\n" + traceback.format_exc())
    return 1


def _run(resolve: Resolve, fusion: Any, bmd: Any, home: str | None, swapped: bool, write: Callable[[str], None], publish: bool) -> int:
    project = open_project(resolve)
    shelf.forget_old(HOST)
    if fusion is not None and bmd is not None and may_show(resolve):
        return _in_window(project, fusion, bmd, home, swapped)
    lines = Lines(write)
    flow: Going | None = None if publish else _earlier(project, lines.telling(), home)
    if flow is None:
        picked = _picked(project, swapped)
        write(f"clip: {picked.clip.name}; ref: {picked.ref.name} ({picked.where})")
        choice = Choice(picked.clip.path, picked.ref.path)
        begun = partial(_published, folder=default_folder(choice.ref)) if publish else _begun
        flow = begun(project, choice, lines.telling(), home)
    carry(flow, lines)
    return 0 if flow.built is not None else 1


def _in_window(project: Project, fusion: Any, bmd: Any, home: str | None, swapped: bool) -> int:
    try:
        picked: Pair | None = _picked(project, swapped)
    except RefusedError:
        picked = None

    def begin(choice: Choice, telling: Telling) -> Going:
        return _begun(project, choice, telling, home)

    def publish(choice: Choice, telling: Telling, folder: str, only_check: bool, repair: bool) -> Going:
        return _published(project, choice, telling, home, folder, only_check, repair)

    window = Window(fusion, bmd, listed(project), picked, begin, publish)
    window.run(_earlier(project, window.telling(), home))
    return 0


def _picked(project: Project, swapped: bool) -> Pair:
    picked = pair(project)
    return picked.swapped() if swapped else picked


def _begun(project: Project, choice: Choice, telling: Telling, home: str | None) -> Flow:
    flow = Flow(project, choice, telling, home)
    flow.begin()
    return flow


def _published(
    project: Project, choice: Choice, telling: Telling, home: str | None, folder: str, only_check: bool = False, repair: bool = False
) -> Publishing:
    going = Publishing(project, choice, telling, home, folder, only_check, repair)
    going.begin()
    return going


def _earlier(project: Project, telling: Telling, home: str | None) -> Flow | None:
    """An alignment that was begun before Resolve, or its script, was closed."""
    found = unfinished()
    if found is None:
        return None
    running, choice = found
    telling.say(f"an earlier alignment of {choice.clip} to {choice.ref} still runs; it is taken up again")
    flow = Flow(project, choice, telling, home)
    flow.take_up(running)
    return flow
