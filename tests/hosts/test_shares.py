"""A job in shares: whatever the number, the order, doubles and kills, the outputs are those of one run, bit for bit."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.core.alignment import Alignment, Matrix, Media
from genlock.core.errors import UsageError
from genlock.hosts.demo.writing import Coding, write_file
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.hosts.worker.shares import Share, missing, run_merge, share_folder, span
from genlock.tests.core.render.made import NTSC, aligned, film, media
from genlock.tests.hosts.sharing import plan_for, short_units

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and forks of POSIX")
FRAMES = 27
ODD_WH, EVEN_WH = (49, 35), (48, 36)
SHOWN = [None, None, *range(8, 17), 17, 17, 17, 17, *range(16, 10, -1), None, 5, 6, 30, 31, 3]
"""Of each ref frame, the clip frame: a gap, a run, a freeze and a reversed run, each over a border of units; a gap, and three cuts."""


def noisy(frames: int, size_wh: tuple[int, int], seed: int = 3) -> Iterator[np.ndarray]:
    """Blots that move to the right, 2 px a frame; (h, w, 3) uint8. In the middle they are others, and then every second frame repeats."""
    dice = np.random.default_rng(seed)
    shots = [np.kron(dice.integers(0, 255, (9, 40, 3), np.uint8), np.ones((5, 5, 1), np.uint8)) for _ in range(2)]
    for n in range(frames):
        later = n >= frames // 2
        left = 80 - 2 * (n if not later else n // 2 * 2)
        yield np.ascontiguousarray(shots[later][: size_wh[1], left : left + size_wh[0]])


def sound_film(path: Path, frames: int, size_wh: tuple[int, int]) -> Path:
    """H.264 at 23.976 with a tone."""
    ends = [round(48000 / NTSC * n) for n in range(frames + 1)]
    tone = np.sin(np.arange(ends[-1]) / 20).astype(np.float32) / 2
    write_file(path, noisy(frames, size_wh, 5), NTSC, Coding(crf=12), (tone[a:b] for a, b in itertools.pairwise(ends)))
    return path


def drifting(n: int) -> Matrix:
    return (1.0, 0.0, 0.3 * n, 0.0, 1.0, -0.2 * n, 0.0, 0.0, 1.0)


def still(n: int) -> Matrix:
    return (1.02, 0.0, 0.4, 0.0, 1.01, -0.3, 0.0, 0.0, 1.0)


def footage(folder: Path, size_wh: tuple[int, int], varies: bool = False, sound: bool = False) -> tuple[Media, Media]:
    """clip of 40 frames, ref of FRAMES."""
    if sound:
        clip, ref = (sound_film(folder / f"{name}.mp4", count, size_wh) for name, count in (("clip", 40), ("ref", FRAMES)))
        return media(clip, 40, size_wh, NTSC, sound=True), media(ref, FRAMES, size_wh, NTSC, sound=True)
    base, pts = Fraction(1, 1000), tuple(np.cumsum([0] + [33, 50, 42] * 9)[:FRAMES].tolist())
    clip = film(folder / "clip.mkv", noisy(40, size_wh), NTSC)
    ref = film(folder / "ref.mkv", noisy(FRAMES, size_wh, 4), NTSC, pts=pts if varies else None, time_base=base if varies else None)
    more = {"pts": pts, "time_base": base} if varies else {}
    return media(clip, 40, size_wh, NTSC), media(ref, FRAMES, size_wh, NTSC, **more)


@dataclass(frozen=True)
class Case:
    kind: str
    outputs: tuple[str, ...]
    settings: dict[str, Any]
    """@ stands for the folder of the footage."""
    size_wh: tuple[int, int] = ODD_WH
    varies: bool = False
    sound: bool = False
    matrix: Callable[[int], Matrix] = drifting
    cuts: tuple[int, ...] = (3, 7)
    """Into how many shares."""
    alone: bool = False
    """The clip is the job's input, without an alignment."""

    def request(self, home: Path, folder: Path) -> Request:
        """Footage lies in home, outputs in the folder."""
        inputs = {"footage": str(next(home.glob("clip.*")))} if self.alone else {"aligned": str(home / "a.json")}
        told = {name: str(home / value[1:]) if str(value).startswith("@") else value for name, value in self.settings.items()}
        return Request(self.kind, inputs, tuple(str(folder / name) for name in self.outputs), told)


