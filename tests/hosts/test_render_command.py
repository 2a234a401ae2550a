"""genlock render and genlock composite as a person calls them: what is written, what is refused, what stays when they are stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.core.alignment import IDENTITY, Alignment, Key, Media, Piece, Run, Verdict
from genlock.hosts.demo import cutting
from genlock.hosts.demo.placing import crop
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin
from genlock.hosts.demo.writing import Coding, write_file
from genlock.tests.footage import Chart, number_on

NTSC = Fraction(24000, 1001)


def chart_film(path: Path, numbers: range, size_wh: tuple[int, int] = (160, 96)) -> Path:
    chart = Chart(size_wh=size_wh)
    sound = (np.zeros(round(48000 / NTSC * (n + 1)) - round(48000 / NTSC * n), np.float32) for n in range(len(numbers)))
    write_file(path, (chart.clean(n) for n in numbers), NTSC, Coding(crf=12), sound)
    return path


def an_alignment(clip: Path, ref: Path) -> Alignment:
    """The clip's frames 4 to 23 from ref frame 3 on; the ref has 26."""
    piece = Piece(3, 20, 4 / NTSC, Fraction(1))
    runs = (
        Run(0, 3, Verdict.UNMATCHED),
        Run(3, 20, Verdict.EXACT, (piece,), (Key(3, IDENTITY),), score=0.97, confidence=0.99, model="identity"),
        Run(23, 3, Verdict.UNMATCHED),
    )
    media = [Media(str(path), frames, NTSC, 160, 96, sound=True) for path, frames in ((clip, 30), (ref, 26))]
    return Alignment(replace(media[0]), replace(media[1], start_frame=86407, timecode="01:00:00:07"), runs)


@pytest.fixture
def ready(folder: Path) -> Path:
    """The working folder with clip.mp4, ref.mp4 and a.json."""
    alignment = an_alignment(chart_film(folder / "clip.mp4", range(30)), chart_film(folder / "ref.mp4", range(26)))
    (folder / "a.json").write_text(json.dumps(alignment.to_json()))
    return folder


def shown(path: Path) -> list[int]:
    with av.open(str(path)) as box:
        return [number_on(frame.to_ndarray(format="bgr24")) for frame in box.decode(video=0)]


def test_films_and_pictures_of_one_run(genlock, ready):
    done = genlock("render", "a.json", "-o", "out.mkv", "-o", "out.mp4", "-o", "p.%05d.png", "--json", "--job", "job")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [Path(path).name for path in answer["outputs"]] == ["out.mkv", "out.mp4", "p.%05d.png"]
    assert answer["figures"]["frames"] == 26 and answer["figures"]["matched"] == 20
    assert answer["figures"]["encoded"][str(ready / "out.mkv")].startswith("ffv1 yuv420p")
    assert shown(ready / "out.mkv") == shown(ready / "out.mp4") == [0] * 3 + list(range(4, 24)) + [0] * 3
    assert sorted(path.name for path in ready.glob("p.*")) == [f"p.{n}.png" for n in range(86407, 86407 + 26)]
    assert {path.name for path in ready.iterdir() if not path.name.startswith("p.")} == {"clip.mp4", "ref.mp4", "a.json", "out.mkv", "out.mp4", "job"}
    with av.open(str(ready / "out.mkv")) as box:
        video = box.streams.video[0]
        assert (video.width, video.height, video.average_rate) == (160, 96, NTSC)
        assert len(box.streams.audio) == 1
    assert json.loads((ready / "job" / "result.json").read_text())["exit_status"] == 0


def test_the_job_folder_alone_does_the_same(genlock, ready):
    job = ready / "job"
    job.mkdir()
    request = {
        "genlock": 1, "kind": "render", "inputs": {"aligned": str(ready / "a.json")}, "outputs": [str(ready / "out.mkv")],
        "settings": {"range": "5-8", "sound": "none", "precision": 3, "alpha": False},
    }
    (job / "request.json").write_text(json.dumps(request))
    done = genlock("run", "job")
    assert done.returncode == 0, done.stderr
    assert "4 frames rendered from clip.mp4, 160x96." in done.stdout
    assert shown(ready / "out.mkv") == [6, 7, 8, 9]


