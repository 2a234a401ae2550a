"""Real commands on hostile files, each in a cage (bench/fuzz): little memory, no network, no programs, and a record of what it touched."""

from __future__ import annotations

import ctypes
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from genlock.bench.fuzz.prefork import folders
from genlock.hosts.demo import cutting
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]
_OPENED = 0x20
"""Of inotify(7)."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    kind: str
    """refused or accepted; anything else is a promise broken, and why says which."""
    why: str
    status: int
    wall_s: float
    grown_mb: int
    stdout: str
    stderr: str


class Stage:
    """A folder with in/ and out/, and the command in it."""

    def __init__(self, root: Path, cages: subprocess.Popen[str]) -> None:
        self.root, self._cages = root, cages
        folders(root)
        self.inside, self.out = root / "in", root / "out"

    def genlock(self, *words: object, made: tuple[str, ...] = ()) -> Ended:
        """Run a command line. made: what may change beside out, cache and models."""
        quiet = [] if words[0] in ("host", "--version") else ["--quiet"]
        asked = {"root": str(self.root), "words": [*map(str, words), *quiet], "made": ["out", "cache", "models", *made]}
        assert self._cages.stdin is not None and self._cages.stdout is not None
        self._cages.stdin.write(json.dumps(asked) + "\n")
        self._cages.stdin.flush()
        return Ended(**json.loads(self._cages.stdout.readline()))

    def refused(self, *words: object, made: tuple[str, ...] = ()) -> str:
        """The one line of a command that has to refuse."""
        ended = self.genlock(*words, made=made)
        assert ended.kind == "refused", (words, ended)
        return ended.stderr.strip()


class Watch:
    """Tells whether anybody has opened a file in a folder, C libraries included."""

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._handle = libc.inotify_init1(os.O_NONBLOCK)
        if self._handle < 0 or libc.inotify_add_watch(self._handle, str(folder).encode(), _OPENED) < 0:
            pytest.skip("the system gives no inotify")

    def opened(self) -> list[str]:
        """Names since the last call."""
        try:
            data = os.read(self._handle, 1 << 16)
        except BlockingIOError:
            return []
        names, at = [], 0
        while at < len(data):
            size = struct.unpack_from("iIII", data, at)[3]
            names.append(data[at + 16 : at + 16 + size].rstrip(b"\0").decode())
            at += 16 + size
        return names

    def close(self) -> None:
        os.close(self._handle)


@pytest.fixture(scope="session")
def cages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The process that commands are forked from."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    log = (tmp_path_factory.mktemp("cages") / "log.txt").open("w")
    command = [sys.executable, "-m", "genlock.bench.fuzz.prefork"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)


@pytest.fixture
def stage(tmp_path: Path, cages: subprocess.Popen[str]) -> Stage:
    """Where a command runs."""
    return Stage(tmp_path / "stage", cages)


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pair, clip.mp4 and ref.mp4, and what genlock wrote of it: a.json, a.otio, a.edl."""
    from genlock.hosts.cli.terminal import main

    made = tmp_path_factory.mktemp("footage")
    Twin("pair", reel(5, (12,), size_wh=(96, 54)), clip=Side(time=(cutting.trim(2, 10),))).write(made)
    outs = [word for suffix in ("json", "otio", "edl", "xml", "fcpxml", "nk") for word in ("-o", str(made / f"a.{suffix}"))]
    assert main(["align", str(made / "clip.mp4"), str(made / "ref.mp4"), *outs, "--quiet", "--cache", "off"]) == 0
    return made


@pytest.fixture
def private(tmp_path: Path, footage: Path) -> Iterator[tuple[Path, Callable[[], list[str]]]]:
    """A film that nobody named, and who opened it: (its path, names of files opened beside it so far)."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "private.mp4").write_bytes((footage / "ref.mp4").read_bytes())
    watch = Watch(folder)
    yield folder / "private.mp4", watch.opened
    watch.close()