CASES = {
    "render, as it lies": Case("render", ("o.mkv", "o.%03d.png"), {"encoder": "software"}, matrix=still, cuts=(1, 2, 3, 7)),
    "render, a variable rate": Case(
        "render", ("o.mp4", "o.%03d.exr"), {"encoder": "software", "debug": True, "fallback": "@ref.mkv"}, EVEN_WH, varies=True, cuts=(1, 3)
    ),
    "render, with sound": Case("render", ("o.mov", "o.wav"), {"encoder": "software", "sound": "clip"}, EVEN_WH, sound=True, cuts=(2,)),
    "render, sequence alone": Case("render", ("o.####.exr",), {"alpha": True, "depth": "half"}, cuts=(7,)),
    "render, by flow": Case("render", ("o.mkv",), {"warp": "flow", "range": "4-15", "precision": 1, "mask": "@clip.mkv"}, matrix=still, cuts=(2,)),
    "render, one frame": Case("render", ("o.mp4",), {"range": "9-9", "encoder": "software"}, EVEN_WH, cuts=(2,)),
    "composite": Case("composite", ("o.mkv",), {"keep": "clip", "opacity": 0.5, "encoder": "software"}, cuts=(2, 7)),
    "stmap": Case("stmap", ("o.%04d.exr",), {}, cuts=(1, 3)),
    "retime": Case("retime", ("o.mkv", "o.%04d.png", "o.csv"), {"times": 2, "method": "plain", "encoder": "software"}, alone=True, cuts=(1, 7)),
    "retime, repeats dropped": Case("retime", ("o.mp4",), {"dedup": "only", "encoder": "software"}, EVEN_WH, sound=True, alone=True, cuts=(3,)),
    "retime, aligned": Case("retime", ("o.mkv",), {"method": "plain"}, varies=True, cuts=(3,)),
}


@pytest.fixture(scope="module")
def homes(tmp_path_factory) -> dict[str, Path]:
    """Each case's footage; all its shares made, some of them twice, some killed before."""
    found, plan, dice = {}, [], random.Random(11)
    for name, case in CASES.items():
        home = found[name] = tmp_path_factory.mktemp(case.kind)
        clip, ref = footage(home, case.size_wh, case.varies, case.sound)
        alignment: Alignment = aligned(clip, ref, SHOWN, case.matrix, [0.9] * FRAMES)
        (home / "a.json").write_text(json.dumps(replace(alignment, settings={"cache": "off"}).to_json()))
        for of in case.cuts:
            (home / f"in-{of}").mkdir()
            job = Job.create(home / f"job-{of}", case.request(home, home / f"in-{of}"))
            plan += plan_for(job.folder, of, dice)
    words = [sys.executable, "-m", "genlock.tests.hosts.sharing", json.dumps(plan)]
    done = subprocess.run(words, cwd=home, capture_output=True, text=True, timeout=500, env={**os.environ, "GENLOCK_CACHE": str(home / "cache")})
    statuses = [int(line) for line in done.stdout.split()]
    assert done.returncode == 0 and len(statuses) == len(plan), done.stderr
    for (job, number, of, looks), status in zip(plan, statuses, strict=True):
        told = Path(share_folder(job, Share(number, of)), "log.txt").read_text()
        assert status in ((0,) if looks is None else (0, -9)), told
    assert statuses.count(-9) >= len(CASES) // 2, "others ended before they could be killed"
    return found


@pytest.mark.parametrize("name", CASES)
def test_shares_joined_are_one_run_to_the_bit(name, homes, monkeypatch):
    case, home = CASES[name], homes[name]
    monkeypatch.setenv("GENLOCK_CACHE", str(home / "cache"))
    straight = home / "straight"
    straight.mkdir()
    with short_units():
        outcome = run(Job.create(home / "job", case.request(home, straight)).folder)
        assert outcome.exit_status == 0, outcome.result["sentence"]
        wanted = sorted(os.listdir(straight))
        assert len(wanted) >= len(case.outputs)
        for of in case.cuts:
            job, folder = home / f"job-{of}", home / f"in-{of}"
            assert os.listdir(folder) == [], "shares write no output"
            assert not (job / "events.jsonl").exists() and missing(str(job)) == []
            joined = run_merge(str(job))
            assert joined.exit_status == 0, joined.result["sentence"]
            assert sorted(os.listdir(folder)) == wanted
            differ = [one for one in wanted if (folder / one).read_bytes() != (straight / one).read_bytes()]
            assert not differ, f"{of} shares make another {differ[0]}"
            told = outcome.result["figures"]
            assert {**joined.result["figures"], "encoded": 0} == {**told, "encoded": 0}
            assert not (job / "work").exists()


def test_a_share_is_the_same_block_for_everybody():
    with pytest.raises(UsageError, match="write K/N"):
        Share.parse("2")
    for wrong in ("0/3", "4/3", "1/0", "1/9999999", "-1/2", "1/2/3", "²/3"):
        with pytest.raises(UsageError):
            Share.parse(wrong)
    assert str(Share.parse(" 2/8 ")) == "2/8"
    for count in (1, 2, 5, 240):
        for of in (1, 2, 3, 7, 300):
            blocks = [span(count, Share(k + 1, of)) for k in range(of)]
            assert [n for a, b in blocks for n in range(a, b)] == list(range(count))
            assert max(b - a for a, b in blocks) - min(b - a for a, b in blocks) <= 1
