"""A room in which a command is run, killed and run again: everything that it may write lies below one folder, and can be compared."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

OLDER = b"older\n"
"""What stands at the place of an output before the command runs, where anything does."""
MARK = "GENLOCK_TEST_ROOM"
"""In the environment of all that a command starts, so that all of it can be ended."""


@dataclass(frozen=True)
class Command:
    """A command line, what it needs, and which of its files a person takes for an answer once they are there."""

    name: str
    words: Callable[[Path, Path], Sequence[object]]
    """Of (stock, room)."""
    answers: tuple[str, ...]
    """Patterns of files below the room."""
    prepare: Callable[[Path, Path], None] = lambda stock, room: None
    """Lay out the room: of (stock, room)."""
    unlike: Callable[[str, bytes], bytes] = lambda name, body: body
    """What is compared of a file; what tells of time is left out of it."""
    look: Callable[[Path], bytes] = Path.read_bytes
    """What a file holds, where its bytes alone do not say."""
    env: Mapping[str, str] = field(default_factory=dict)
    again: str = ""
    """The folder that a run makes beside an answer that is whole already: the next version of it."""
    refuses: bool = False
    """Whether a run ends with a refusal where the answer is whole already."""


class Room:
    """One command in one folder. The folder has the same name each time, since answers may name it."""

    def __init__(self, command: Command, stock: Path, place: Path) -> None:
        self.command, self.stock, self.place = command, stock, place
        self.before: dict[str, str] = {}

    def fresh(self, older: Sequence[str] = ()) -> None:
        """As before the first run; `older` names outputs that stand there already."""
        shutil.rmtree(self.place, ignore_errors=True)
        for name in ("out", "tmp", "home", "cache"):
            (self.place / name).mkdir(parents=True)
        self.command.prepare(self.stock, self.place)
        for name in older:
            (self.place / name).write_bytes(OLDER)
        self.before = self.answers()

    def argv(self) -> list[str]:
        return [sys.executable, "-m", "genlock", *map(str, self.command.words(self.stock, self.place))]

    def env(self, **more: str) -> dict[str, str]:
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("GENLOCK", "XDG_", "PYTEST"))}
        home, place = str(self.place / "home"), str(self.place)
        own = {"HOME": home, "TMPDIR": f"{place}/tmp", "GENLOCK_CACHE": f"{place}/cache", "GENLOCK_MODELS": f"{home}/models", MARK: place}
        return {**keep, **own, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", **self.command.env, **more}

    def begin(self, **more: str) -> subprocess.Popen[bytes]:
        """Start it, in a process group of its own."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.argv(), cwd=self.place, env=self.env(**more), start_new_session=True, **pipes)

    def run(self, **more: str) -> subprocess.CompletedProcess[str]:
        """Start it and wait for its end."""
        pipes = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        return subprocess.run(self.argv(), cwd=self.place, env=self.env(**more), timeout=120, **pipes)

    def names(self) -> set[str]:
        """Of everything in the room, but for the file with which Python tries whether a folder for temporary files can be written."""
        paths = self.place.rglob("*")
        return {str(path.relative_to(self.place)) for path in paths if not (path.parent.name == "tmp" and re.fullmatch("[a-z0-9_]{8}", path.name))}

    def answers(self) -> dict[str, str]:
        """Digest of each file that is taken for an answer, by its name."""
        return {name: self._digest(name) for name in sorted(self.names()) if self._is_answer(name)}

    def _is_answer(self, name: str) -> bool:
        """What is hidden is nobody's answer."""
        if "/." in name.removeprefix("home/."):
            return False
        return any(fnmatch(name, pattern) for pattern in self.command.answers) and (self.place / name).is_file()

    def _digest(self, name: str) -> str:
        with suppress(FileNotFoundError):  # renamed this very moment
            body = self.command.look(self.place / name)
            return hashlib.sha256(body if body == OLDER else self.command.unlike(name, body)).hexdigest()
        return ""

    def end_all(self) -> None:
        """Kill whatever runs in this room, as a power cut does."""
        for number in self.processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def processes(self) -> Iterator[int]:
        """All that runs in this room."""
        wanted = f"{MARK}={self.place}".encode()
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                with suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                    if wanted in file.read().split(b"\0"):
                        yield int(name)
