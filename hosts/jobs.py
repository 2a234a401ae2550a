"""A job is a folder: write it, and hear from it. Standard library only, Python 3.9 syntax.

    JOB/request.json    what to do; written before the job starts
    JOB/events.jsonl    one message a line, appended while it runs
    JOB/result.json     the answer, written last and whole
    JOB/log.txt         prose for people
    JOB/cancel          if this file appears, the job stops at the next step
    JOB/work/           pieces that a job run again goes on from, and that shares of it leave to whoever joins them

Blender, Nuke and Resolve import this file, launch.py, which starts jobs, and nothing heavier. docs/jobs.md tells what the files hold.
"""

from __future__ import annotations

import json
import os
import re
import socket
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Union

VERSION = 1
"""Of the files in a job folder. A reader refuses another number, and ignores what it does not know within its own."""


class JobError(Exception):
    """A job folder cannot be used, or genlock cannot be started. The text says what to do next."""


@dataclass(frozen=True)
class Started:
    """The worker has read the request and begins."""

    kind: str
    version: str
    """Of the genlock that runs the job."""
    process: int
    """Its process id, on the machine that runs it."""


@dataclass(frozen=True)
class Progress:
    """How far the job is."""

    done: float
    """0 to 1; never goes back within one run."""
    what: str
    """What is being done, in a few words."""


@dataclass(frozen=True)
class Note:
    """Something a person should know; the job goes on."""

    text: str


@dataclass(frozen=True)
class Done:
    """The job is finished, and result.json is there."""

    sentence: str
    outputs: tuple[str, ...] = ()
    """Absolute paths of the files that were written."""
    exit_status: int = 0
    """0; or 1 where `verify` found that the claims do not hold."""


@dataclass(frozen=True)
class Failed:
    """The job has ended without its answer."""

    code: str
    """Which kind of failure: media, format, output, usage, not-same-footage, cancelled, fault, crashed."""
    message: str
    """One line: what is wrong, why, what to do next."""
    exit_status: int = 1
    outputs: tuple[str, ...] = ()
    """The report, where the two do not show the same footage and a report was asked for."""


Message = Union[Started, Progress, Note, Done, Failed]  # noqa: UP007  (evaluated at run time, where Python 3.9 knows no |)
_KINDS: dict[str, type[Any]] = {"started": Started, "progress": Progress, "note": Note, "done": Done, "failed": Failed}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_MOST_REQUEST = 16 << 20


def to_line(message: Message) -> str:
    """One line of events.jsonl, without its line end."""
    body = {"genlock": VERSION, "event": _NAMES[type(message)]}
    body.update(asdict(message))
    return json.dumps(body)


def from_line(line: str) -> Message | None:
    """The message in a line of events.jsonl; None where it is of a sort that this version does not know.

    Raises JobError where the line was written for another version of job folders, or is no message.
    """
    try:
        body = json.loads(line)
        version = body["genlock"]
        if version != VERSION:
            raise JobError(f"this job speaks version {version} of genlock's job folder, and this host reads {VERSION}; use matching versions")
        kind = _KINDS.get(body["event"])
        if kind is None:
            return None
        known = {f.name: body[f.name] for f in fields(kind) if f.name in body}
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in known.items()})
    except (ValueError, KeyError, TypeError) as error:
        raise JobError(f"not a message of a job: {line[:80]!r} ({error})") from error


@dataclass(frozen=True)
class Request:
    """What a job is to do."""

    kind: str
    """align, verify or convert."""
    inputs: Mapping[str, str]
    """Absolute paths by role: clip and ref for align, aligned for verify and convert."""
    outputs: tuple[str, ...] = ()
    """Absolute paths; the suffix says what is written."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By the name of the setting; what is left out has its default."""

    def to_json(self) -> dict[str, Any]:
        """As request.json holds it."""
        return {
            "genlock": VERSION,
            "kind": self.kind,
            "settings": dict(self.settings),
            "inputs": dict(self.inputs),
            "outputs": list(self.outputs),
        }

    @classmethod
    def from_json(cls, body: Any) -> Request:
        """The reverse of to_json(). Raises JobError for another version, a missing part, or one that is not known."""
        if not isinstance(body, dict) or "genlock" not in body:
            raise JobError('request.json is not a request: it is an object with "genlock": 1, "kind", "inputs", "outputs" and "settings"')
        if body["genlock"] != VERSION:
            raise JobError(f"request.json has version {body['genlock']!r}, and this genlock runs {VERSION}; use matching versions of both")
        strange = sorted(set(body) - {"genlock", "kind", "inputs", "outputs", "settings"})
        if strange:
            raise JobError(f"request.json has {strange[0]!r}, which is not part of a request; parts are kind, inputs, outputs and settings")
        kind, inputs, outputs, settings = body.get("kind"), body.get("inputs", {}), body.get("outputs", []), body.get("settings", {})
        if not isinstance(kind, str):
            raise JobError('request.json names no "kind"; write align, verify or convert')
        if not isinstance(inputs, dict) or not all(isinstance(path, str) and path for path in inputs.values()):
            raise JobError('"inputs" of request.json is an object of paths by role, such as {"clip": "/a.mov", "ref": "/b.mov"}')
        if not isinstance(outputs, list) or not all(isinstance(path, str) and path for path in outputs):
            raise JobError('"outputs" of request.json is a list of paths')
        if not isinstance(settings, dict):
            raise JobError('"settings" of request.json is an object of values by name')
        return cls(kind, inputs, tuple(outputs), settings)


