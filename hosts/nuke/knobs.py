"""The knobs of the Genlock node. Those that are settings of the job come from settings.json, so that terminal and node never differ."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import nuke

from ..jobs import JobError

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "settings.json")
PREFIX = "gl_"
"""Before the name of a setting, so that none is taken for a knob of Nuke's own."""
_ELSEWHERE = {"align": ("range", "edl", "otio"), "retime": ("dry_run", "preview"), "inpaint": ("begin", "only", "rate", "film")}
"""Settings that have no knob: the range has two of its own, no timeline is written, and no less than everything is retimed or inpainted."""
NODES, MAPS = "nodes", "ST maps"

_CALL = """try:
    from genlock.hosts.nuke import flow
except ImportError:
    nuke.message("Genlock is not installed in this Nuke. The nodes inside work without it. To align again: genlock hosts install nuke")
else:
    flow.{what}(nuke.thisNode())
"""


def settings_fields(kind: str = "align") -> list[dict[str, Any]]:
    """The settings of a kind of job that have a knob: {"name", "sort", "default", "help", ...} each. Raises JobError."""
    try:
        with open(FILE, encoding="utf-8") as file:
            fields = json.load(file)["jobs"][kind]
    except (OSError, ValueError, KeyError) as error:
        raise JobError(f"{FILE} cannot be read ({error}); mend it with: genlock hosts install nuke") from error
    return [field for field in fields if field["name"] not in _ELSEWHERE[kind]]


def add_knobs(node: nuke.Node) -> None:
    """All knobs of a new Genlock node."""
    node.addKnob(nuke.Tab_Knob("genlock", "Genlock"))
    for name, label, what, tip in (
        ("align", "Align", "align", "Find which frame of clip is which frame of ref, and where its picture lies."),
        ("cancel", "Cancel", "cancel", "Stop the job. What this node holds stays as it is."),
        ("report", "Report", "show_report", "Open the report of the last answer in the browser."),
        ("save", "Save .nk", "save_script", "Write the last answer as a script that needs no plug-in."),
    ):
        button = nuke.PyScript_Knob(name, label, _CALL.format(what=what))
        button.setTooltip(tip)
        node.addKnob(button)
    node.addKnob(nuke.Text_Knob("status", "status", "connect clip and ref, then press Align"))
    node.addKnob(nuke.Text_Knob("found", "found", " "))
    _add(node, nuke.Enumeration_Knob("show", "show", ["clip", "difference"]), "The clip as the ref has it, or what is left of ref less clip.")
    _add(node, nuke.Enumeration_Knob("lay", "place by", [NODES, MAPS]), "Nodes that can be edited, or one map a frame that genlock writes.")
    _add(node, nuke.File_Knob("maps", "maps"), "Where ST maps go, such as /shots/maps/shot.%04d.exr; left empty, they go into the job's folder.")
    _add(node, nuke.Boolean_Knob("limit", "only frames"), "Only these frames of the ref, both included, as this script counts.")
    _add(node, nuke.Int_Knob("from_frame", "from"), "First frame.")
    _add(node, nuke.Int_Knob("to_frame", "to"), "Last frame.")
    _add_publish(node)
    node.addKnob(nuke.Tab_Knob("genlock_settings", "Settings"))
    for field in settings_fields():
        _add(node, _knob(field), str(field["help"]))
    _add_memory(node, "genlock_job", "genlock_state", "genlock_answer")


def add_retime_knobs(node: nuke.Node) -> None:
    """All knobs of a new Genlock Retime node."""
    node.addKnob(nuke.Tab_Knob("genlock", "Genlock Retime"))
    for name, label, tip in (
        ("retime", "Retime", "Render what is connected with even motion, without repeats, or at another rate."),
        ("cancel", "Cancel", "Stop the job. What this node shows stays as it is."),
    ):
        _add(node, nuke.PyScript_Knob(name, label, _CALL.format(what=name)), tip)
    node.addKnob(nuke.Text_Knob("status", "status", "connect footage, then press Retime"))
    _add(node, nuke.File_Knob("to", "to"), "Where the pictures go, such as /shots/even.%04d.png or .mov; left empty, they go into the job's folder.")
    for field in settings_fields("retime"):
        _add(node, _knob(field), str(field["help"]))
    _add_memory(node, "genlock_job", "genlock_state")


