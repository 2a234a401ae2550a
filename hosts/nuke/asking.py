"""The jobs that the Genlock node asks for, as requests; and how a worker is found and started for them."""

from __future__ import annotations

import os
from typing import Any

import nuke

from ... import __version__
from .. import launch, shelf
from ..jobs import Job, Request
from . import HOST
from .knobs import settings_given
from .reads import NoSource, Source, source

ANSWER, SCRIPT, REPORT = "answer.json", "answer.nk", "report.html"
"""What an align job writes into its own folder."""


def pair(node: nuke.Node) -> tuple[Source, Source]:
    """The files behind the two inputs. Raises NoSource."""
    return source(node, 0, "clip"), source(node, 1, "ref")


def wanted(node: nuke.Node) -> tuple[dict[str, str], dict[str, Any]]:
    """What is connected, as {"clip": path, "ref": path}, and the settings that differ from their defaults. Raises NoSource, JobError."""
    clip, ref = pair(node)
    settings = settings_given(node)
    if node["limit"].value():
        settings["range"] = _range(int(node["from_frame"].value()), int(node["to_frame"].value()), ref)
    return {"clip": clip.file, "ref": ref.file}, settings


def align_job(node: nuke.Node) -> Job:
    """A new job that aligns what is connected. Raises NoSource, JobError."""
    files, settings = wanted(node)
    folder = shelf.new_folder(HOST, "align")
    outputs = tuple(os.path.join(folder, name) for name in (ANSWER, SCRIPT, REPORT))
    return Job.create(folder, Request("align", files, outputs, settings))


def map_job(node: nuke.Node, answer: str) -> Job:
    """A new job that writes an ST map a frame for the answer in a job's folder. Raises JobError."""
    folder = shelf.new_folder(HOST, "stmap")
    named = str(node["maps"].value() or "").strip()
    output = named if os.path.isabs(named) else os.path.join(folder, "map.%04d.exr")
    settings = {"range": given} if (given := Job(answer).request().settings.get("range")) else {}
    return Job.create(folder, Request("stmap", {"aligned": os.path.join(answer, ANSWER)}, (output,), settings))


def worker() -> list[str]:
    """Find the worker and compare its version; takes a second or so, so it is called outside of the main thread.

    Raises JobError with the one command that mends it.
    """
    command = launch.find_genlock(os.path.dirname(os.path.abspath(__file__)))
    launch.check_worker(command, __version__, HOST)
    return command


def begin(job: Job) -> launch.Running:
    """Start a job; as worker() it takes a second, and raises JobError."""
    return launch.start(job, worker())


def _range(first: int, last: int, ref: Source) -> str:
    """The setting `range` for frames of the script: a sequence counts by its files' numbers, a movie from 0."""
    less = ref.later + (1 if ref.is_movie else 0)
    if last < first:
        raise NoSource(f"the frames {first} to {last} end before they begin; write the earlier one first")
    if first - less < 0:
        raise NoSource(f"ref begins at frame {less}, and {first} lies before it; mend the first frame")
    return f"{first - less}-{last - less}"