def test_a_composite_keeps_the_clip(genlock, ready):
    done = genlock("composite", "a.json", "-o", "both.mkv", "--crop", "union", "--sound", "ref")
    assert done.returncode == 0, done.stderr
    assert "clip.mp4 over ref.mp4; 10 of them show one of the two alone." in done.stdout
    assert shown(ready / "both.mkv") == list(range(30))


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["render", "a.json"], 2, "missing: -o"),
        (["render", "a.json", "-o", "out.xyz"], 2, ".xyz is not a suffix"),
        (["render", "a.json", "-o", "clip.mp4"], 1, "is also an input"),
        (["render", "a.json", "-o", "nowhere/out.mkv"], 1, "there is no folder"),
        (["render", "a.json", "-o", "out.mkv", "--range", "9-99"], 2, "9-99"),
        (["render", "a.json", "-o", "out.mkv", "--precision", "7"], 2, "precision is 7; write 1 to 4"),
        (["render", "a.json", "-o", "out.mkv", "--precision", "x"], 2, "invalid int value"),
        (["render", "a.json", "-o", "out.mkv", "--out-of", "missing.mov"], 1, "missing.mov"),
        (["render", "a.json", "-o", "out.mkv", "--model", "x"], 2, "--warp flow"),
        (["render", "a.json", "-o", "out.mkv", "--alpha", "--fallback", "ref.mp4"], 2, "nothing is left transparent"),
        (["render", "a.json", "-o", "out.mkv", "--working-space", "nonsense"], 2, "colour space"),
        (["render", "clip.mp4", "-o", "out.mkv"], 2, "cannot be read back as an alignment"),
        (["composite", "a.json", "-o", "out.mp4", "--blend", "burn"], 2, "invalid choice"),
        (["composite", "a.json", "-o", "out.mp4", "--size", "3x3"], 2, "not understood: --size"),
        (["composite", "a.json", "-o", "out.mp4", "--opacity", "3"], 2, "opacity is 3.0; write 0.0 to 1.0"),
    ],
)
def test_what_is_refused_leaves_nothing(genlock, ready, words, status, says):
    before = {path.name: path.read_bytes() for path in ready.iterdir()}
    done = genlock(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert {path.name: path.read_bytes() for path in ready.iterdir()} == before


def test_pictures_never_overwrite_the_pictures_they_come_from(genlock, ready):
    assert genlock("render", "a.json", "-o", "p.%05d.png", "--quiet").returncode == 0
    body = json.loads((ready / "a.json").read_text())
    body["clip"].update(path=str(ready / "p.%05d.png"), frames=26, rate="24", sound=False, start_frame=86407)
    body["runs"][1]["pieces"][0].update(clip_start_s="0")
    (ready / "b.json").write_text(json.dumps(body))
    before = (ready / "p.86407.png").read_bytes()
    done = genlock("render", "b.json", "-o", "p.#####.png", "--sound", "none")
    assert done.returncode == 1 and "is also an input" in done.stderr
    assert (ready / "p.86407.png").read_bytes() == before
    assert not [path for path in ready.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("manner", ["signal", "cancel"])
def test_stopped_it_leaves_nothing(ready, tmp_path, manner):
    """A held frame for an hour: long enough to be stopped in the middle."""
    body = json.loads((ready / "a.json").read_text())
    body["ref"].update(frames=90_000, timecode=None, start_frame=0)
    piece = {"ref_first": 0, "ref_count": 90_000, "clip_start_s": "1/2", "speed": "0"}
    body["runs"] = [{**body["runs"][1], "ref_first": 0, "ref_count": 90_000, "pieces": [piece]}]
    (ready / "long.json").write_text(json.dumps(body))
    before = {path.name for path in ready.iterdir()}
    words = [sys.executable, "-m", "genlock", "render", "long.json", "-o", "out.mkv", "-o", "p.%05d.png", "--sound", "none", "--job", "job"]
    env = {**os.environ, "GENLOCK_CACHE": str(tmp_path / "cache")}
    run = subprocess.Popen(words, cwd=ready, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    events, end = ready / "job" / "events.jsonl", time.monotonic() + 30
    while not (events.exists() and '"making pictures"' in events.read_text()):
        assert time.monotonic() < end and run.poll() is None
        time.sleep(0.02)
    began = time.monotonic()
    if manner == "signal":
        run.send_signal(signal.SIGINT)
    else:
        (ready / "job" / "cancel").touch()
    out, err = run.communicate(timeout=20)
    assert (run.returncode, out) == (130, "") and err.endswith("genlock: stopped\n")
    assert time.monotonic() - began < 2
    assert {path.name for path in ready.iterdir()} == before | {"job"}


def test_from_two_files_to_pictures_in_place(genlock, folder):
    """The clip is a crop of the ref that begins 7 frames in: aligned, rendered, laid over, and held against the ref itself."""
    clip = Side(time=(cutting.trim(7, 40),), space=(crop(40, 22, 160, 90),), coding=Coding(crf=14), sound=False)
    Twin("pair", reel(11, (48,), size_wh=(240, 136)), clip, Side(coding=Coding(crf=14), sound=False)).write(folder)
    assert genlock("align", "clip.mp4", "ref.mp4", "-o", "a.json", "--quiet").returncode == 0
    for words in (["render", "a.json", "-o", "r.mkv"], ["composite", "a.json", "-o", "c.mkv", "--keep", "ref"]):
        done = genlock(*words)
        assert done.returncode == 0, done.stderr
    films = {name: pictures(folder / name) for name in ("ref.mp4", "r.mkv", "c.mkv")}
    assert [len(film) for film in films.values()] == [48, 48, 48]
    inside = (slice(26, 108), slice(44, 196))
    for n in range(10, 38):
        ref, placed, laid = (films[name][n].astype(float) for name in films)
        assert np.abs(placed[inside] - ref[inside]).mean() < 4
        assert np.abs(laid - ref).mean() < 4
    assert all(np.abs(films["r.mkv"][n].astype(int)).max() <= 1 for n in (0, 3, 45))
    assert np.array_equal(films["c.mkv"][3], films["ref.mp4"][3])


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as box:
        return [frame.to_ndarray(format="bgr24") for frame in box.decode(video=0)]
