"""Opens `genlock review` from a host: a process of its own, whose page opens in the browser. Standard library only, Python 3.9 syntax."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from .jobs import JobError
from .launch import clean_environment

_pages: dict[str, Page] = {}


class Page:
    """A page that is served until close(), or until the host ends."""

    def __init__(self, project: str, command: Sequence[str]) -> None:
        words = [*command, "review", project]
        self._said = tempfile.TemporaryFile()
        more: dict[str, Any] = {}
        if sys.platform == "win32":
            more = {"creationflags": subprocess.CREATE_NO_WINDOW}
        try:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._said, env=clean_environment(), **more
            )
        except OSError as error:
            self._said.close()
            raise JobError(f"genlock cannot be started as {' '.join(words)}: {error}; install it, or set GENLOCK_COMMAND to its path") from error

    def failed(self) -> str:
        """Why it has ended by itself; empty while it is served. Returns at once."""
        if self._process.poll() in (None, 0) or self._said.closed:
            return ""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"the page ended with status {self._process.returncode}"

    def close(self) -> None:
        """End it. What was picked is kept already."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)
        self._said.close()


def open_page(project: str, command: Sequence[str]) -> Page:
    """Open the page of a project, in place of one that this host has open. Raises JobError where there is no project, or no genlock."""
    if not os.path.isfile(os.path.join(project, "genlock.toml")):
        raise JobError(f"there is no project in {project} yet; press Inpaint first")
    if project in _pages:
        _pages.pop(project).close()
    _pages[project] = Page(project, command)
    return _pages[project]


@atexit.register
def close_all() -> None:
    """The host ends."""
    for page in _pages.values():
        page.close()
    _pages.clear()
