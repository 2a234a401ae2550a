"""genlock retime of an aligned timeline: the clip on the ref's clock, with frames of their own in slow motion."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.bench.retime_scenes import BLUE, RED, Figure, Scene
from genlock.core.alignment import Media
from genlock.hosts.demo.writing import Coding, write_file
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.tests.core.render.made import aligned, charts, film, media

RATE = Fraction(24)
WH = (192, 108)
SHOTS = [
    Scene("a", (Figure(RED, (60, 50), (2, 0.3), size=0.5),), (-2.0, 0), WH, seed=1),
    Scene("b", (Figure(BLUE, (120, 60), (-2, 0.3), size=0.5),), (3.0, 0), WH, seed=2),
]
LENGTH = 10


def picture(at: float) -> np.ndarray:
    """(h, w, 3) float32 of the clip at a moment: two shots of ten frames."""
    shot = int(at >= LENGTH)
    return np.clip(SHOTS[shot].ideal(at - LENGTH * shot), 0, 1)


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Media:
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    film(path, [(picture(k) * 255).round().astype(np.uint8)[..., ::-1] for k in range(2 * LENGTH)], RATE, "bgr0")
    return media(path, 2 * LENGTH, WH, RATE)


def retimed(folder: Path, clip: Media, shown: list[int | None], ref: Media | None = None, **settings):
    """The answer, and the times and pictures of the output."""
    ref = ref or media(film(folder / "ref.mkv", charts([0] * len(shown), WH), RATE), len(shown), WH, RATE)
    (folder / "aligned.json").write_text(json.dumps(aligned(clip, ref, shown).to_json()))
    request = Request("retime", {"aligned": str(folder / "aligned.json")}, (str(folder / "out.mkv"),), {"method": "plain", **settings})
    outcome = run(Job.create(str(folder / f"job{len(list(folder.glob('job*')))}"), request).folder)
    assert outcome.exit_status == 0, outcome.result["sentence"]
    with av.open(str(folder / "out.mkv")) as box:
        frames = list(box.decode(video=0))
    return outcome.result, [f.pts * f.time_base for f in frames], [f.to_ndarray(format="rgb24").astype(np.float32) / 255 for f in frames]


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """Levels on average, but for the margin."""
    return float(np.abs(a - b)[8:-8, 12:-12].mean() * 255)


def test_slow_motion_has_frames_of_its_own_and_cuts_stay_cuts(tmp_path, clip):
    shown = [None, None, *(2 + k // 2 for k in range(10)), *(8 + k for k in range(4)), *(13 + k // 2 for k in range(6)), None]
    answer, times, pictures = retimed(tmp_path, clip, shown)
    assert answer["figures"]["frames"] == len(shown) and answer["figures"]["black"] == 3
    assert len(pictures) == len(shown)
    assert all(abs(t - n / RATE) <= Fraction(1, 1000) for n, t in enumerate(times))
    places = [None, None, *(2 + k / 2 for k in range(9)), 6, 8, 9, 10, 11, *(13 + k / 2 for k in range(5)), 15, None]
    for n, place in enumerate(places):
        if place is None:
            assert pictures[n].max() < 0.01
        elif place == int(place):
            assert apart(pictures[n], picture(place)) < 1
        else:
            assert apart(pictures[n], picture(place)) < 1.5
            assert apart(pictures[n], picture(int(place))) > 2
    assert answer["figures"]["between"] == 6


def test_half_speed_backwards(tmp_path, clip):
    _, _, pictures = retimed(tmp_path, clip, [9 - (k + 1) // 2 for k in range(9)])
    steps = [min(np.arange(0, 10, 0.25), key=lambda at: apart(shown, picture(at))) for shown in pictures[1:-1]]
    assert np.allclose(np.diff(steps), -0.5)


def test_the_sound_is_the_refs_unless_another_is_asked_for(tmp_path, clip):
    beats = (np.full(2000, n / 40, np.float32) for n in range(12))
    write_file(tmp_path / "ref.mov", charts(range(12), WH), RATE, Coding(crf=12), beats)
    ref = media(tmp_path / "ref.mov", 12, WH, RATE, sound=True)
    retimed(tmp_path, clip, [k // 2 for k in range(12)], ref)
    with av.open(str(tmp_path / "out.mkv")) as box, av.open(str(tmp_path / "ref.mov")) as was:
        heard, before = (np.concatenate([f.to_ndarray().ravel() for f in b.decode(audio=0)]) for b in (box, was))
    assert np.array_equal(heard, before)
    retimed(tmp_path, clip, [k // 2 for k in range(12)], ref, sound="none")
    with av.open(str(tmp_path / "out.mkv")) as box:
        assert not box.streams.audio


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["aligned.json", "-o", "out.mkv", "--fps", "60"], 2, "leave out fps"),
        (["aligned.json", "-o", "out.csv"], 2, "is a list"),
        (["aligned.json", "-o", "out.mkv", "--dedup", "only"], 2, "name the clip itself"),
        (["aligned.json", "-o", "clip.mkv"], 1, "also an input"),
        (["clip.mkv", "-o", "out.mkv", "--sound", "clip"], 2, "aligned timeline"),
    ],
)
def test_refusals(genlock, folder, words, status, line):
    one = media(film(folder / "clip.mkv", charts(range(3)), RATE), 3)
    (folder / "aligned.json").write_text(json.dumps(aligned(one, one, [0, 1, 2]).to_json()))
    told = genlock("retime", *words)
    assert told.returncode == status, told.stderr
    assert line in told.stderr.splitlines()[-1]
    assert not (folder / "out.mkv").exists()
