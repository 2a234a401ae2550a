"""What a farm is told of a job: a step whose tasks are its shares, and a step after it that joins them (specification 2023-09).

Nothing of the job stands in an expression of the template: its folder and the command are parameters, so a name with {{ in it is a name.
"""

from __future__ import annotations

import os
from typing import Any

SPECIFICATION = "jobtemplate-2023-09"
_NAME_LENGTH = 128
_NOTIFY_S = 30


def template(kind: str, folder: str, pieces: int, gpu: bool, default: str = "") -> dict[str, Any]:
    """The template of a job, as plain data.

    folder   of the job; the template is named after it
    pieces   how many shares it is made in; 1 where it is not cut: one task runs all of it then
    gpu      whether a share asks for a GPU
    default  the job's folder relative to the template, where it lies at or below its place; the specification allows no other
    """
    body: dict[str, Any] = {"specificationVersion": SPECIFICATION, "name": _name(kind, folder), "parameterDefinitions": _parameters(pieces, default)}
    if pieces == 1:
        body["steps"] = [_step("Run", [], gpu)]
        return body
    shares = _step("Shares", ["--piece", "{{Task.Param.Piece}}/{{Param.Pieces}}"], gpu)
    shares["parameterSpace"] = {"taskParameterDefinitions": [{"name": "Piece", "type": "INT", "range": "1-{{Param.Pieces}}"}]}
    body["steps"] = [shares, {**_step("Merge", ["--merge"], False), "dependencies": [{"dependsOn": "Shares"}]}]
    return body


def _parameters(pieces: int, default: str) -> list[dict[str, Any]]:
    folder = {
        "name": "Job", "type": "PATH", "objectType": "DIRECTORY", "dataFlow": "INOUT",
        "description": "The job's folder, on storage that every worker sees under this path",
    }  # fmt: skip
    command = {"name": "Genlock", "type": "STRING", "default": "genlock", "description": "How workers call genlock: a path, or a name on PATH"}
    count = {"name": "Pieces", "type": "INT", "default": pieces, "minValue": 1, "description": "In how many shares the pictures are made"}
    return [folder | ({"default": default} if default else {}), command, *([count] if pieces > 1 else [])]


def _step(name: str, flags: list[str], gpu: bool) -> dict[str, Any]:
    run = {
        "command": "{{Param.Genlock}}", "args": ["run", "{{Param.Job}}", *flags],
        "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": _NOTIFY_S},
    }  # fmt: skip
    step: dict[str, Any] = {"name": name, "script": {"actions": {"onRun": run}}}
    if gpu:
        step["hostRequirements"] = {"amounts": [{"name": "amount.worker.gpu", "min": 1}]}
    return step


def _name(kind: str, folder: str) -> str:
    """Of the job in the farm's list. Braces would be read, and control characters are not allowed."""
    plain = "".join(c if c.isprintable() and c not in "{}" else "_" for c in os.path.basename(folder))
    return f"genlock {kind} {plain}"[:_NAME_LENGTH].rstrip()
