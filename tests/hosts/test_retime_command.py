"""genlock retime as a person calls it: counts that were promised, frames untouched, sound in sync, lists, refusals, stopping."""

from __future__ import annotations

import csv
import itertools
import json
import os
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import opentimelineio as otio
import pytest

from genlock.bench.retime_scenes import Figure, Scene
from genlock.hosts.demo.writing import Coding, write_file
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.tests.core.render.made import charts, film, read_numbers

NTSC = Fraction(24000, 1001)
RATE = 48_000


def scene_frames(hold: int, numbers, colour=(0.86, 0.22, 0.2), seed: int = 0):
    scene = Scene("s", (Figure(colour, (60, 66), (3, 0.4), hold, size=0.7),), size_wh=(192, 128), seed=seed)
    return [(scene.frame(k) * 255).round().astype(np.uint8)[..., ::-1] for k in numbers]


def times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as box:
        return [frame.pts * frame.time_base for frame in box.decode(video=0)]


def planes(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [frame.to_ndarray().tobytes() for frame in box.decode(video=0)]


@pytest.fixture(scope="module")
def twos(tmp_path_factory) -> Path:
    """Eleven frames on twos, then a cut, then seven on threes; a beep at the cut."""
    path = tmp_path_factory.mktemp("made") / "in.mp4"
    pictures = scene_frames(2, range(11)) + scene_frames(3, range(7), (0.2, 0.35, 0.9), 5)
    edges = [round(RATE / NTSC * n) for n in range(19)]
    sound = [np.full(b - a, 0.5 if n == 11 else 0, np.float32) for n, (a, b) in enumerate(itertools.pairwise(edges))]
    write_file(path, iter(pictures), NTSC, Coding(crf=8), iter(sound))
    return path


def do(folder: Path, source: Path, outputs: list[str], **settings):
    request = Request("retime", {"footage": str(source)}, tuple(str(folder / name) for name in outputs), settings)
    number = len(list(folder.glob("job*")))
    return run(Job.create(str(folder / f"job{number}"), request).folder)


def test_sixty_frames_a_second_from_the_terminal(genlock, folder, twos):
    promised = json.loads(genlock("retime", twos, "--fps", "60", "--dry-run", "--json").stdout)["figures"]
    done = genlock("retime", twos, "--fps", "60", "-o", "out.mp4", "-o", "list.csv", "-o", "all.json", "-o", "t.txt", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["figures"]["frames"] == promised["frames"] == round(18 / NTSC * 60) == 45
    seen = times(folder / "out.mp4")
    assert seen == [Fraction(n, 60) for n in promised["pts"]] and len(seen) == 45
    assert answer["figures"]["cuts"] == [11]
    assert [c["holds"] for c in answer["figures"]["cadence"]] == [[2], [3]]
    rows = list(csv.DictReader((folder / "list.csv").open()))
    assert [row["frame"] for row in rows if row["repeats"]] == ["1", "3", "5", "7", "9", "12", "13", "15", "16"]
    assert json.loads((folder / "all.json").read_text())["output"] == {"frames": 45, "rate": "60", "time_base": "1/60"}
    assert (folder / "t.txt").read_text().splitlines()[:3] == ["# timestamp format v2", "0.000000", "16.666667"]


def test_no_frame_mixes_two_shots_and_the_cut_is_in_time_with_the_sound(tmp_path, twos):
    outcome = do(tmp_path, twos, ["out.mp4"], fps="60")
    assert outcome.exit_status == 0, outcome.result["sentence"]
    with av.open(str(tmp_path / "out.mp4")) as box:
        pictures = [frame.to_ndarray(format="rgb24").astype(float) for frame in box.decode(video=0)]
    sources = [picture[..., ::-1].astype(float) for picture in scene_frames(2, [0, 10]) + scene_frames(3, [0, 6], (0.2, 0.35, 0.9), 5)]
    shots = [int(np.argmin([min(np.abs(p - s).mean() for s in sources[:2]), min(np.abs(p - s).mean() for s in sources[2:])])) for p in pictures]
    cut = next(n for n, shot in enumerate(shots) if shot)
    assert shots == [0] * cut + [1] * (45 - cut)
    assert cut == -(-11 * 60 * 1001 // 24000)
    corner = [p[:40, 120:].mean() for p in pictures]
    assert np.ptp(corner[:cut]) < 1 and np.ptp(corner[cut:]) < 1, "the background stands still on either side"
    with av.open(str(tmp_path / "out.mp4")) as box, av.open(str(twos)) as was:
        heard, before = (np.concatenate([f.to_ndarray().ravel() for f in b.decode(audio=0)]) for b in (box, was))
    assert np.array_equal(heard, before)


def test_times_with_plain_keeps_every_frame_bit_for_bit(tmp_path):
    source = film(tmp_path / "in.mkv", scene_frames(1, range(5)), NTSC, "yuv422p10le")
    outcome = do(tmp_path, source, ["out.mkv"], times=3, method="plain")
    assert outcome.exit_status == 0, outcome.result["sentence"]
    made = planes(tmp_path / "out.mkv")
    assert len(made) == 15 and made[::3] == planes(source)
    assert len(set(made)) == 13, "what comes after the last frame is that frame"
    with av.open(str(tmp_path / "out.mkv")) as box:
        assert abs(box.streams.video[0].average_rate - NTSC * 3) < Fraction(1, 10) and box.streams.video[0].format.name == "yuv422p10le"


def test_image_sequences_in_and_out(tmp_path):
    for k, picture in enumerate(scene_frames(1, range(4))):
        cv2.imwrite(str(tmp_path / f"in.{k + 7:04d}.png"), picture)
    outcome = do(tmp_path, tmp_path / "in.%04d.png", ["out.%04d.png"], times=2, method="plain")
    assert outcome.exit_status == 0, outcome.result["sentence"]
    names = sorted(path.name for path in tmp_path.glob("out.*"))
    assert names == [f"out.{n:04d}.png" for n in range(7, 15)]
    for k in range(4):
        assert np.array_equal(cv2.imread(str(tmp_path / names[2 * k])), cv2.imread(str(tmp_path / f"in.{k + 7:04d}.png")))


def test_a_rate_that_varies_goes_in_and_out(tmp_path):
    stamps = [0, 40, 60, 160, 200, 233]
    source = film(tmp_path / "in.mkv", charts(range(6)), Fraction(25), pts=stamps, time_base=Fraction(1, 1000))
    assert do(tmp_path, source, ["out.mp4"], times=2, method="plain").exit_status == 0
    assert times(tmp_path / "out.mp4")[:11] == [Fraction(n, 1000) for n in (0, 20, 40, 50, 60, 110, 160, 180, 200, Fraction(433, 2), 233)]
    assert do(tmp_path, source, ["even.mp4"], fps="50", method="plain").exit_status == 0
    assert times(tmp_path / "even.mp4") == [Fraction(n, 50) for n in range(round(Fraction(273, 1000) * 50))]


def test_a_timeline_of_holds(tmp_path):
    source = film(tmp_path / "in.mkv", charts([0, 0, 1, 2, 2, 2]), NTSC)
    assert do(tmp_path, source, ["holds.otio"], dedup="only").exit_status == 0
    clips = list(otio.adapters.read_from_file(str(tmp_path / "holds.otio")).find_clips())
    spans = [(clip.source_range.start_time.value, clip.source_range.duration.value, len(clip.effects)) for clip in clips]
    assert spans == [(0, 2, 1), (2, 1, 0), (3, 3, 1)]
    assert clips[0].source_range.duration.rate == pytest.approx(24000 / 1001)


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_repeats_are_dropped_and_every_drawing_keeps_its_time(tmp_path, suffix):
    numbers = [0, 0, 1, 2, 2, 2, 3, 4, 4]
    source = film(tmp_path / "in.mkv", charts(numbers), Fraction(25))
    outcome = do(tmp_path, source, [f"out.{suffix}", "dropped.json"], dedup="only")
    assert outcome.exit_status == 0, outcome.result["sentence"]
    assert read_numbers(tmp_path / f"out.{suffix}") == [0, 1, 2, 3, 4]
    assert times(tmp_path / f"out.{suffix}") == [Fraction(n, 25) for n in (0, 2, 3, 6, 7)]
    assert json.loads((tmp_path / "dropped.json").read_text())["repeats"] == [1, 4, 5, 8]


def test_a_pulldown_is_undone(tmp_path):
    numbers = [k for k, n in enumerate((2, 3) * 6) for _ in range(n)]
    source = film(tmp_path / "in.mkv", charts(numbers), Fraction(60000, 1001))
    told = do(tmp_path, source, ["list.csv"], dedup="only")
    assert any("--fps 24000/1001 brings it back" in line for line in told.result["lines"])
    assert do(tmp_path, source, ["out.mkv"], dedup="only", fps="24000/1001").exit_status == 0
    assert read_numbers(tmp_path / "out.mkv") == list(range(12))
    with av.open(str(tmp_path / "out.mkv")) as box:
        assert box.streams.video[0].average_rate == NTSC


def test_one_frame_and_a_still(tmp_path):
    source = film(tmp_path / "one.mkv", charts([5]), Fraction(25))
    assert do(tmp_path, source, ["out.mkv"], times=4).exit_status == 0
    assert read_numbers(tmp_path / "out.mkv") == [5] * 4
    black = film(tmp_path / "black.mkv", [np.zeros((96, 160, 3), np.uint8)] * 6, Fraction(25))
    assert do(tmp_path, black, ["still.mkv"], fps="60").exit_status == 0
    assert len(times(tmp_path / "still.mkv")) == round(6 / 25 * 60)
    assert do(tmp_path, black, ["kept.mkv"], dedup="only").exit_status == 0
    assert times(tmp_path / "kept.mkv") == [0]


def test_a_preview_is_five_seconds_from_the_middle_with_its_sound(tmp_path):
    path = tmp_path / "in.mp4"
    beats = (np.full(2000, n / 400, np.float32) for n in range(192))
    write_file(path, charts(range(192)), Fraction(24), Coding(crf=12), beats)
    outcome = do(tmp_path, path, ["out.mov"], method="plain", preview=True)
    assert outcome.exit_status == 0, outcome.result["sentence"]
    assert read_numbers(tmp_path / "out.mov") == list(range(36, 156))
    with av.open(str(tmp_path / "out.mov")) as box:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in box.decode(audio=0)]).astype(float)
    assert len(heard) == 5 * RATE


def test_transparency_stays_where_frames_are_only_dropped(tmp_path):
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 255, (64, 96, 4), np.uint8) for _ in range(3)]
    for n, k in enumerate((0, 0, 1, 2, 2)):
        cv2.imwrite(str(tmp_path / f"in.{n:04d}.png"), pictures[k])
    assert do(tmp_path, tmp_path / "in.%04d.png", ["out.%04d.png"], dedup="only").exit_status == 0
    made = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in sorted(tmp_path.glob("out.*"))]
    assert len(made) == 3 and all(np.array_equal(a, b) for a, b in zip(made, pictures, strict=True))


