"""Footage on its way into strips and out of them: films, picture sequences, stills, sound."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import bpy

from . import versions
from .placing import Size
from .refusing import CannotLay

_NUMBERED = re.compile(r"%0?(\d*)d|(#+)")
_DIGITS = re.compile(r"^(.*?)(\d+)(\.[^.]+)$")


UNSEEN: Size = (0, 0)
"""The size of footage that nothing is known of yet."""


@dataclass(frozen=True)
class Footage:
    """A file that pictures of strips come from, or a pattern such as shot.%04d.exr."""

    path: str
    wh: Size
    still: bool = False

    @property
    def name(self) -> str:
        """For people."""
        return os.path.basename(self.path)


def add_picture(scene: Any, footage: Footage, name: str, channel: int, at: int) -> Any:
    """A strip whose first frame stands at a timeline frame; its size is checked against what genlock saw.

    Raises CannotLay where Blender cannot read it, or reads it at another size.
    """
    strips = versions.strips_of(scene)
    files = sequence_files(footage.path)
    if not files and not os.path.exists(footage.path):
        raise CannotLay(f"{footage.path} is gone; put it back, or align again with the file where it is now")
    if files or os.path.splitext(footage.path)[1].lower() in bpy.path.extensions_image:
        folder = os.path.dirname(footage.path)
        strip = strips.new_image(name, os.path.join(folder, files[0]) if files else footage.path, channel, at, fit_method="ORIGINAL")
        for file in files[1:]:
            strip.elements.append(file)
    else:
        strip = strips.new_movie(name, footage.path, channel, at, fit_method="ORIGINAL")
    seen = size_of(strip)
    if seen is not None and footage.wh not in (UNSEEN, seen):
        strips.remove(strip)
        raise CannotLay(
            f"Blender reads {footage.name} at {seen[0]}x{seen[1]} and genlock at {footage.wh[0]}x{footage.wh[1]}; render it with genlock render"
        )
    return strip


def add_sound(scene: Any, path: str, name: str, channel: int, at: int) -> Any:
    """A sound strip. Raises CannotLay where Blender cannot read it."""
    try:
        return versions.strips_of(scene).new_sound(name, path, channel, at)
    except RuntimeError as error:
        raise CannotLay(f"Blender takes no sound from {os.path.basename(path)}: {str(error).strip()}") from error


def size_of(strip: Any) -> Size | None:
    """Width and height of a strip's pictures as Blender reads them; None where it does not say."""
    elements = getattr(strip, "elements", None)
    if not elements or not elements[0].orig_width:
        return None
    return elements[0].orig_width, elements[0].orig_height


def path_of(strip: Any) -> str:
    """The file of a strip, as genlock is told it: absolute, and a pattern where it is a sequence.

    Raises CannotLay where the strip shows no file.
    """
    if strip.type == "MOVIE":
        return os.path.abspath(bpy.path.abspath(strip.filepath))
    if strip.type == "IMAGE":
        folder = os.path.abspath(bpy.path.abspath(strip.directory))
        return os.path.join(folder, pattern([element.filename for element in strip.elements]))
    if strip.type == "SOUND" and strip.sound is not None:
        return os.path.abspath(bpy.path.abspath(strip.sound.filepath))
    if versions.inputs_of(strip):
        return path_of(versions.inputs_of(strip)[0])
    raise CannotLay(f"the strip {strip.name} shows no file; choose a movie or image strip, or a file")


def pattern(names: list[str]) -> str:
    """The name of a picture, or the pattern of several: a0001.png, a0002.png is a%04d.png. Raises CannotLay for names that do not count up."""
    if len(names) == 1:
        return names[0]
    parts = [_DIGITS.match(name) for name in names]
    found = [part.groups() for part in parts if part]
    same = len(found) == len(names) and len({(head, tail, len(digits)) for head, digits, tail in found}) == 1
    if not same or [int(digits) for _, digits, _ in found] != list(range(int(found[0][1]), int(found[0][1]) + len(found))):
        raise CannotLay(f"the pictures from {names[0]} on are not numbered one after another; genlock takes sequences such as shot.%04d.png")
    head, digits, tail = found[0]
    return f"{head}%0{len(digits)}d{tail}"


def sequence_files(path: str) -> list[str]:
    """The names of a sequence's files in the order of their numbers; empty where the path is no pattern, or a file of that name is there."""
    folder, name = os.path.split(path)
    found = _NUMBERED.search(name)
    if not found or os.path.exists(path):
        return []
    shape = re.compile(re.escape(name[: found.start()]) + r"(\d+)" + re.escape(name[found.end() :]))
    try:
        numbered = [(int(match.group(1)), file) for file in os.listdir(folder) for match in [shape.fullmatch(file)] if match]
    except OSError:
        return []
    return [file for _, file in sorted(numbered)]