class Job:
    """A job's folder, and the files in it by name."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.path.abspath(os.fspath(folder))
        self.request_path = os.path.join(self.folder, "request.json")
        self.events_path = os.path.join(self.folder, "events.jsonl")
        self.result_path = os.path.join(self.folder, "result.json")
        self.log_path = os.path.join(self.folder, "log.txt")
        self.cancel_path = os.path.join(self.folder, "cancel")
        self.work_path = os.path.join(self.folder, "work")

    @classmethod
    def create(cls, folder: str | os.PathLike[str], request: Request) -> Job:
        """Make the folder (or use an empty one, or one with this same request) and write the request.

        Raises JobError where the folder holds anything else, or cannot be written.
        """
        job = cls(folder)
        try:
            os.makedirs(job.folder, exist_ok=True)
            if os.path.exists(job.request_path):
                if job.request() != request:
                    raise JobError(f"{job.folder} holds another job; name a new folder, or run that one with: genlock run {job.folder}")
            elif not all(_is_part(name, "request.json") for name in os.listdir(job.folder)):
                raise JobError(f"{job.folder} is not empty and holds no job; name a new folder")
            write_whole(job.request_path, json.dumps(request.to_json(), indent=1) + "\n")
        except OSError as error:
            raise JobError(f"the job folder {job.folder} cannot be written: {error.strerror}; name another folder") from error
        return job

    def request(self) -> Request:
        """Read request.json. Raises JobError where it is missing, damaged, or of another version."""
        try:
            with open(self.request_path, encoding="utf-8") as file:
                text = file.read(_MOST_REQUEST + 1)
            if len(text) > _MOST_REQUEST:
                raise JobError(f"{self.request_path} is larger than {_MOST_REQUEST >> 20} MiB, which no request is")
            body = json.loads(text)
        except FileNotFoundError:
            raise JobError(f"{self.folder} is not a job: there is no request.json in it") from None
        except NotADirectoryError:
            raise JobError(f"{self.folder} is a file; a job is a folder with a request.json in it") from None
        except OSError as error:
            raise JobError(f"{self.request_path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise JobError(f"{self.request_path} is not JSON: {error}") from error
        return Request.from_json(body)

    def result(self) -> dict[str, Any] | None:
        """What result.json holds, or None while there is none."""
        try:
            with open(self.result_path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise JobError(f"{self.result_path} cannot be read: {error}") from error

    def cancel(self) -> None:
        """Ask the job to stop at its next step. The worker takes the file away once it has heard."""
        with open(self.cancel_path, "a", encoding="utf-8"):
            pass

    def cancelled(self) -> bool:
        """Whether the job has been asked to stop, and has not heard yet."""
        return os.path.exists(self.cancel_path)


class Tail:
    """Reads events.jsonl as it grows; cheap enough for a host's timer."""

    def __init__(self, path: str, from_end: bool = False) -> None:
        self._path = path
        self._at = 0
        if from_end and os.path.exists(path):
            self._at = os.path.getsize(path)

    def read(self) -> list[Message]:
        """What was added since the last call. A line that is still being written waits; one torn by a crash is passed over."""
        try:
            with open(self._path, "rb") as file:
                file.seek(self._at)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        lines = [line for line in whole.decode("utf-8", "replace").split("\n") if _is_json(line)]
        return [message for message in map(from_line, lines) if message is not None]


def write_whole(path: str, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    sweep(path)
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name}.{mark()}.part")
    try:
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def mark() -> str:
    """For the name of something temporary: which process of which machine it belongs to, so that what is left of a killed one is known."""
    return f"{os.getpid()}-{_machine()}"


def is_left(text: str) -> bool:
    """Whether a mark is of a process of this machine that is gone. Of another machine's nothing is known."""
    number, _, machine = text.partition("-")
    if machine != _machine() or not number.isdigit() or os.name == "nt":  # where os.kill() would end the process
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        pass
    return False


def _machine() -> str:
    """And the container, where process numbers are counted anew."""
    try:
        counted = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        counted = 0
    return f"{zlib.crc32(f'{socket.gethostname()} {counted}'.encode('utf-8', 'replace')):08x}"


def sweep(path: str) -> None:
    """Take away what killed processes left of a file of write_whole(), half written."""
    folder, own = os.path.split(path)
    with suppress(OSError):
        for name in os.listdir(folder or "."):
            if _is_part(name, own) and is_left(name[len(own) + 2 : -len(".part")]):
                os.unlink(os.path.join(folder, name))


def _is_part(name: str, of: str) -> bool:
    return re.fullmatch(rf"\.{re.escape(of)}\.\d+-[0-9a-f]{{8}}\.part", name) is not None


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
