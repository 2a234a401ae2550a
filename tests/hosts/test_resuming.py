"""kill -9 in the middle of a retime: the next run goes on, and what it writes is what a run without a break writes, bit for bit."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.media.write.pieces import film as pieced
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker import pieces
from genlock.hosts.worker.run import run
from genlock.tests.core.render.made import film

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
TIMES = 52
ASKED = ("retime", "in.mkv", "--times", TIMES, "--method", "plain", "--encoder", "software")


def texture(frames: int, size_wh: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """A picture of blots that moves to the right, 2 px a frame."""
    dots = np.random.default_rng(3).integers(0, 255, (size_wh[1] // 6, size_wh[0] // 6 + 8, 3), np.uint8)
    wide = np.kron(dots, np.ones((6, 6, 1), np.uint8))
    return [wide[: size_wh[1], 40 - 2 * k : 40 - 2 * k + size_wh[0]] for k in range(frames)]


@pytest.fixture
def start(folder: Path, tmp_path: Path):
    """Start the real command in the folder."""
    (tmp_path / "scratch").mkdir()
    env = {**os.environ, "GENLOCK_CACHE": str(tmp_path / "cache"), "TMPDIR": str(tmp_path / "scratch")}

    def begin(*words: object) -> subprocess.Popen:
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-m", "genlock", *map(str, words)], cwd=folder, env=env, **silent)

    return begin


def finished(process: subprocess.Popen) -> None:
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told.decode()


def killed(process: subprocess.Popen, inside: Path, more: int, dice: random.Random) -> int:
    """Kill it a moment after so many more pieces stand whole than before; returns how many stand."""

    def whole() -> int:
        return len(list(inside.glob("**/*.piece")))

    wanted = whole() + more
    end = time.monotonic() + 30
    while whole() < wanted and time.monotonic() < end and process.poll() is None:
        time.sleep(0.003)
    time.sleep(dice.uniform(0, 0.03))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was to be killed before its end"
    return whole()


def test_killed_ten_times_the_outputs_are_the_same_to_the_bit(start, folder, tmp_path):
    film(folder / "in.mkv", texture(10), Fraction(24))
    finished(start(*ASKED, "-o", "straight.mkv", "-o", "s.%04d.png"))
    dice, job, before = random.Random(7), tmp_path / "job", 0
    asked = (*ASKED, "-o", "out.mkv", "-o", "o.%04d.png", "--job", job)
    for turn in range(10):
        stand = killed(start(*(asked if turn % 2 == 0 else ("run", job))), job / "work", dice.choice([0, 1, 2]), dice)
        assert stand >= before
        before = stand
    assert before >= 4, "several pieces stand, so the run that follows does go on from them"
    assert not (folder / "out.mkv").exists()
    finished(start("run", job))
    assert (folder / "out.mkv").read_bytes() == (folder / "straight.mkv").read_bytes()
    for n in range(10 * TIMES):
        assert (folder / f"o.{n:04d}.png").read_bytes() == (folder / f"s.{n:04d}.png").read_bytes()
    assert "goes on from there" in (job / "log.txt").read_text()
    assert not (job / "work").exists()
    assert not [name for name in os.listdir(folder) if name.startswith(".")], "nothing is left beside the outputs either"


def test_the_same_command_without_a_job_folder_goes_on_too(start, folder):
    film(folder / "in.mkv", texture(10), Fraction(24))
    finished(start(*ASKED, "-o", "straight.mov"))
    stand = killed(start(*ASKED, "-o", "out.mov"), folder, 2, random.Random(1))
    begun = start(*ASKED, "-o", "out.mov")
    assert "goes on from there" in begun.communicate(timeout=60)[1].decode() and stand >= 2
    assert (folder / "out.mov").read_bytes() == (folder / "straight.mov").read_bytes()
    assert not [name for name in os.listdir(folder) if name.startswith(".")]


def test_what_a_killed_command_left_goes_when_its_output_is_asked_for_otherwise(start, folder):
    film(folder / "in.mkv", texture(10), Fraction(24))
    killed(start(*ASKED, "-o", "out.mov"), folder, 1, random.Random(1))
    assert [name for name in os.listdir(folder) if name.startswith(".out.mov.")]
    finished(start("retime", "in.mkv", "--times", 2, "-o", "out.mov"))
    assert not [name for name in os.listdir(folder) if name.startswith(".")]


def stopped_and_gone_on(folder: Path, job: Path, source: Path, settings: dict, change=lambda: None) -> tuple[str, list[str]]:
    """Stop a job in the middle, change something, run it again: how the second run ended, and its notes."""
    request = Request("retime", {"footage": str(source)}, (str(folder / "out.mp4"),), settings)
    Job.create(str(job), request)
    assert run(str(job), lambda: not list((job / "work").glob("**/*.piece"))).exit_status == 130
    change()
    outcome = run(str(job))
    return outcome.result["sentence"], outcome.result["notes"]


def test_a_job_that_is_stopped_goes_on_and_one_whose_input_changed_begins_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(pieced, "LENGTH", 10)
    source = film(tmp_path / "in.mkv", texture(20), Fraction(24))
    settings = {"times": 2, "method": "plain", "encoder": "software"}
    _, notes = stopped_and_gone_on(tmp_path, tmp_path / "job", source, settings)
    assert any("goes on from there" in note for note in notes)
    first = (tmp_path / "out.mp4").read_bytes()

    def other() -> None:
        film(source, texture(20)[::-1], Fraction(24))

    _, notes = stopped_and_gone_on(tmp_path, tmp_path / "second", source, settings, other)
    assert not any("goes on from there" in note for note in notes)
    assert (tmp_path / "out.mp4").read_bytes() != first


def test_two_at_once_keep_apart(tmp_path):
    first = pieces.Pieces(str(tmp_path / "work"), [str(tmp_path / "out.mkv")], "k")
    second = pieces.Pieces(str(tmp_path / "work"), [str(tmp_path / "out.mkv")], "k")
    assert first.folder(0) != second.folder(0)
    second.close(done=False)
    os.makedirs(first.folder(0))
    first.close(done=False)
    third = pieces.Pieces(str(tmp_path / "work"), [str(tmp_path / "out.mkv")], "k")
    assert third.folder(0) == first.folder(0) and os.path.isdir(third.folder(0))
    third.close(done=True)
    assert os.listdir(tmp_path) == []


def test_what_a_folder_of_pieces_tells_is_not_trusted(tmp_path):
    (tmp_path / "films").mkdir()
    elsewhere, stale = tmp_path / ".precious.part", tmp_path / "films" / ".out.mkv.1-a.part"
    for folder in (elsewhere, stale, tmp_path / "work" / "pieces"):
        folder.mkdir(parents=True)
    (tmp_path / "work" / "pieces" / "about.json").write_text(json.dumps({"key": "k", "beside": [str(elsewhere), str(stale), 7, "/"]}))
    pieces.Pieces(str(tmp_path / "work"), [str(tmp_path / "films" / "out.mkv")], "k").close(done=True)
    assert elsewhere.exists() and not stale.exists()
    (tmp_path / "work" / "pieces").mkdir(parents=True)
    for text in ("", "[]", "{", '{"key": 3, "beside": {}}'):
        (tmp_path / "work" / "pieces" / "about.json").write_text(text)
        pieces.Pieces(str(tmp_path / "work"), [str(tmp_path / "films" / "out.mkv")], "k").close(done=False)
        (tmp_path / "work" / "pieces").mkdir(parents=True, exist_ok=True)


def test_a_job_that_has_all_its_pieces_joins_them(tmp_path, monkeypatch):
    monkeypatch.setattr(pieced, "LENGTH", 10)
    source = film(tmp_path / "in.mkv", texture(20), Fraction(24))
    settings = {"times": 2, "method": "plain", "encoder": "software"}
    asked = [Request("retime", {"footage": str(source)}, (str(tmp_path / name),), settings) for name in ("whole.mp4", "out.mp4")]
    assert run(Job.create(str(tmp_path / "straight"), asked[0]).folder).exit_status == 0
    job = Job.create(str(tmp_path / "job"), asked[1]).folder
    assert run(job, lambda: len(list(Path(job).glob("work/**/*.piece"))) < 4).exit_status == 130
    outcome = run(job)
    assert "40 of 40 pictures stand from a run before; this one goes on from there" in outcome.result["notes"]
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
