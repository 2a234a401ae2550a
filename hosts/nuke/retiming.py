"""The Genlock Retime node: a Group with one input, which shows it as it is until its retimed pictures are there, and those from then on."""

from __future__ import annotations

import os
import re
from typing import Any, cast

import nuke

from .. import shelf
from ..jobs import Job, Request
from . import HOST, telling
from .group import SHOWN, created, made, mark
from .knobs import add_retime_knobs, settings_given
from .reads import NoSource, source
from .script import quoted

PICTURES = "pictures"


def create() -> nuke.Node:
    """A new node below the selected one. One step to undo."""
    return created("GenlockRetime", ("footage",), add_retime_knobs)


def retime_job(node: nuke.Node) -> Job:
    """A new job for what is connected, at the script's rate unless the knobs say otherwise. Raises NoSource, JobError."""
    footage, settings = source(node, 0, "footage"), settings_given(node, "retime")
    rate = f"{nuke.root()['fps'].value():g}"
    if not settings.get("times"):
        settings.setdefault("fps", rate)
    if not footage.is_movie:
        settings.setdefault("rate", rate)
    folder = shelf.new_folder(HOST, "retime")
    named = str(node["to"].value() or "").strip()
    if named and not os.path.isabs(named):
        raise NoSource(f"{named} is no whole path; write one such as /shots/even.%04d.png, or leave it empty")
    return Job.create(folder, Request("retime", {"footage": footage.file}, (named or os.path.join(folder, "even.%04d.png"),), settings))


def put_in(node: nuke.Node, job: Job, result: dict[str, Any]) -> None:
    """Show what was rendered, from where the input begins; one step to undo. Raises NoSource where the input leads nowhere any more."""
    (path,) = job.request().outputs
    begins = source(node, 0, "footage")
    first = begins.first + begins.later
    number = first_number(path)
    numbers = number, number + int(result["figures"]["frames"]) - 1
    knobs = {"first": numbers[0], "last": numbers[1], "origfirst": numbers[0], "origlast": numbers[1]}
    text = "\n".join(f"{name} {value}" for name, value in knobs.items())
    telling.turn(node, telling.DONE)
    undo = nuke.Undo()
    undo.begin("Genlock retime")
    try:
        group = cast(nuke.Group, node)
        with group:
            pictures = made(group).get(PICTURES) or mark(nuke.nodes.Read(), PICTURES)
            pictures.readKnobs(f'file {quoted(path)}\n{text}\norigset true\nframe_mode "start at"\nframe {first}')
            shown = made(group).get(SHOWN)
            if shown is not None:
                shown.setInput(1, pictures)
                shown["which"].setValue(1)
        node["status"].setValue(telling.plain(str(result.get("sentence", "done"))))
    finally:
        undo.end()


def first_number(path: str) -> int:
    """The lowest number of pictures on disk; a film counts from 1."""
    folder, name = os.path.split(path)
    pattern = re.search(r"%\d*d|#+", name)
    if pattern is None:
        return 1
    shape = re.compile(re.escape(name[: pattern.start()]) + r"(\d+)" + re.escape(name[pattern.end() :]))
    return min(int(found[1]) for found in map(shape.fullmatch, os.listdir(folder)) if found)