def test_another_size(tmp_path):
    source = film(tmp_path / "in.mkv", scene_frames(1, range(3)), Fraction(24))
    assert do(tmp_path, source, ["out.mkv"], times=2, size="96x64").exit_status == 0
    with av.open(str(tmp_path / "out.mkv")) as box:
        assert (box.streams.video[0].width, box.streams.video[0].height) == (96, 64)


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["in.mkv"], 2, "retime is asked for no output"),
        (["in.mkv", "-o", "in.mkv"], 1, "also an input"),
        (["none.mkv", "-o", "out.mkv"], 1, "none.mkv"),
        (["in.mkv", "-o", "out.mkv", "--fps", "60", "--times", "2"], 2, "leave out fps or times"),
        (["in.mkv", "-o", "out.mkv", "--fps", "-3"], 2, "frame rate"),
        (["in.mkv", "-o", "out.mkv", "--size", "big"], 2, "write it as 1280x720"),
        (["in.mkv", "-o", "out.mkv", "--dedup", "only", "--times", "3"], 2, "dropping repeats makes no new frames"),
        (["in.mkv", "-o", "out.mkv", "--n-forward", "2"], 2, "n_forward is for the method multipass"),
        (["in.mkv", "-o", "out.mkv", "--model", "no-such-model"], 1, "no-such-model"),
        (["in.mkv", "-o", "out.xyz"], 2, "xyz"),
    ],
)
def test_refusals(genlock, folder, words, status, line):
    film(folder / "in.mkv", charts(range(3)), Fraction(24))
    before = set(os.listdir(folder))
    told = genlock("retime", *words)
    assert told.returncode == status, told.stderr
    assert line in told.stderr.splitlines()[-1]
    assert set(os.listdir(folder)) == before


def test_a_job_that_is_stopped_leaves_what_was_there(tmp_path):
    source = film(tmp_path / "in.mkv", charts(range(40)), Fraction(24))
    (tmp_path / "out.mkv").write_bytes(b"older")
    asked = itertools.count()
    request = Request("retime", {"footage": str(source)}, (str(tmp_path / "out.mkv"),), {"times": 2})
    outcome = run(Job.create(str(tmp_path / "job"), request).folder, lambda: next(asked) < 60)
    assert next(asked) > 60 and outcome.exit_status == 130
    assert (tmp_path / "out.mkv").read_bytes() == b"older"
    assert sorted(os.listdir(tmp_path)) == ["in.mkv", "job", "out.mkv"]
