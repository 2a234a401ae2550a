"""The real command on made footage with a known truth, from two files to an editor's timeline and back."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from genlock.hosts.demo import cutting
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    """The clip is the ref from frame 9 to frame 60; 23.976, two shots, with sound."""
    made = tmp_path_factory.mktemp("pair")
    Twin("pair", reel(5, (40, 30), size_wh=(320, 180), rate=Fraction(24000, 1001)), clip=Side(time=(cutting.trim(9, 61),))).write(made)
    return made


@pytest.fixture(scope="module")
def stranger(tmp_path_factory) -> Path:
    """The clip shows nothing of the ref, and sounds otherwise."""
    made = tmp_path_factory.mktemp("stranger")
    Twin("stranger", reel(5, (50,), size_wh=(320, 180)), clip=Side(), stranger=reel(77, (50,), size_wh=(320, 180))).write(made)
    return made


@pytest.fixture(scope="module")
def long_pair(tmp_path_factory) -> Path:
    """A pair that takes about a second."""
    made = tmp_path_factory.mktemp("long")
    Twin("long", reel(6, (960,), size_wh=(320, 180)), clip=Side()).write(made)
    return made


def table(path: Path) -> list[int | None]:
    with path.open(newline="") as file:
        return [int(row["clip_frame"]) if row["clip_frame"] else None for row in csv.DictReader(file)]


OUTPUTS = ("out.otio", "out.edl", "out.json", "out.csv", "report.html")
TRUTH = [None] * 9 + list(range(52)) + [None] * 9


@pytest.fixture(scope="module")
def aligned(pair, tmp_path_factory) -> Path:
    """A folder with every output of one run, and its stdout in stdout.txt."""
    made = tmp_path_factory.mktemp("aligned")
    words = ["align", str(pair / "clip.mp4"), str(pair / "ref.mp4"), *(word for name in OUTPUTS for word in ("-o", name))]
    env = {**os.environ, "GENLOCK_CACHE": str(made / "cache")}
    done = subprocess.run([sys.executable, "-m", "genlock", *words], cwd=made, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (made / "stdout.txt").write_text(done.stdout)
    return made


def test_every_output_of_one_run(aligned):
    assert {path.name for path in aligned.iterdir()} == {*OUTPUTS, "stdout.txt", "cache"}
    assert table(aligned / "out.csv") == TRUTH
    said = (aligned / "stdout.txt").read_text()
    assert "52 of the ref's 70 frames" in said
    for name in OUTPUTS:
        assert f"written: {aligned / name}\n" in said


@pytest.mark.parametrize("source", ["out.otio", "out.json"])
def test_convert_says_the_same_again(genlock, folder, aligned, source):
    done = genlock("convert", aligned / source, "-o", "b.csv", "-o", "b.edl")
    assert done.returncode == 0, done.stderr
    assert table(folder / "b.csv") == TRUTH
    assert (folder / "b.edl").read_bytes() == (aligned / "out.edl").read_bytes()


def test_verify_holds(genlock, aligned):
    done = genlock("verify", aligned / "out.otio", "--quiet")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_verify_finds_a_lie(genlock, folder, aligned):
    """Five frames off."""
    body = json.loads((aligned / "out.json").read_text())
    for run in body["runs"]:
        for piece in run["pieces"]:
            piece["clip_start_s"] = str(Fraction(piece["clip_start_s"]) + Fraction(5 * 1001, 24000))
    (folder / "lie.json").write_text(json.dumps(body))
    done = genlock("verify", "lie.json", "--json", "--quiet")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    found = json.loads(done.stdout)
    assert found["figures"]["holds"] is False and found["error"] is None


def test_not_the_same_footage(genlock, folder, stranger):
    done = genlock("align", stranger / "clip.mp4", stranger / "ref.mp4", "-o", "out.otio", "-o", "report.html", "--quiet")
    assert done.returncode == 3, done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert not (folder / "out.otio").exists() and (folder / "report.html").exists()


def test_a_file_with_itself(genlock, folder, pair):
    done = genlock("align", pair / "ref.mp4", pair / "ref.mp4", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    assert table(folder / "out.csv") == list(range(70))


@pytest.fixture(scope="module")
def straight_s(long_pair, tmp_path_factory) -> float:
    """Seconds that aligning the long pair takes, with nothing in its cache."""
    began = time.monotonic()
    words = [sys.executable, "-m", "genlock", "align", long_pair / "clip.mp4", long_pair / "ref.mp4", "-o", "out.otio"]
    place = tmp_path_factory.mktemp("straight")
    subprocess.run(list(map(str, words)), cwd=place, env={**os.environ, "GENLOCK_CACHE": str(place / "cache")}, check=True, capture_output=True)
    return time.monotonic() - began


def started(folder, pair, scratch, cache) -> subprocess.Popen[str]:
    env = {**os.environ, "TMPDIR": str(scratch), "GENLOCK_CACHE": str(cache)}
    words = [sys.executable, "-m", "genlock", "align", pair / "clip.mp4", pair / "ref.mp4", "-o", "out.otio"]
    return subprocess.Popen(list(map(str, words)), cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("share", [0.25, 0.45, 0.65])
def test_ctrl_c_at_any_moment(folder, long_pair, straight_s, tmp_path, share):
    """Gone within a second, nothing left, at whatever share of the run it comes."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process, after_s = started(folder, long_pair, scratch, tmp_path / "cache"), share * straight_s
    time.sleep(after_s)
    while process.poll() is not None:  # the straight run was slower than this one: the moment lay behind its end
        (folder / "out.otio").unlink()
        after_s /= 2
        process = started(folder, long_pair, scratch, tmp_path / f"cache-{after_s}")
        time.sleep(after_s)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 1.0
    assert process.returncode == 130
    assert (out, err) == ("", "genlock: stopped\n")
    assert {path.name for path in folder.iterdir()} == {"clip.mp4", "ref.mp4"}
    assert list(scratch.iterdir()) == []
