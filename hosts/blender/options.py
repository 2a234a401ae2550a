"""What the panel keeps in the scene: the two files, and the options of `genlock align`, made from settings.json."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import bpy

from . import files, versions
from .otio_in import exact_rate
from .refusing import CannotLay

FIRST = ("time", "space", "quality")
"""In sight; the others are folded away."""
ELSEWHERE = ("edl", "otio")
"""Say how files are written that the panel does not ask for."""
NOT_GIVEN = "as_it_is"
"""Of choices, the empty one: Blender takes an item without a name for a heading."""


def load_fields(kind: str = "align", elsewhere: Sequence[str] = ELSEWHERE) -> list[dict[str, Any]]:
    """The options of a kind of job, as settings.json beside this package tells them, less those that a panel has no use for."""
    with open(os.path.join(os.path.dirname(os.path.dirname(__file__)), "settings.json"), encoding="utf-8") as file:
        return [each for each in json.load(file)["jobs"][kind] if each["name"] not in elsewhere]


FIELDS = load_fields()


def title(name: str) -> str:
    """clip_space is Clip Space, as Blender writes labels."""
    return name.replace("_", " ").title()


def property_of(told: dict[str, Any]) -> Any:
    """A property of Blender's for an option."""
    help_text = told["help"][:1].upper() + told["help"][1:]
    words: dict[str, Any] = {"name": title(told["name"]), "description": help_text}
    sort = told["sort"]
    if "choices" in told:
        items = [(each or NOT_GIVEN, title(each or NOT_GIVEN), help_text) for each in told["choices"]]
        return bpy.props.EnumProperty(items=items, default=told["default"] or NOT_GIVEN, **words)
    if sort in ("text", "texts"):
        return bpy.props.StringProperty(default=" ".join(told["default"]) if sort == "texts" else told["default"], **words)
    bounds = {name: told[key] for name, key in (("min", "low"), ("max", "high")) if key in told}
    kinds = {"whole": bpy.props.IntProperty, "number": bpy.props.FloatProperty, "switch": bpy.props.BoolProperty}
    return kinds[sort](default=told["default"], **words, **bounds)


class GenlockOptions(bpy.types.PropertyGroup):
    """One property for each option of `genlock align`."""

    __annotations__ = {told["name"]: property_of(told) for told in FIELDS}


SOURCES = [("STRIP", "Strip", "A strip of this timeline"), ("FILE", "File", "A file, or a numbered sequence such as shot.%04d.png")]


def _source(role: str) -> dict[str, Any]:
    what = "what is moved" if role == "clip" else "what stays"
    return {
        f"{role}_from": bpy.props.EnumProperty(name=f"{role.title()} from", description=f"Where the {role} is, {what}", items=SOURCES),
        f"{role}_strip": bpy.props.StringProperty(name=role.title(), description=f"The strip that shows the {role}: {what}"),
        f"{role}_file": bpy.props.StringProperty(name=role.title(), description=f"The file of the {role}: {what}", subtype="FILE_PATH"),
    }


class GenlockScene(bpy.types.PropertyGroup):
    """What the panel keeps in a scene."""

    __annotations__ = {
        **_source("clip"),
        **_source("ref"),
        "options": bpy.props.PointerProperty(type=GenlockOptions),
        "more": bpy.props.BoolProperty(name="More Options", description="Show all that genlock align can be told"),
        "sound": bpy.props.BoolProperty(
            name="Sound of the Clip", description="Lay the clip's sound too; where its speed changes, genlock renders it to fit"
        ),
        "publish_to": bpy.props.StringProperty(
            name="Publish to", description="The folder that gets NAME/v001, or the next version; NAME is the ref's", subtype="DIR_PATH"
        ),
        "publish_as": bpy.props.StringProperty(
            name="As", description="What is written beside alignment and report: .otio .edl .nk .fcpxml and others", default=".otio .edl"
        ),
        "publish_render": bpy.props.StringProperty(name="Render", description="Render the clip too, as .mov, .mkv or .%04d.exr; empty: no"),
        "publish_repair": bpy.props.BoolProperty(name="Repair", description="Mend what a check can mend"),
        "published": bpy.props.StringProperty(name="Published", description="Folder of the versions whose last one was laid"),
        "job": bpy.props.StringProperty(name="Job", description="Folder of the last alignment"),
        "used_ref": bpy.props.StringProperty(name="Ref", description="The strip that was the ref of the last alignment"),
        "retime_more": bpy.props.BoolProperty(name="More Options", description="Show all that genlock retime can be told"),
        "runs": bpy.props.BoolProperty(name="Runs", description="Show what was found from where to where", default=True),
    }


def source_path(scene: Any, role: str) -> str:
    """The file that the person has chosen as clip or ref. Raises CannotLay where there is none."""
    kept = scene.genlock
    if getattr(kept, f"{role}_from") == "FILE":
        named = getattr(kept, f"{role}_file")
        if not named:
            raise CannotLay(f"no file is chosen as the {role}")
        return os.path.abspath(bpy.path.abspath(named))
    name = getattr(kept, f"{role}_strip")
    strip = versions.strips_of(scene).get(name)
    if strip is None:
        raise CannotLay(f"there is no strip {name}; choose the {role} anew" if name else f"no strip is chosen as the {role}")
    return files.path_of(strip)


def chosen(scene: Any) -> dict[str, Any]:
    """The options of align that differ from their defaults, as a job's request holds them."""
    return given(FIELDS, scene.genlock.options)


def given(fields: Sequence[dict[str, Any]], group: Any) -> dict[str, Any]:
    """The same of any group of properties that was made from fields."""
    out: dict[str, Any] = {}
    for told in fields:
        value = getattr(group, told["name"])
        value = "" if value == NOT_GIVEN and "choices" in told else value
        value = value.split() if told["sort"] == "texts" else value.strip() if told["sort"] == "text" else value
        if told["name"] == "cache" and value not in ("", "off"):
            value = os.path.abspath(bpy.path.abspath(value))
        if value != told["default"]:
            out[told["name"]] = value
    return out


def scene_rate(scene: Any) -> str:
    """Frames a second of a scene, as genlock takes them: 24, 24000/1001."""
    return str(exact_rate(scene.render.fps / scene.render.fps_base))


CLASSES = (GenlockOptions, GenlockScene)
