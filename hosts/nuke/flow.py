"""What the buttons of the Genlock node do, and what becomes of a job's messages. Everything here runs in Nuke's main thread."""

from __future__ import annotations

import os
import shutil
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import nuke

from .. import launch
from ..jobs import Done, Failed, Job, JobError, Message, Note, Progress
from . import asking, words
from .filling import fill
from .group import all_nodes, of_job
from .knobs import MAPS
from .listening import Listener
from .reads import NoSource
from .script import NotOurs, Part, by_map, moved, parts

RUNNING, DONE, FAILED = "running", "done", "failed"
_listeners: dict[str, Listener] = {}


def align(node: nuke.Node) -> None:
    """The button Align, which is also Redo: start a job for what is connected. What the node holds stays until there is an answer."""
    if node["genlock_job"].value() in _listeners:
        nuke.message("This node is at work. Press Cancel first, or wait.")
        return
    try:
        job = asking.align_job(node)
    except (NoSource, JobError) as error:
        _say_failed(node, str(error))
        return
    _begin(node, job)


def cancel(node: nuke.Node) -> None:
    """The button Cancel."""
    listener = _listeners.get(node["genlock_job"].value())
    if listener is None:
        _say(node, "nothing is running")
        return
    _say(node, "stopping")
    listener.stop_job()


def show_report(node: nuke.Node) -> None:
    """The button Report: open it in the browser."""
    report = os.path.join(node["genlock_answer"].value() or "", asking.REPORT)
    if not os.path.isfile(report):
        nuke.message("There is no report yet. Press Align.")
        return
    webbrowser.open(Path(report).as_uri())


def save_script(node: nuke.Node) -> None:
    """The button Save .nk: the last answer as a script for people without the plug-in."""
    script = os.path.join(node["genlock_answer"].value() or "", asking.SCRIPT)
    if not os.path.isfile(script):
        nuke.message("There is no answer yet. Press Align.")
        return
    place = nuke.getFilename("Save the nodes as", "*.nk")
    if not place:
        return
    try:
        shutil.copyfile(script, place if place.lower().endswith(".nk") else place + ".nk")
    except OSError as error:
        nuke.message(f"{place} cannot be written: {error.strerror}. Choose another place.")


def find_again() -> None:
    """A script was opened: hear again from the jobs that its nodes wait for. Jobs live on while Nuke is closed."""
    for listener in _listeners.values():
        listener.stop_listening()
    _listeners.clear()
    for node in all_nodes():
        if node["genlock_state"].value() != RUNNING:
            continue
        job = Job(node["genlock_job"].value())
        try:
            if job.result() is not None:
                _told_by_file(node, job)
                continue
        except JobError as error:
            _say_failed(node, str(error))
            continue
        _listen(job, partial(launch.attach, job))


def _begin(node: nuke.Node, job: Job) -> None:
    with _unrecorded():
        node["genlock_job"].setValue(job.folder)
        node["genlock_state"].setValue(RUNNING)
    _say(node, words.progress_line(0.0, "starting genlock"))
    _listen(job, partial(asking.begin, job))


def _listen(job: Job, begin: Callable[[], Any]) -> None:
    listener = _listeners[job.folder] = Listener(job.folder, begin, heard)
    listener.start()


def heard(folder: str, messages: list[Message]) -> None:
    """Messages of a job, in order. A node that was deleted meanwhile ends its job."""
    node = of_job(folder)
    listener = _listeners.get(folder)
    if node is None:
        if listener is not None:
            listener.stop_job()
        if any(isinstance(message, (Done, Failed)) for message in messages):
            _listeners.pop(folder, None)
        return
    for message in messages:
        if isinstance(message, Progress):
            _say(node, words.progress_line(message.done, message.what))
        elif isinstance(message, Note):
            nuke.tprint(f"Genlock, {node.name()}: {message.text}")
        elif isinstance(message, Failed):
            _listeners.pop(folder, None)
            _say_failed(node, message.message)
        elif isinstance(message, Done):
            _listeners.pop(folder, None)
            _told_by_file(node, Job(folder))


def _told_by_file(node: nuke.Node, job: Job) -> None:
    """A job is over, and its result.json says how."""
    try:
        result = job.result() or {}
        error = result.get("error")
        if error:
            _say_failed(node, f"{error['what']}; {error['next_step']}" if error.get("next_step") else str(error["what"]))
        elif job.request().kind == "align":
            _aligned(node, job, result)
        else:
            _mapped(node, job, result)
    except (JobError, NoSource, NotOurs, OSError, KeyError, ValueError, RuntimeError) as problem:
        _say_failed(node, f"the answer is there, and cannot be used: {problem}; it lies in {job.folder}")


def _aligned(node: nuke.Node, job: Job, result: dict[str, Any]) -> None:
    if node["lay"].value() == MAPS:
        with _unrecorded():
            node["genlock_answer"].setValue(job.folder)
        _begin(node, asking.map_job(node, job.folder))
        return
    _put_in(node, job.folder, _read(node, job.folder), result)


def _mapped(node: nuke.Node, job: Job, result: dict[str, Any]) -> None:
    answer = str(node["genlock_answer"].value())
    ref = asking.pair(node)[1]
    solved, figures = Job(answer).result() or {}, result["figures"]
    start, at = int(solved["figures"]["ref"]["start_frame"]), int(figures["ref_first"])
    begins = at + ref.later + (1 if ref.is_movie else start)
    (asked,) = job.request().outputs
    nodes = by_map(_read(node, answer), asked, start + at, start + at + int(figures["frames"]) - 1, begins, tuple(figures["size"]))
    _put_in(node, answer, nodes, solved)


def _read(node: nuke.Node, folder: str) -> list[Part]:
    """The nodes of an answer, at the frames at which the script shows the two files now."""
    clip, ref = asking.pair(node)
    asked = Job(folder).request().inputs
    if (clip.file, ref.file) != (asked["clip"], asked["ref"]):
        raise NoSource("other files are connected than were aligned; press Align again")
    with open(os.path.join(folder, asking.SCRIPT), encoding="utf-8") as file:
        return moved(parts(file.read()), clip.later, ref.later)


def _put_in(node: nuke.Node, folder: str, nodes: list[Part], result: dict[str, Any]) -> None:
    """Fill the node, in one step to undo. Undone, it is no node that waits for a job."""
    with _unrecorded():
        node["genlock_state"].setValue(DONE)
        node["status"].setValue("press Align")
    undo = nuke.Undo()
    undo.begin("Genlock align")
    try:
        fill(cast(nuke.Group, node), nodes)
        node["genlock_answer"].setValue(folder)
        node["status"].setValue(str(result.get("sentence", "done")))
        node["found"].setValue(words.found_line(result.get("figures", {})))
    finally:
        undo.end()


def _say_failed(node: nuke.Node, text: str) -> None:
    with _unrecorded():
        node["genlock_state"].setValue(FAILED)
    _say(node, f"failed: {text}")


def _say(node: nuke.Node, text: str) -> None:
    with _unrecorded():
        node["status"].setValue(text)


@contextmanager
def _unrecorded() -> Iterator[None]:
    """What a job tells is no step that a person would want to undo."""
    undo = nuke.Undo()
    undo.disable()
    try:
        yield
    finally:
        undo.enable()
