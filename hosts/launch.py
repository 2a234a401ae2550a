"""Starts genlock from another program, and finds its jobs again. Standard library only, Python 3.9 syntax.

The worker is a process with a Python of its own: nothing of the host's Python reaches it, and its crash never takes the host down.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from .jobs import Done, Failed, Job, JobError, Message, Started, Tail

TIED = "GENLOCK_TIED"
"""In a worker's environment: the number of the process that it ends with. A host's worker lives on without it; that of a batch does not."""
WORKER_FILE = "worker.json"
"""Beside a host's adapter, written by `genlock hosts install`: {"command": [...], "version": "..."}."""


class Running:
    """A job whose worker was started here, or found again. Call poll() from a timer until `over`."""

    def __init__(self, job: Job, process: subprocess.Popen[bytes] | None, tail: Tail, number: int | None = None) -> None:
        self.job = job
        self.process = process
        """None where another process started the job."""
        self.over = False
        self._tail = tail
        self._number = number if process is None else process.pid

    def poll(self) -> list[Message]:
        """Messages since the last call; the last one of a job is Done or Failed, even where the worker crashed."""
        if self.over:
            return []
        ended = not self.alive()
        messages = self._tail.read()
        self.over = any(isinstance(message, (Done, Failed)) for message in messages)
        if ended and not self.over:
            self.over = True
            status = None if self.process is None else self.process.returncode
            messages.append(Failed("crashed", _epitaph(status, self.job.log_path)))
        return messages

    def alive(self) -> bool:
        """Whether the worker's process is there."""
        return self.process.poll() is None if self.process is not None else _is_there(self._number)

    def stop(self, grace_s: float = 3.0) -> None:
        """Ask the job to stop, wait that many seconds, then end it. Returns once the process is gone, or cannot be ended."""
        self.job.cancel()
        for end in (None, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            if end is not None and self.alive() and self._number is not None:
                with suppress(OSError):
                    os.kill(self._number, end)
            until = time.monotonic() + grace_s
            while time.monotonic() < until:
                if not self.alive():
                    return
                time.sleep(0.02)


def start(job: Job, command: Sequence[str] | None = None, tied: bool = False, temporary: str = "") -> Running:
    """Start `genlock run JOB` in a process of its own; returns at once.

    command   how genlock is called, such as ["/opt/genlock/bin/genlock"]; see find_genlock() for the default
    tied      it stops where this process ends, however that is
    temporary a folder for what it keeps for the time being; the system's where none is named. One that is ended by force leaves it there
    Raises JobError where that program cannot be started.
    """
    words = [*(command or find_genlock()), "run", job.folder, "--quiet"]
    tail = Tail(job.events_path, from_end=True)
    more = {TIED: str(os.getpid())} if tied else {}
    more.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary) if temporary else {})
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    try:
        with open(job.log_path, "ab") as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**clean_environment(), **more}, **apart)
    except OSError as error:
        raise JobError(f"genlock cannot be started as {' '.join(words)}: {error}; install it, or set GENLOCK_COMMAND to its path") from error
    return Running(job, process, tail)


def attach(job: Job) -> Running | None:
    """Hear again from a job that another process started, from its beginning; None where it has not begun, or has ended and told so.

    A worker lives on when its host is closed or crashes; the host calls this for the jobs it finds with unfinished().
    """
    began = [message for message in Tail(job.events_path).read() if isinstance(message, (Started, Done, Failed))]
    if not began or not isinstance(began[-1], Started):
        return None
    return Running(job, None, Tail(job.events_path), began[-1].process)


def find_genlock(beside: str | None = None) -> list[str]:
    """How genlock is called here: GENLOCK_COMMAND (one path), what the installer wrote beside the adapter, or `genlock` on PATH.

    beside   the folder of the host's adapter, with its worker.json
    Raises JobError where none of them is there.
    """
    named = os.environ.get("GENLOCK_COMMAND")
    if named:
        return [named]
    if beside is not None:
        noted = _noted(os.path.join(beside, WORKER_FILE))
        if noted and os.path.exists(noted[0]):
            return noted
        if noted:
            raise JobError(f"genlock was at {noted[0]} and is gone; where it is installed now, run: genlock hosts install")
    found = shutil.which("genlock")
    if not found:
        raise JobError("genlock is not found; install it with pip, or set GENLOCK_COMMAND to the path of its command")
    return [found]


def check_worker(command: Sequence[str], version: str, host: str) -> None:
    """Start the worker once and compare its version with the adapter's. A second or less; call it before the first job.

    version   of the adapter; the first two numbers have to agree
    host      as `genlock hosts install` names it
    Raises JobError with the one command that mends it.
    """
    try:
        done = subprocess.run(
            [*command, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=clean_environment(), check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JobError(f"genlock cannot be started as {' '.join(command)}: {error}; mend it with: pip install genlock=={version}") from error
    said = re.search(r"^genlock (\d+\.\d+)\S*", done.stdout, re.MULTILINE)
    if done.returncode or not said:
        what = (done.stderr or done.stdout).strip().splitlines()[-1:] or [f"it ended with status {done.returncode}"]
        raise JobError(f"{' '.join(command)} does not work: {what[0]}; mend it with: pip install --force-reinstall genlock=={version}")
    if said.group(1) != ".".join(version.split(".")[:2]):
        raise JobError(f"genlock is {said.group(0)[8:]}, and this adapter is of {version}; mend it with: genlock hosts install {host}")


def clean_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what a host sets for its own Python and libraries, which would break another one's.

    Bundled applications keep the user's library path as NAME_ORIG; that one is given back.
    """
    env = dict(os.environ if environment is None else environment)
    strange = ("PYTHON", "DYLD_", "QT_", "TCL_", "TK_")
    for name in [name for name in env if name.startswith(strange) and name != "PYTHONUTF8"]:
        del env[name]
    for name in ("LD_LIBRARY_PATH", "LD_PRELOAD"):
        env.pop(name, None)
        before = env.pop(name + "_ORIG", None)
        if before:
            env[name] = before
    return env


def _noted(path: str) -> list[str]:
    """The command in a worker.json; empty where there is none, or it is damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            command = json.load(file)["command"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    whole = isinstance(command, list) and command and all(isinstance(word, str) for word in command)
    return command if whole else []


def _is_there(number: int | None) -> bool:
    if number is None:
        return False
    if sys.platform == "win32":
        listed = subprocess.run(["tasklist", "/FI", f"PID eq {number}", "/NH"], capture_output=True, text=True, check=False)
        return str(number) in listed.stdout
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _epitaph(status: int | None, log_path: str) -> str:
    if status is None:
        how = "is gone"
    else:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return f"genlock {how} before it could say why; read {log_path}"
