"""How the command line is called in these tests: as a person does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

DRIVER = Path(__file__).with_name("driver.py")
Call = Callable[..., "subprocess.CompletedProcess[str]"]


def _environment(tmp_path: Path, **more: str) -> dict[str, str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("GENLOCK")}
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return {**keep, "GENLOCK_CACHE": str(tmp_path / "cache"), "TMPDIR": str(scratch), **more}


def _call(command: list[str], folder: Path, tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = _environment(tmp_path, **more)
    return subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to work in, with two files that stand for footage."""
    work = tmp_path / "work"
    work.mkdir()
    for name in ("clip.mp4", "ref.mp4"):
        (work / name).write_bytes(b"stands for footage")
    return work


@pytest.fixture
def genlock(folder: Path, tmp_path: Path) -> Call:
    """Call the real command in the folder: genlock("align", "a.mp4", "b.mp4", "-o", "out.csv", NAME="value of a variable")."""
    return lambda *words, **more: _call([sys.executable, "-m", "genlock", *map(str, words)], folder, tmp_path, **more)


@pytest.fixture
def fake(folder: Path, tmp_path: Path) -> Call:
    """Call the command with one of the aligners of driver.py: fake("slow", "align", ...)."""
    return lambda *words, **more: _call([sys.executable, str(DRIVER), *map(str, words)], folder, tmp_path, **more)


@pytest.fixture
def begun(folder: Path, tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """Begin the command with an aligner of driver.py and let it run: .process, and .scratch, where its temporary files lie."""

    def begin(*words: object) -> SimpleNamespace:
        command = [sys.executable, str(DRIVER), *map(str, words)]
        env = _environment(tmp_path)
        process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return SimpleNamespace(process=process, scratch=tmp_path / "scratch")

    return begin