def add_inpaint_knobs(node: nuke.Node) -> None:
    """All knobs of a new Genlock Inpaint node."""
    node.addKnob(nuke.Tab_Knob("genlock", "Genlock Inpaint"))
    for name, label, tip in (
        ("inpaint", "Inpaint", "Take what the matte covers out of the plate, or change it. What is done already is not done again."),
        ("cancel", "Cancel", "Stop the job. What this node shows stays as it is, and Inpaint goes on from there."),
        ("review", "Review", "Pick painted pictures and correct masks in the browser; then press Inpaint again."),
    ):
        _add(node, nuke.PyScript_Knob(name, label, _CALL.format(what=name)), tip)
    node.addKnob(nuke.Text_Knob("status", "status", "connect plate and matte, then press Inpaint"))
    _add(node, nuke.File_Knob("project", "project"), "Folder of the project; left empty, NAME-inpaint beside the plate.")
    for field in settings_fields("inpaint"):
        _add(node, _knob(field), str(field["help"]))
    _add_memory(node, "genlock_job", "genlock_state")


def _add_memory(node: nuke.Node, *names: str) -> None:
    for name in names:
        memory = nuke.String_Knob(name, name)
        memory.setFlag(nuke.INVISIBLE)
        node.addKnob(memory)


def _add_publish(node: nuke.Node) -> None:
    node.addKnob(nuke.Tab_Knob("genlock_publish", "Publish"))
    _add(node, nuke.File_Knob("publish_to", "publish to"), "The folder that gets NAME/v001, or the next version; NAME is the ref's.")
    _add(node, nuke.String_Knob("publish_as", "as", ".nk .otio"), "What is written beside alignment and report: .nk .otio .edl .fcpxml and others.")
    _add(node, nuke.String_Knob("publish_render", "render"), "Render the clip too, as .mov, .mkv or .%04d.exr; empty: no.")
    _add(node, nuke.Boolean_Knob("publish_repair", "repair"), "Mend what a check can mend.")
    for name, label, tip in (
        ("check", "Check", "Ask whether these two can be aligned and published, and make nothing."),
        ("publish", "Publish", "Check, align, write a version, and fill this node with it."),
    ):
        button = nuke.PyScript_Knob(f"publish_{name}", label, _CALL.format(what=name))
        _add(node, button, tip)
    node.addKnob(nuke.Text_Knob("checked", "checked", " "))


def _add(node: nuke.Node, knob: nuke.Knob, tip: str) -> None:
    knob.setTooltip(tip)
    node.addKnob(knob)


def _knob(field: dict[str, Any]) -> nuke.Knob:
    """A knob for a setting, at its default."""
    name, label, default = PREFIX + field["name"], field["name"].replace("_", " "), field["default"]
    knob: nuke.Knob
    if field.get("choices"):
        knob = nuke.Enumeration_Knob(name, label, [choice or "auto" for choice in field["choices"]])
    elif field["sort"] == "switch":
        knob = nuke.Boolean_Knob(name, label)
        knob.setValue(bool(default))
    elif field["sort"] in ("whole", "number"):
        knob = (nuke.Int_Knob if field["sort"] == "whole" else nuke.Double_Knob)(name, label)
        knob.setValue(default)
    else:
        knob = nuke.String_Knob(name, label)
        knob.setValue(" ".join(default) if field["sort"] == "texts" else default)
    if field.get("choices"):
        knob.setValue(default or "auto")
    return knob


def settings_given(node: nuke.Node, kind: str = "align") -> dict[str, Any]:
    """The settings that differ from their defaults, as a job's request holds them."""
    given: dict[str, Any] = {}
    for field in settings_fields(kind):
        knob = node.knob(PREFIX + field["name"])
        if knob is None:
            continue
        value: Any = knob.value()
        if field["sort"] == "texts":
            value = [word for word in re.split(r"[\s,]+", str(value)) if word]
        elif field["sort"] == "whole":
            value = int(value)
        elif field["sort"] == "text":
            value = "" if field.get("choices") and value == "auto" and "" in field["choices"] else str(value).strip()
        if value != field["default"]:
            given[field["name"]] = value
    return given
