"""What the buttons of the Genlock node do, and what becomes of a job's messages. Everything here runs in Nuke's main thread."""

from __future__ import annotations

import os
import shutil
import webbrowser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nuke

from .. import launch
from ..jobs import Done, Failed, Job, JobError, Message, Note, Progress
from . import answering, asking, inpainting, publishing, retiming, telling, words
from .group import all_nodes, of_job
from .knobs import MAPS
from .listening import Listener
from .reads import NoSource
from .script import NotOurs, Part, by_map
from .telling import RUNNING, say, say_failed

_listeners: dict[str, Listener] = {}


def align(node: nuke.Node) -> None:
    """The button Align, which is also Redo: start a job for what is connected. What the node holds stays until there is an answer."""
    _asked(node, asking.align_job)


def retime(node: nuke.Node) -> None:
    """The button of the node Genlock Retime."""
    _asked(node, retiming.retime_job)


def inpaint(node: nuke.Node) -> None:
    """The button of the node Genlock Inpaint."""
    _asked(node, inpainting.inpaint_job)


def review(node: nuke.Node) -> None:
    """The button Review of the node Genlock Inpaint."""
    if busy(node):
        return
    try:
        inpainting.review(node)
    except (NoSource, JobError) as error:
        say_failed(node, str(error))


def busy(node: nuke.Node) -> bool:
    """Whether the node is at work; if so, the person is told."""
    at_work = node["genlock_job"].value() in _listeners or publishing.at_work(node)
    if at_work:
        nuke.message("This node is at work. Press Cancel first, or wait.")
    return at_work


def check(node: nuke.Node) -> None:
    """The button Check: what stands against aligning and publishing."""
    if not busy(node):
        publishing.begin(node, only_check=True)


def publish(node: nuke.Node) -> None:
    """The button Publish."""
    if not busy(node):
        publishing.begin(node, only_check=False)


def cancel(node: nuke.Node) -> None:
    """The button Cancel."""
    listener = _listeners.get(node["genlock_job"].value())
    if listener is not None:
        say(node, "stopping")
        listener.stop_job()
    elif publishing.at_work(node):
        say(node, "stopping")
        publishing.stop(node)
    else:
        say(node, "nothing is running")


def show_report(node: nuke.Node) -> None:
    """The button Report: open it in the browser."""
    report = answering.file_of(node, ".html")
    if not report:
        nuke.message("There is no report yet. Press Align.")
        return
    webbrowser.open(Path(report).as_uri())


def save_script(node: nuke.Node) -> None:
    """The button Save .nk: the last answer as a script for people without the plug-in."""
    script = answering.file_of(node, ".nk")
    if not script:
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
    publishing.leave()
    for node in all_nodes():
        if node["genlock_state"].value() == telling.PUBLISHING:
            publishing.left(node)
        if node["genlock_state"].value() != RUNNING:
            continue
        job = Job(node["genlock_job"].value())
        try:
            if job.result() is not None:
                _told_by_file(node, job)
                continue
        except JobError as error:
            say_failed(node, str(error))
            continue
        _listen(job, partial(launch.attach, job))


def _asked(node: nuke.Node, asked: Callable[[nuke.Node], Job]) -> None:
    """Start the job that a button asks for, or say what stands against it."""
    if busy(node):
        return
    try:
        job = asked(node)
    except (NoSource, JobError) as error:
        say_failed(node, str(error))
        return
    _begin(node, job)


def _begin(node: nuke.Node, job: Job) -> None:
    telling.turn(node, RUNNING, job.folder)
    say(node, words.progress_line(0.0, "starting genlock"))
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
            say(node, words.progress_line(message.done, message.what))
        elif isinstance(message, Note):
            nuke.tprint(f"Genlock, {node.name()}: {message.text}")
        elif isinstance(message, Failed):
            _listeners.pop(folder, None)
            say_failed(node, message.message)
        elif isinstance(message, Done):
            _listeners.pop(folder, None)
            _told_by_file(node, Job(folder))


def _told_by_file(node: nuke.Node, job: Job) -> None:
    """A job is over, and its result.json says how."""
    try:
        result = job.result() or {}
        error = result.get("error")
        if error:
            say_failed(node, f"{error['what']}; {error['next_step']}" if error.get("next_step") else str(error["what"]))
        elif job.request().kind == "align":
            _aligned(node, job, result)
        elif job.request().kind == "retime":
            retiming.put_in(node, job, result)
        elif job.request().kind == "inpaint":
            inpainting.put_in(node, job, result)
        else:
            _mapped(node, job, result)
    except (JobError, NoSource, NotOurs, OSError, KeyError, ValueError, RuntimeError) as problem:
        say_failed(node, f"the answer is there, and cannot be used: {problem}; it lies in {job.folder}")


def _aligned(node: nuke.Node, job: Job, result: dict[str, Any]) -> None:
    if node["lay"].value() == MAPS:
        with telling.unrecorded():
            node["genlock_answer"].setValue(job.folder)
        _begin(node, asking.map_job(node, job.folder))
        return
    answering.put_in(node, job.folder, _read(node, job.folder), result)


def _mapped(node: nuke.Node, job: Job, result: dict[str, Any]) -> None:
    answer = str(node["genlock_answer"].value())
    ref = asking.pair(node)[1]
    solved, figures = Job(answer).result() or {}, result["figures"]
    start, at = int(solved["figures"]["ref"]["start_frame"]), int(figures["ref_first"])
    begins = at + ref.later + (1 if ref.is_movie else start)
    (asked,) = job.request().outputs
    nodes = by_map(_read(node, answer), asked, start + at, start + at + int(figures["frames"]) - 1, begins, tuple(figures["size"]))
    answering.put_in(node, answer, nodes, solved)


def _read(node: nuke.Node, folder: str) -> list[Part]:
    asked = Job(folder).request().inputs
    return answering.nodes(node, os.path.join(folder, asking.SCRIPT), asked["clip"], asked["ref"])
