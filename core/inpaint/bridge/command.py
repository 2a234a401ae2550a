"""Any program as a painter: it is given a picture and a mask as PNG files, and writes a picture of the same size.

    command = ["my-inpainter", "--image", "{picture}", "--mask", "{mask}", "--output", "{out}", "--seed={seed}", "--prompt={prompt}"]

No shell is involved. White in the mask is to be repainted. What the words in braces may be stands in PLACES.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Cancelled
from ..contract import Ask, Painted, PaintError, RetryLater, ServerError
from .pictures import decode, encode, in_depth, require
from .settings import CommandSettings
from .words import clipped

FILES = ("picture", "mask", "out")
"""Without these the program cannot do its work."""
PLACES = (*FILES, "prompt", "negative", "seed", "denoise", "steps", "cfg", "sampler", "width", "height")
_MOST_BYTES = 256 << 20
_TAIL = 8192
_LOOK_EVERY_S = 0.1
_GRACE_S = 3.0


class Command:
    """Paints with a program. Raises ServerError where its words do not say where the files go."""

    name = "command"

    def __init__(self, settings: CommandSettings) -> None:
        if not settings.command:
            raise ServerError("no command is given", 'write command = ["program", "{picture}", "{mask}", "{out}"] under [inpaint.command]')
        lacking = [f"{{{name}}}" for name in FILES if not any(f"{{{name}}}" in word for word in settings.command[1:])]
        if lacking:
            raise ServerError(f"the command does not say where {', '.join(lacking)} goes", "put each of them among its words")
        self._settings = settings

    def identity(self) -> Mapping[str, Any]:
        """The command's words, and the version that the person gives it: genlock cannot know what the program paints with."""
        return {"backend": self.name, "model": list(self._settings.command), "version": self._settings.version, "depth": self._settings.depth}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        """Run the program once, in a folder of its own that is removed again. Raises as Inpainter tells."""
        require(ask)
        dtype, began = np.dtype(np.uint16 if self._settings.depth == 16 else np.uint8), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="genlock-paint-") as folder:
            places = {name: str(Path(folder) / f"{name}.png") for name in FILES}
            Path(places["picture"]).write_bytes(encode(in_depth(ask.picture, dtype)))
            Path(places["mask"]).write_bytes(encode(np.where(ask.mask > 127, 255, 0).astype(np.uint8)))
            words = _filled(self._settings.command, {**places, **_values(ask)})
            _run(words, folder, self._settings.timeout_s, stop)
            picture = _read(Path(places["out"]), words[0], ask.mask.shape)
        facts = {"backend": self.name, "model": words[0], "version": self._settings.version, "seed": ask.seed, "depth": self._settings.depth}
        layer = in_depth(picture, np.dtype(np.uint8)) if picture.shape[2] == 4 else None
        return Painted(in_depth(picture[..., :3], ask.picture.dtype), layer, {**facts, "seconds": round(time.monotonic() - began, 3)})

    def close(self) -> None:
        """There is nothing to let go of."""


def _values(ask: Ask) -> dict[str, str]:
    height, width = ask.mask.shape
    texts = {"prompt": ask.prompt, "negative": ask.negative, "sampler": ask.sampler}
    numbers = {"seed": ask.seed, "steps": ask.steps, "width": width, "height": height, "denoise": f"{ask.denoise:g}", "cfg": f"{ask.cfg:g}"}
    return {**{name: text.replace("\0", " ") for name, text in texts.items()}, **{name: str(number) for name, number in numbers.items()}}


def _filled(words: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """The words with their places filled, each once: braces in a prompt stay as they are."""
    pattern = re.compile(r"\{(" + "|".join(PLACES) + r")\}")
    return [words[0], *(pattern.sub(lambda match: values[match[1]], word) for word in words[1:])]


def _run(words: list[str], folder: str, timeout_s: float, stop: Callable[[], bool]) -> None:
    """Run a program to its end. Raises ServerError, RetryLater, PaintError, Cancelled; whatever it has started is ended with it."""
    log = Path(folder) / "log.txt"
    with log.open("wb") as said:
        try:
            program = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise ServerError(f"{words[0]} cannot be started: {why}", "write its whole path as the first word of command") from error
        until = time.monotonic() + timeout_s
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    program.wait(_LOOK_EVERY_S)
                    break
                if stop():
                    raise Cancelled("stopped by request")
                if time.monotonic() > until:
                    raise RetryLater(f"{words[0]} took more than {timeout_s:g} s for one picture", "raise timeout_s under [inpaint.command]")
        finally:
            _end(program)
    if program.returncode:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
        raise PaintError(f"{words[0]} {_ending(program.returncode)}: {clipped(lines[-1]) if lines else 'it says nothing'}", "try the command by hand")


def _ending(status: int) -> str:
    if status > 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _end(program: subprocess.Popen[bytes]) -> None:
    """Ask it and what it has started to end, and after a while make them."""
    for how in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(program.pid, how)
            elif program.poll() is None:
                program.kill()
        with suppress(subprocess.TimeoutExpired):
            program.wait(_GRACE_S)
            if not hasattr(os, "killpg"):
                return


def _read(path: Path, program: str, hw: tuple[int, int]) -> np.ndarray:
    if not path.is_file() or path.is_symlink():
        raise PaintError(f"{program} ended well and wrote no picture", "check that {out} stands where it takes its output")
    if path.stat().st_size > _MOST_BYTES:
        raise PaintError(f"{program} wrote more than {_MOST_BYTES >> 20} MiB", "check what it writes")
    return decode(path.read_bytes(), hw, f"what {program} wrote")
