"""From an answer's files to the nodes inside a Genlock node."""

from __future__ import annotations

import os
from typing import Any, cast

import nuke

from . import asking, telling, words
from .filling import fill
from .reads import NoSource
from .script import Part, moved, parts


def nodes(node: nuke.Node, script: str, clip_file: str, ref_file: str) -> list[Part]:
    """The nodes of a .nk that the worker wrote, at the frames at which the script shows the two files now.

    clip_file, ref_file   what was aligned
    Raises NoSource where other files are connected by now, NotOurs, OSError.
    """
    clip, ref = asking.pair(node)
    if (clip.file, ref.file) != (clip_file, ref_file):
        raise NoSource("other files are connected than were aligned; press Align again")
    with open(script, encoding="utf-8") as file:
        return moved(parts(file.read()), clip.later, ref.later)


def put_in(node: nuke.Node, folder: str, inside: list[Part], result: dict[str, Any]) -> None:
    """Fill the node, in one step to undo. Undone, it is no node that waits for a job.

    folder   where the answer's files lie
    result   its "sentence" and "figures"
    """
    telling.turn(node, telling.DONE)
    telling.say(node, "press Align")
    undo = nuke.Undo()
    undo.begin("Genlock align")
    try:
        fill(cast(nuke.Group, node), inside)
        node["genlock_answer"].setValue(folder)
        node["status"].setValue(telling.plain(str(result.get("sentence", "done"))))
        node["found"].setValue(words.found_line(result.get("figures", {})))
    finally:
        undo.end()


def file_of(node: nuke.Node, suffix: str) -> str:
    """A file of the answer that the node holds, whether it lies in a job's folder or was published; empty where there is none."""
    folder = str(node["genlock_answer"].value() or "")
    names = sorted(os.listdir(folder)) if folder and os.path.isdir(folder) else []
    return next((os.path.join(folder, name) for name in names if name.endswith(suffix)), "")
