"""genlock index and genlock find, as a person calls them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from genlock.core.archive.store import Archive
from genlock.hosts import jobs
from genlock.hosts.worker.run import run
from genlock.tests.core.archive.footage import shots, write

Call = Callable[..., "subprocess.CompletedProcess[str]"]


def job(folder: Path, kind: str, inputs: dict[str, str], **settings: object) -> tuple[int, dict[str, object]]:
    """A job run in this process: its exit status and result."""
    made = jobs.Job.create(str(folder), jobs.Request(kind, inputs, (), settings))
    outcome = run(made.folder)
    return outcome.exit_status, outcome.result


@pytest.fixture
def films(tmp_path: Path) -> Path:
    home = tmp_path / "films"
    write(home / "one.mp4", shots(1, (30, 30, 36)))
    write(home / "it's 50%;two.mp4", shots(2, (40, 50)), Fraction(25))
    (home / "bad.mov").write_bytes(b"#EXTM3U\nhttp://x\n")
    (home / "words.txt").write_text("words")
    return home


def test_index_then_find(genlock: Call, films: Path, tmp_path: Path) -> None:
    done = genlock("index", films, "--to", "a.genlock", "--quiet")
    assert done.returncode == 0 and done.stdout == "" and done.stderr == ""
    again = genlock("index", films, "--to", "a.genlock")
    assert again.returncode == 0 and "2 pieces of footage" in again.stdout
    assert "2 unchanged" in again.stdout and "1 damaged and left out" in again.stdout and "1 no footage" in again.stdout
    assert "playlist" in again.stderr
    clip = write(tmp_path / "clip.mp4", shots(2, (40, 50))[12:80], Fraction(25), lambda picture: picture[:, ::-1])
    found = genlock("find", clip, "--in", "a.genlock")
    assert found.returncode == 0 and "00:00:00:12 to 00:00:03:04 (frames 12 to 79)" in found.stdout and "mirrored" in found.stdout
    two = films / "it's 50%;two.mp4"
    assert f"next: genlock align {clip} '{str(two).replace(chr(39), chr(39) + chr(34) + chr(39) + chr(34) + chr(39))}' -o" in found.stdout


def test_the_answer_for_programs_and_exit_status_3(films: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "a.genlock")
    status, _ = job(tmp_path / "j1", "index", {"folder": str(films), "archive": archive})
    clip = write(tmp_path / "clip.mp4", shots(1, (30, 30, 36))[10:80])
    status, result = job(tmp_path / "j2", "find", {"clip": str(clip), "archive": archive})
    assert status == 0
    figures = json.loads(json.dumps(result["figures"]))
    (place,) = figures["places"]
    assert place["paths"] == [str(films / "one.mp4")] and place["frames"] == [10, 79] and place["clip_frames"] == [0, 69]
    assert place["verdict"] == "sure" and place["mirrored"] is False and place["rate"] == "24" and figures["pieces"] == 2
    assert set(figures["times_s"]) == {"load", "search", "confirm"} and figures["read_s"] > 0
    other = write(tmp_path / "other.mp4", shots(40, (40, 40)))
    status, result = job(tmp_path / "j3", "find", {"clip": str(other), "archive": archive})
    assert status == 3 and result["figures"]["places"] == [] and "is not in the archive" in str(result["sentence"])  # type: ignore[index]


def test_what_is_refused_is_told_in_one_line(films: Path, tmp_path: Path) -> None:
    clip = str(films / "one.mp4")
    for inputs, kind, says in (
        ({"clip": clip, "archive": str(tmp_path / "none")}, "find", "there is no archive"),
        ({"clip": clip, "archive": clip}, "find", "not an archive"),
        ({"folder": str(films), "archive": clip}, "index", "not an archive"),
        ({"folder": clip, "archive": str(tmp_path / "a")}, "index", "is not a folder"),
        ({"clip": str(films / "words.txt"), "archive": str(tmp_path / "none")}, "find", "there is no archive"),
    ):
        status, result = job(tmp_path / f"job{len(os.listdir(tmp_path))}", kind, inputs)
        assert status in (1, 2) and says in str(result["sentence"]) and "\n" not in str(result["sentence"])
    assert (films / "one.mp4").stat().st_size > 1000 and not (tmp_path / "a").exists()


def test_names_in_an_archive_cannot_steer_a_terminal(genlock: Call, films: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "a.genlock")
    os.unlink(films / "one.mp4")
    job(tmp_path / "j1", "index", {"folder": str(films), "archive": archive})
    base = sqlite3.connect(archive)
    base.execute("DELETE FROM files WHERE print IS NULL")
    base.execute("UPDATE files SET path = ?", (b"/x/\x1b[2J\nsure /etc/passwd",))
    base.commit()
    base.close()
    found = genlock("find", films / "it's 50%;two.mp4", "--in", archive)
    assert found.returncode == 0 and "\x1b" not in found.stdout and "\\x1b[2J\\nsure /etc/passwd" in found.stdout


def test_killed_in_the_middle_it_goes_on(films: Path, tmp_path: Path) -> None:
    for k in range(3):
        write(films / f"more{k}.mp4", shots(10 + k, (48,)))
    archive = tmp_path / "a.genlock"
    command = [sys.executable, "-m", "genlock", "index", str(films), "--to", str(archive), "--cache", "off"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 40
    while process.poll() is None and time.monotonic() < deadline:
        if archive.exists() and archive.stat().st_size > 8 * 4096:
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Archive(str(archive)) as kept:
        before = kept.size()[0]
    status, result = job(tmp_path / "j", "index", {"folder": str(films), "archive": str(archive)}, cache="off")
    figures = json.loads(json.dumps(result["figures"]))
    assert status == 0 and figures["pieces"] == 5 and figures["read"] == 5 - figures["unchanged"] - figures["moved"]
    assert figures["unchanged"] + figures["moved"] >= before - 1 and sorted(os.listdir(tmp_path)) == ["a.genlock", "films", "j"]
