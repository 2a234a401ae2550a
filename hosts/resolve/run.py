"""What the script in Workspace > Scripts starts."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from .. import jobs, shelf
from .api import Project, RefusedError, Resolve, open_project
from .carrying import HOST, Going, Telling
from .console import Lines, carry
from .flow import Choice, Flow, unfinished
from .inpainting import Inpainting, shot_and_matte
from .picking import Pair, listed, pair, single
from .publishing import Publishing, default_folder
from .retiming import Retiming
from .window import Doing, Window, may_show


def run(
    resolve: Resolve | None, fusion: Any = None, bmd: Any = None, home: str | None = None, swapped: bool = False,
    write: Callable[[str], None] = print, what: str = "align",
) -> int:
    """Align what is picked; returns 0, or 1 where nothing was made. Raises nothing.

    resolve, fusion, bmd   as Resolve gives them to its scripts
    home                   the folder of this adapter, with its worker.json
    swapped                the other one of the two is the ref
    what                   without a window: align; publish, which checks, aligns and publishes beside the ref; retime, of one clip;
                           or inpaint, of a clip and its matte
    """
    try:
        if resolve is None:
            raise RefusedError("Resolve gives no hold of itself; start the script from Workspace > Scripts, not from outside")
        return _run(resolve, fusion, bmd, home, swapped, write, what)
    except (RefusedError, jobs.JobError, OSError) as error:
        write(f"genlock: {error}")
    except Exception:  # the edge of the house: whatever it is, Resolve stands and a person reads it
        write("genlock has an error of its own:\n" + traceback.format_exc())
    return 1


def _run(resolve: Resolve, fusion: Any, bmd: Any, home: str | None, swapped: bool, write: Callable[[str], None], what: str) -> int:
    project = open_project(resolve)
    shelf.forget_old(HOST)
    if fusion is not None and bmd is not None and may_show(resolve):
        return _in_window(project, fusion, bmd, home, swapped)
    lines = Lines(write)
    flow = _lined(project, what, swapped, lines, home)
    carry(flow, lines)
    return 0 if flow.failed is None else 1


def _lined(project: Project, what: str, swapped: bool, lines: Lines, home: str | None) -> Going:
    """What is done without a window, begun."""
    telling = lines.telling()
    if what == "retime":
        return _retimed(project, single(project).path, {}, telling, home)
    if what == "inpaint":
        shot, matte = shot_and_matte(pair(project))
        lines.say(f"clip: {shot.name}; matte: {matte.name}")
        return _inpainted(project, shot.path, matte.path, {}, telling, home)
    earlier = _earlier(project, telling, home) if what == "align" else None
    if earlier is not None:
        return earlier
    picked = _picked(project, swapped)
    lines.say(f"clip: {picked.clip.name}; ref: {picked.ref.name} ({picked.where})")
    choice = Choice(picked.clip.path, picked.ref.path)
    if what == "publish":
        return _published(project, choice, telling, home, default_folder(choice.ref))
    return _begun(project, choice, telling, home)


def _in_window(project: Project, fusion: Any, bmd: Any, home: str | None, swapped: bool) -> int:
    try:
        picked: Pair | None = _picked(project, swapped)
    except RefusedError:
        picked = None

    def begin(choice: Choice, telling: Telling) -> Going:
        return _begun(project, choice, telling, home)

    def publish(choice: Choice, telling: Telling, folder: str, only_check: bool, repair: bool) -> Going:
        return _published(project, choice, telling, home, folder, only_check, repair)

    def retime(clip: str, settings: dict[str, Any], telling: Telling) -> Going:
        return _retimed(project, clip, settings, telling, home)

    def inpaint(clip: str, matte: str, settings: dict[str, Any], telling: Telling) -> Going:
        return _inpainted(project, clip, matte, settings, telling, home)

    window = Window(fusion, bmd, listed(project), picked, Doing(begin, publish, retime, inpaint))
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


def _retimed(project: Project, clip: str, settings: dict[str, Any], telling: Telling, home: str | None) -> Retiming:
    going = Retiming(project, clip, settings, telling, home)
    going.begin()
    return going


def _inpainted(project: Project, clip: str, matte: str, settings: dict[str, Any], telling: Telling, home: str | None) -> Inpainting:
    going = Inpainting(project, clip, matte, settings, telling, home)
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
