"""What is said on the terminal: the answer on stdout, everything else on stderr, always in clean lines."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


def mend_streams() -> None:
    """A name that the terminal's encoding cannot show is written with escapes, and never ends the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


class Unsaid(Exception):
    """The answer could not be written to stdout: a full disk, for one."""


def answer(text: str) -> None:
    """A line of the answer."""
    _say(clean(text))


def answer_json(body: dict[str, Any]) -> None:
    """The answer as one JSON object."""
    _say(json.dumps(body, indent=1))


def finish_answer() -> None:
    """Make sure that all of it has been written. Raises Unsaid, or BrokenPipeError where nobody reads any more."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unsaid(f"the answer cannot be written to stdout: {error.strerror or error}") from error


def _say(text: str) -> None:
    try:
        print(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unsaid(f"the answer cannot be written to stdout: {error.strerror or error}") from error


def complain(text: str, stream: TextIO | None = None) -> None:
    """The one line of a command that did not do what it was asked."""
    tell(f"genlock: {text}", stream)


def tell(text: str, stream: TextIO | None = None) -> None:
    """A line on stderr (or on what is given for it); one that is closed or full is no reason to fail."""
    stream = stream or sys.stderr
    if stream:
        with suppress(OSError, ValueError):
            print(clean(text), file=stream, flush=True)


def clean(text: str) -> str:
    """One line, without control characters: names and tags in files must not steer a terminal."""
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:
        return character
    return character.encode("unicode_escape").decode("ascii") if character != "\u00a0" else " "


def silence_stdout() -> None:
    """After a broken pipe: what is still to be written goes nowhere, quietly."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
