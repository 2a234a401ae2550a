"""The job that runs now: started, heard from a timer a few times a second, stopped, found again after Blender was closed.

Nothing here waits: the window stays free, and a crash of the worker is heard at the next tick.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bpy

from ... import __version__
from .. import launch, shelf
from ..jobs import Done, Failed, Job, JobError, Message, Note, Progress, Request, Started
from ..publishing.aside import Aside, Order
from .building import redraw

HOST = "blender"
HERE = os.path.dirname(os.path.abspath(__file__))
EVERY_S = 0.25
PATIENCE_S = 4.0
"""How long a job may take to hear that it is to stop."""


@dataclass
class Session:
    """What is known of the job that runs, or ran last, in this Blender."""

    running: launch.Running | None = None
    kind: str = ""
    folder: str = ""
    done: float = 0.0
    what: str = ""
    failed: str = ""
    """Why the last job has ended without its answer."""
    stop_at: float = 0.0
    """When a job that was asked to stop is ended, by time.monotonic(); 0 where it was not asked."""
    then: Callable[[Done], None] | None = None
    """Called once it is done."""
    notes: list[str] = field(default_factory=list)
    aside: Aside | None = None
    """The publish that goes on, or was the last one."""


now = Session()
_answers: dict[str, tuple[float, dict[str, Any] | None]] = {}


def new_folder(kind: str) -> str:
    """The path of a job folder that does not exist yet. Raises JobError."""
    return shelf.new_folder(HOST, kind)


def begin(request: Request, then: Callable[[Done], None] | None = None, folder: str = "") -> str:
    """Start a job, and hear from it by the timer; returns its folder. Raises JobError where one runs already, or genlock cannot be started."""
    if now.running is not None:
        raise JobError("a job of genlock is running; wait for it, or cancel it")
    command = launch.find_genlock(HERE)
    job = Job.create(folder or new_folder(request.kind), request)
    _take(launch.start(job, command), request.kind, then)
    return job.folder


def begin_publish(order: Order, integrate: Callable[[dict[str, Any]], None]) -> None:
    """Start a publish, and hear from it by the timer. Raises JobError where something runs already."""
    if busy():
        raise JobError("a job of genlock is running; wait for it, or cancel it")
    now.failed, now.aside = "", Aside(order, integrate)
    now.aside.start()
    _listen()


def worker() -> list[str]:
    """Find genlock and compare its version; takes a second, so a publish calls it in its own thread. Raises JobError."""
    command = launch.find_genlock(HERE)
    launch.check_worker(command, __version__, HOST)
    return command


def busy() -> bool:
    """Whether a job or a publish goes on."""
    return now.running is not None or publishes()


def runs(*kinds: str) -> bool:
    """Whether a job of one of these kinds goes on."""
    return now.running is not None and now.kind in kinds


def publishes() -> bool:
    """Whether a publish goes on."""
    return now.aside is not None and not now.aside.over


def tick() -> float | None:
    """Hear what is new. For bpy.app.timers: seconds until the next call, or None where nothing runs."""
    if not busy():
        return None
    if publishes() and now.aside is not None:
        now.aside.poll()
    for message in now.running.poll() if now.running is not None else ():
        _hear(message)
    if now.running is not None and now.stop_at and time.monotonic() > now.stop_at:
        now.running.stop(grace_s=0.1)
    redraw()
    return EVERY_S if busy() else None


def cancel() -> None:
    """Ask the job, or the publish, to stop; it is ended if it does not hear."""
    if publishes() and now.aside is not None:
        now.aside.stop()
    if now.running is not None:
        now.running.job.cancel()
        now.what = "stopping"
        now.stop_at = time.monotonic() + PATIENCE_S


def adopt() -> bool:
    """Hear again from a job that was running when Blender was closed; whether there is one."""
    if now.running is not None:
        return False
    for running in shelf.unfinished(HOST):
        if running.alive():
            try:
                _take(running, running.job.request().kind, None)
            except JobError:
                continue
            return True
    return False


def answer(folder: str) -> dict[str, Any] | None:
    """What result.json of a job holds; None where there is none. Read again only where it has changed: panels ask all the time."""
    path = Job(folder).result_path
    try:
        changed = os.path.getmtime(path)
    except OSError:
        return None
    if folder not in _answers or _answers[folder][0] != changed:
        try:
            _answers[folder] = changed, Job(folder).result()
        except JobError:
            _answers[folder] = changed, None
    return _answers[folder][1]


def close() -> None:
    """Stop listening; the job goes on by itself, a publish ends."""
    if now.aside is not None:
        now.aside.stop(wait_s=1.0)
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    now.running = None


def _take(running: launch.Running, kind: str, then: Callable[[Done], None] | None) -> None:
    now.__dict__.update(Session(running, kind, running.job.folder, what="starting", then=then, aside=now.aside).__dict__)
    _listen()


def _listen() -> None:
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=EVERY_S, persistent=True)


def _hear(message: Message) -> None:
    if isinstance(message, Started):
        _check_version(message.version)
    elif isinstance(message, Progress):
        now.done = message.done
        now.what = now.what if now.stop_at else message.what
    elif isinstance(message, Note):
        now.notes.append(message.text)
    elif isinstance(message, Failed):
        now.running = None
        if not now.failed:
            now.failed = "stopped" if message.code == "cancelled" else message.message
    elif isinstance(message, Done):
        now.running, then = None, now.then
        if then is not None:
            then(message)


def _check_version(worker: str) -> None:
    """A worker of another version than the add-on's may speak otherwise: the job is stopped, and said why."""
    if worker.split(".")[:2] != __version__.split(".")[:2] and now.running is not None:
        now.failed = f"genlock is {worker}, and this add-on is of {__version__}; mend it with: genlock hosts install blender"
        cancel()
