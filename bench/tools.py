"""What the bench can run: this clone, another commit of it, or any command."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = "from genlock.hosts.cli import program; program()"
ALIGN = ("align", "{clip}", "{ref}", "-o", "{out}")


@dataclass(frozen=True)
class Tool:
    """A command with {clip}, {ref} and {out} to be filled in."""

    name: str
    command: tuple[str, ...]
    python_path: str = ""
    """Put before everything else that Python finds."""

    def argv(self, clip: Path, ref: Path, out: Path) -> list[str]:
        """The command for one pair."""
        places = {"{clip}": str(clip), "{ref}": str(ref), "{out}": str(out)}
        return [re.sub(r"\{(clip|ref|out)\}", lambda found: places[found[0]], word) for word in self.command]

    def environment(self, cache: Path) -> dict[str, str]:
        """Its environment; analysis is kept in `cache` alone."""
        found = {**os.environ, "GENLOCK_CACHE": str(cache)}
        if self.python_path:
            found["PYTHONPATH"] = self.python_path
        return found


def this_clone() -> Tool:
    """genlock as it stands here."""
    return Tool("here", (sys.executable, "-c", START, *ALIGN))


@contextmanager
def named(text: str) -> Iterator[Tool]:
    """A tool by the name a person gives it: a command where it holds {clip}, else a commit of this repository.

    A commit is checked out beside, for as long as the tool is used, and run with this environment's libraries.
    Raises ValueError where it is neither.
    """
    if "{clip}" in text:
        yield Tool(Path(shlex.split(text)[0]).name, tuple(shlex.split(text)))
        return
    commit = _git("rev-parse", "--verify", "--quiet", f"{text}^{{commit}}")
    if not commit:
        raise ValueError(f"{text!r} is neither a commit nor a command with {{clip}}, {{ref}} and {{out}}")
    with tempfile.TemporaryDirectory(prefix="genlock-bench-") as folder:
        # The clone is the package, so the folder has to be called genlock; PYTHONPATH comes before an editable install.
        tree = Path(folder) / "genlock"
        _git("worktree", "add", "--detach", str(tree), commit)
        try:
            yield Tool(text, (sys.executable, "-c", START, *ALIGN), python_path=folder)
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False).stdout.strip()
