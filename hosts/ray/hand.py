"""What works on a node: an actor that makes shares of a job, one after another, in one process, so that a model is loaded once.

This module travels to the nodes as it stands here (cloudpickle, by value), so that a node with another genlock, or with none, can still say so.
It names nothing of genlock before it is asked to work.
"""

from __future__ import annotations

import os
import platform
import socket
import time
from collections.abc import Sequence
from typing import Any


class Hand:
    """One worker process on a node."""

    def __init__(self, threads: int, gpu: bool) -> None:
        """threads: how many this process may use; gpu: whether it has one, or a part of one."""
        os.environ["GENLOCK_THREADS"] = str(threads)
        if not gpu:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._ready = False

    def facts(self, nonce: str, files: dict[str, int], libraries: Sequence[str]) -> dict[str, Any]:
        """As the function below."""
        return facts(nonce, files, libraries)

    def beat(self) -> tuple[int, int]:
        """A sign of life: whole seconds of processor time, and the most memory taken, in bytes. Answers while a share is made."""
        from genlock.core.processes import peak_bytes

        return int(time.process_time()), peak_bytes()

    def make(self, folder: str, number: int, of: int) -> dict[str, Any]:
        """Make a share; how it ended, as plain values."""
        from genlock.core import threads
        from genlock.hosts.worker import memory

        if not self._ready:
            self._ready = True
            threads.begin()  # before numpy and OpenCV are loaded, as in a terminal: bits depend on it
            memory.keep_memory()
        from genlock.hosts.worker.shares import Share, run_share
        from genlock.models import resident

        resident.keep()
        outcome = run_share(folder, Share(number, of))
        return {"exit_status": outcome.exit_status, "error": outcome.result.get("error")}


def facts(nonce: str, files: dict[str, int], libraries: Sequence[str]) -> dict[str, Any]:
    """Who this process is and what it sees, as plain values.

    nonce      a file in the job's folder, whose text is told
    files      paths and their sizes in bytes; those that are not so here are told
    libraries  whose versions are told, as pip names them
    """
    import ray

    return {
        "node": f"{socket.gethostname()} ({ray.util.get_node_ip_address()})",
        "guarded": os.environ.get("RAY_AUTH_MODE", "").lower() == "token",
        "versions": versions(libraries),
        "nonce": _text(nonce),
        "unlike": [path for path, size in files.items() if size_of(path) != size],
    }


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """Of Python, Ray, genlock and these libraries; "" where one is missing. genlock's is that of the code which would run."""
    import importlib.metadata
    import importlib.util

    import ray

    found = {"Python": platform.python_version(), "Ray": ray.__version__, "genlock": ""}
    if importlib.util.find_spec("genlock"):
        found["genlock"] = str(getattr(importlib.import_module("genlock"), "__version__", "?"))
    for name in libraries:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def size_of(path: str) -> int:
    """In bytes; of a folder 0; -1 where there is nothing to be seen."""
    try:
        return 0 if os.path.isdir(path) else os.path.getsize(path)
    except OSError:
        return -1


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(1000)
    except (OSError, ValueError):
        return ""
