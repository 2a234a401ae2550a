"""What the Genlock node tells of itself: its state and its line of status. What a job tells is no step to undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import nuke

RUNNING, PUBLISHING, DONE, FAILED = "running", "publishing", "done", "failed"
"""Of the knob genlock_state."""


def say(node: nuke.Node, text: str) -> None:
    """Into the line of status."""
    with unrecorded():
        node["status"].setValue(plain(text))


def plain(text: str) -> str:
    """For a knob that is shown: file names stand in it, and Nuke may take what stands in [ ] for a program."""
    return text.replace("[", "(").replace("]", ")")


def say_failed(node: nuke.Node, text: str) -> None:
    """The job is over, without its answer."""
    turn(node, FAILED)
    say(node, f"failed: {text}")


def turn(node: nuke.Node, state: str, job: str | None = None) -> None:
    """Note a state, and which job the node waits for."""
    with unrecorded():
        if job is not None:
            node["genlock_job"].setValue(job)
        node["genlock_state"].setValue(state)


@contextmanager
def unrecorded() -> Iterator[None]:
    """What is done within is no step that a person would want to undo."""
    undo = nuke.Undo()
    undo.disable()
    try:
        yield
    finally:
        undo.enable()
