"""Whether a node may work at a job: the same versions as here, and the same files. Asked of every node before it is given anything."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from ..jobs import Job, Request
from ..worker.pieces import LIBRARIES
from .errors import RayError
from .hand import size_of, versions

_SHARED = "put it on storage that all nodes share, under one path"


@dataclass(frozen=True)
class Here:
    """What every node has to agree with."""

    folder: str
    """Of the job."""
    nonce: str
    """A file in it that has just been written."""
    word: str
    """What stands in that file."""
    files: Mapping[str, int]
    """Inputs by path, and their sizes in bytes; 0 for a folder."""
    versions: Mapping[str, str]
    """Pieces are told apart by these, so a node with another one would make everything anew."""

    @property
    def asked(self) -> tuple[str, dict[str, int], tuple[str, ...]]:
        """What hand.facts is given."""
        return self.nonce, dict(self.files), LIBRARIES

    def check(self, facts: Mapping[str, Any]) -> None:
        """Raises RayError, which names the node, unless what it has told (hand.facts) is as here."""
        node, theirs = facts["node"], facts["versions"]
        if not facts["guarded"]:
            raise RayError(f"the node {node} runs without RAY_AUTH_MODE=token", "start every node of the cluster with it")
        for name, said in self.versions.items():
            if _of_note(name, theirs.get(name, "")) != _of_note(name, said):
                has = f"has {name} {theirs[name]}" if theirs.get(name) else f"has no {name}"
                raise RayError(f"the node {node} {has}, and here it is {said or 'missing'}", "use one version everywhere")
        if facts["nonce"] != self.word:
            raise RayError(f"the node {node} does not see the job's folder {self.folder}", _SHARED)
        if facts["unlike"]:
            raise RayError(f"the node {node} does not see {facts['unlike'][0]} as it is here", _SHARED)


def _of_note(name: str, version: str) -> str:
    """What has to be equal: of Python the first two numbers, of all others everything."""
    return ".".join(version.split(".")[:2]) if name == "Python" else version


@contextmanager
def here(folder: str, request: Request) -> Iterator[Here]:
    """What holds on this machine. Raises RayError where nothing can be written into the job's folder."""
    job = Job(folder)
    nonce, word = os.path.join(job.work_path, f"seen.{secrets.token_hex(8)}"), secrets.token_hex(16)
    try:
        os.makedirs(job.work_path, exist_ok=True)
        with open(nonce, "w", encoding="utf-8") as file:
            file.write(word)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            os.unlink(nonce)
        raise RayError(f"{job.work_path} cannot be written: {error.strerror}", "a job needs a folder of its own on shared storage") from error
    try:
        yield Here(folder, nonce, word, _sizes(request), versions(LIBRARIES))
    finally:
        with suppress(OSError):
            os.unlink(nonce)
            os.rmdir(job.work_path)  # a job that is done has none; one that is not has more in it


def _sizes(request: Request) -> dict[str, int]:
    """Of every file that the request names and that is here."""
    named = [*request.inputs.values(), *(value for value in request.settings.values() if isinstance(value, str) and os.path.isabs(value))]
    sizes = {path: size_of(path) for path in named}
    return {path: size for path, size in sizes.items() if size >= 0}
