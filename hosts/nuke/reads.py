"""Which file is behind an input of the node, and at which frames the script shows it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import cast

import nuke

_MOVED = (
    "TimeWarp", "Retime", "FrameHold", "Kronos", "OFlow2", "FrameBlend", "AppendClip", "TimeClip", "FrameRange",
    "Transform", "TransformMasked", "CornerPin2D", "Reformat", "Crop", "Mirror2", "STMap", "IDistort", "LensDistortion2", "Tracker4", "Stabilize2D",
)  # fmt: skip
"""Between the Read and this node they would show other frames, or the picture elsewhere, than the file holds."""
_EXPRESSION = re.compile(r"^\s*(?:frame\s*(?:([+-])\s*(\d+))?)?\s*$")


class NoSource(Exception):
    """An input leads to no file that can be aligned. The text says what to do next."""


@dataclass(frozen=True)
class Source:
    """A file as the script shows it."""

    file: str
    """Absolute; of a sequence with %04d or ####."""
    later: int
    """By how many frames it is shown later than its own numbers say: those of a sequence; a movie counts from 1."""
    node: str
    """The Read's name."""
    first: int = 1
    """Number of the file's first frame."""

    @property
    def is_movie(self) -> bool:
        """Whether it is one file."""
        return not re.search(r"%\d*d|#", os.path.basename(self.file))


def source(group: nuke.Node, index: int, name: str) -> Source:
    """The file behind an input: 0 the clip, 1 the ref. Raises NoSource.

    Walks up the first inputs to a Read, out of groups too. Nodes that only colour the picture are passed; a TimeOffset is counted; what
    else moves frames or the picture is refused, since the file does not show it.
    """
    node, later = group.input(index), 0
    while node is not None and node.Class() != "Read":
        kind = node.Class()
        if not _disabled(node):
            if kind in _MOVED or (kind == "TimeOffset" and _varies(node)) or (kind == "Group" and _moves(node)):
                raise NoSource(f"{node.name()} ({kind}) stands between {name} and its file and moves it; connect {name} above it, to the Read")
            later += int(node["time_offset"].value()) if kind == "TimeOffset" else 0
        node = _above(node, name)
    if node is None:
        raise NoSource(f"{name} is not connected to a Read; connect one to the input {name} of this node")
    file = cast(nuke.File_Knob, node["file"]).value() or ""
    if not file:
        raise NoSource(f"{node.name()} names no file; choose one, or connect {name} to another Read")
    found = Source(_absolute(file, node.name()), later + _later(node), node.name())
    return found if found.is_movie else replace(found, first=int(node["origfirst"].value()))


def _above(node: nuke.Node, name: str) -> nuke.Node | None:
    """The node that this one shows: its first input, of a Switch the one that is chosen; out of a group where it is the group's input."""
    if node.Class() == "Input":
        return node.parent().input(int(node["number"].value()))
    if node.Class() == "Switch" and not _disabled(node):
        which = node["which"]
        if which.isAnimated() or which.hasExpression():
            raise NoSource(f"{node.name()} (Switch) shows now this file and now that; connect {name} to the Read itself")
        return node.input(int(which.value()))
    return node.input(0) if node.inputs() else None


def _moves(group: nuke.Node) -> bool:
    """Whether a group shows other frames, or the picture elsewhere: one of genlock's, or one that holds a node that does."""
    inside = [node for node in cast(nuke.Group, group).nodes() if not _disabled(node)]
    own = group.knob("genlock_job") is not None
    return own or any(node.Class() in (*_MOVED, "TimeOffset") or (node.Class() == "Group" and _moves(node)) for node in inside)


def _varies(node: nuke.Node) -> bool:
    """Whether a TimeOffset is more than one number."""
    offset = node["time_offset"]
    return offset.isAnimated() or offset.hasExpression() or bool(node["reverse_input"].value())


def _disabled(node: nuke.Node) -> bool:
    knob = node.knob("disable")
    return knob is not None and bool(knob.value())


def _absolute(file: str, name: str) -> str:
    if "[" in file:
        raise NoSource(f"the file of {name} is made by a program, {file!r}; write the path itself into the Read")
    if os.path.isabs(file):
        return file
    folder = nuke.root()["project_directory"].value() or os.path.dirname(nuke.root().name())
    if not folder or not os.path.isabs(folder):
        raise NoSource(f"{name} names a relative path, {file}, and the script has no folder; save the script, or write the whole path")
    return os.path.normpath(os.path.join(folder, file))


def _later(read: nuke.Node) -> int:
    """Script frame less file frame, by the Read's frame mode (Foundry, reference of the Read node)."""
    mode, text = str(read["frame_mode"].value()), str(read["frame"].value()).strip()
    plain = _EXPRESSION.match(text)
    if plain and mode == "expression":
        return -int(f"{plain[1]}{plain[2]}") if plain[1] else 0
    try:
        number = int(float(text or "0"))
    except ValueError:
        raise NoSource(f"{read.name()} counts frames by {text!r}, which is no whole offset; choose another frame mode in it") from None
    if mode == "start at":
        return number - int(read["first"].value())
    if mode == "offset":
        return -number
    raise NoSource(f"{read.name()} counts frames by {text!r}, which is no whole offset; choose another frame mode in it")
