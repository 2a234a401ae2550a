"""From two files to an alignment, on made footage whose truth is known, one kind of trouble a pair.

Pictures are 320 x 180, a hundred frames or so. Frames asked: all of them, but for what a pair makes unknowable at an
edge; each pair that asks for less says why. Places allowed: 0.1 px where nothing but a codec stands between the two, for
refine() promises 0.03 px or what the pairs of frames disagree by; more where one side is smaller, softer or graded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from genlock.core.align import align
from genlock.core.alignment import Alignment, Verdict
from genlock.core.errors import Cancelled, NotSameFootage
from genlock.core.progress import Progress
from genlock.core.settings import AlignSettings
from genlock.hosts.demo.cutting import (
    Cutting,
    Strip,
    cut,
    double_every,
    drop_every,
    insert,
    move,
    on_every,
    pulldown,
    ramp,
    rate,
    retag,
    reverse,
    trim,
    variable,
)
from genlock.hosts.demo.judge import Score, judge
from genlock.hosts.demo.looks import gamma, grade, logo, subtitle
from genlock.hosts.demo.placing import crop, mirror, pad, reframe, scale
from genlock.hosts.demo.scene import Scene, reel
from genlock.hosts.demo.sound import Sound
from genlock.hosts.demo.twin import Coding, Side, Twin

FILM = Fraction(24000, 1001)
QUIET = Side(sound=False)


def scene(seed: int = 31, lengths: tuple[int, ...] = (38, 30, 34), kinds: tuple[str, ...] = ("moving",), **more: Any) -> Scene:
    return reel(seed, lengths, kinds, **{"size_wh": (320, 180), **more})


@dataclass(frozen=True)
class Pair:
    """A pair and what is asked of the answer."""

    twin: Twin
    exact: float = 1.0
    """Least share of right ref frames."""
    px: float | None = 0.1
    """Most error of the place, in ref pixels; None where the truth has none to compare."""
    runs: int | None = None
    """How many matched runs there have to be, where the edit says it."""


class Trap:
    """A camera that pans evenly by whole pixels over texture, with three sprites that move on their own.

    A wrong frame is answered almost perfectly by a wrong shift: only the sprites, a hundredth of the picture, tell.
    """

    size_wh = (320, 180)
    rate = Fraction(24)
    frames = 80
    sound = Sound(8)

    def __init__(self, seed: int = 12) -> None:
        rng = np.random.default_rng(seed)
        rough = rng.normal(0, 1, (260, 640)).astype(np.float32)
        world = sum(cv2.GaussianBlur(rough, (0, 0), s) * s * 14 for s in (1.2, 3, 8))
        self.world = np.clip(world + 118, 30, 210).astype(np.uint8)
        self.things = [(rng.uniform(40, 280), rng.uniform(40, 140), rng.uniform(12, 22), rng.uniform(0.12, 0.2), rng.uniform(0, 6)) for _ in range(3)]

    def clean(self, frame: int) -> np.ndarray:
        x = 2 * frame
        image = self.world[40:220, x : x + 320].copy()
        for n, (cx, cy, reach, turn, phase) in enumerate(self.things):
            at = (cx + reach * np.sin(turn * frame + phase), cy + reach * np.cos(0.8 * turn * frame))
            cv2.circle(image, (round(at[0] * 16), round(at[1] * 16)), 9 * 16, (235, 20, 200)[n], -1, cv2.LINE_AA, 4)
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)

    def frame(self, frame: int) -> np.ndarray:
        return self.clean(frame)

    def shot_at(self, frame: int) -> tuple[int, int, int]:
        return 0, frame, self.frames


def at_rate(fps: Fraction) -> Cutting:
    """The same frames, told at another rate: what a wrong tag in a file does."""

    def step(strip: Strip) -> Strip:
        return replace(strip, rate=fps)

    return step


FOREIGN = scene(77, (40,))
PAIRS = {
    # Half of either end is missing on the other side: every frame has one answer.
    "trim": Pair(Twin("trim", scene(), Side((trim(7, 95),)), Side((trim(20, 102),))), runs=1),
    # 0.25 px: the clip has 0.6 of the ref's pixels; a sixth of its own.
    "crop_scale_grade": Pair(
        Twin(
            "crop_scale_grade", scene(),
            Side((trim(5, 90),), (crop(30, 17.5, 250, 140), scale(0.6)), (gamma(1.3), grade((1.1, 0.95, 0.9), (4, 0, -6)))),
        ),
        px=0.25,
    ),
    "mirror": Pair(Twin("mirror", scene(), Side((trim(10, 100),), (mirror(),)))),
    # 0.2 px: logo and subtitle hide a tenth of the picture, and the clip is smaller.
    "letterbox_logo": Pair(Twin("letterbox_logo", scene(), Side((trim(8, 96),), (scale(0.9), pad(10, 20, 10, 20)), (logo(), subtitle(20)))), px=0.2),
    "cut_insert": Pair(Twin("cut_insert", scene(), Side((cut(50, 64), insert(24, 20))), foreign=FOREIGN), runs=3),
    "moved_shot": Pair(Twin("moved_shot", scene(), Side((move(38, 68, 72),)))),
    "reversed_shot": Pair(Twin("reversed_shot", scene(), Side((reverse(38, 68),))), runs=3),
    # What comes before and after looks like the clip's ends in reverse, and is not in it.
    "inside_a_shot": Pair(Twin("inside_a_shot", scene(lengths=(110,)), Side((trim(38, 74),))), runs=1),
    "pal_retag": Pair(Twin("pal_retag", scene(rate=FILM), Side((retag(Fraction(25)),), (scale(0.8, 0.9),)), Side((trim(6, 100),))), px=0.2),
    "pulldown": Pair(Twin("pulldown", scene(rate=FILM), Side((pulldown(),)), Side((trim(3, 99),)))),
    "drops_doubles": Pair(Twin("drops_doubles", scene(), Side((drop_every(9), double_every(13))))),
    # A ramp shows frames between frames: which of two is nearest turns over at a breath.
    "ramp": Pair(Twin("ramp", scene(), Side((ramp(0.8, 1.25),))), exact=0.95),
    # Of twos, the clip has each second frame alone; its neighbour in time is as right (NEAR in truth.py).
    "on_twos": Pair(Twin("on_twos", scene(), Side((on_every(2),))), exact=0.95),
    # A moving camera and a window of its own a shot: a frame at a cut may go to either side.
    "reframed_shots": Pair(Twin("reframed_shots", scene(), Side(space=(reframe(240, 136, 3),))), exact=0.97, px=0.2, runs=3),
    "panning_trap": Pair(Twin("panning_trap", Trap(), Side((trim(9, 80),), (crop(21, 11, 260, 150),)), Side((trim(0, 71),)))),  # type: ignore[arg-type]
    # Locked-off, hardly moving, and grain of 4 levels new on every frame and on either side.
    "locked_grain": Pair(
        Twin(
            "locked_grain", scene(35, (60, 50), ("locked",), grain=4.0),
            Side((trim(9, 104),), (scale(0.75),), (gamma(1.15),), Coding(crf=26)),
        ),
        exact=0.95, px=0.2,
    ),
    "stills": Pair(Twin("stills", scene(36, (30, 24, 30), ("moving", "still")), Side((trim(8, 80),)))),
    "identical": Pair(Twin("identical", scene(), Side())),
    # 23.976 tagged 25: the same frames, which time alone would lay a frame apart every second.
    "ntsc_25": Pair(Twin("ntsc_25", scene(rate=FILM), Side((at_rate(Fraction(25)),)), Side((trim(11, 100),)))),
    "rate_24_to_30": Pair(Twin("rate_24_to_30", scene(), Side((rate(Fraction(30000, 1001)),)))),
    "variable_rate": Pair(Twin("variable_rate", scene(), Side((trim(4, 98), variable(5))))),
    "no_sound": Pair(Twin("no_sound", scene(), replace(QUIET, time=(trim(12, 90),)), QUIET)),
}


@dataclass(frozen=True)
class Answer:
    """An answer and how right it is."""

    truth: dict[str, Any]
    alignment: Alignment
    score: Score


def answer(twin: Twin, folder: Path, settings: AlignSettings) -> Answer:
    truth = twin.write(folder)
    alignment = align(folder / truth["clip"], folder / truth["ref"], settings)

    def matrix_at(frame: int) -> np.ndarray | None:
        told = alignment.matrix_at(frame)
        return None if told is None else np.array(told).reshape(3, 3)

    return Answer(truth, alignment, judge(truth, alignment.clip_frames(), matrix_at))


@pytest.fixture(scope="module", params=list(PAIRS))
def made(request, tmp_path_factory) -> Iterator[tuple[Pair, Answer]]:
    pair = PAIRS[request.param]
    yield pair, answer(pair.twin, tmp_path_factory.mktemp(request.param), AlignSettings(cache="off"))


def test_the_frames(made):
    pair, found = made
    assert found.score.exact >= pair.exact, f"{found.score.right} of {found.score.frames} right"


def test_the_place(made):
    pair, found = made
    assert pair.px is not None and found.score.space_px is not None
    assert found.score.space_px < pair.px


def test_the_runs(made):
    """They cover the ref once and in order, each matched one says where its picture lies, and the JSON says all of it."""
    pair, found = made
    runs = found.alignment.runs
    assert [run.ref_first for run in runs] == [0, *[run.ref_end for run in runs[:-1]]] and runs[-1].ref_end == found.truth["ref_frames"]
    for run in runs:
        matched = run.verdict is not Verdict.UNMATCHED
        assert bool(run.pieces) is bool(run.transform) is matched
        assert sum(piece.ref_count for piece in run.pieces) == (run.ref_count if matched else 0)
        assert 0 <= run.score <= 1 and 0 <= run.confidence <= 1
    if pair.runs is not None:
        assert sum(run.verdict is not Verdict.UNMATCHED for run in runs) == pair.runs
    assert Alignment.from_json(found.alignment.to_json()) == found.alignment


def test_what_moves_is_exact(made):
    """Every pair here moves enough to be told to the frame, but for the stills, which are inside runs that do."""
    _, found = made
    assert {run.verdict for run in found.alignment.runs} <= {Verdict.EXACT, Verdict.UNMATCHED}


def test_unrelated_footage_is_said(tmp_path):
    twin = Twin("unrelated", scene(), Side(), stranger=scene(91, (40, 30, 36)))
    truth = twin.write(tmp_path)
    with pytest.raises(NotSameFootage) as caught:
        align(tmp_path / truth["clip"], tmp_path / truth["ref"], AlignSettings(cache="off"))
    told = caught.value.alignment
    assert told is not None and caught.value.exit_status == 3
    assert [run.verdict for run in told.runs] == [Verdict.UNMATCHED]
    assert told.clip_frames() == [None] * truth["ref_frames"] and told.matched == 0
    assert "\n" not in str(caught.value) and "clip.mp4" in str(caught.value)


@pytest.fixture(scope="module")
def sequences(tmp_path_factory) -> Path:
    """Two image sequences of odd sizes that begin at odd numbers: ref 321 x 181 from 1007, clip 201 x 121 from 53.

    The clip is the ref from its 11th frame on, cut out at (61, 33).
    """
    folder = tmp_path_factory.mktemp("sequences")
    source = reel(41, (40, 30), size_wh=(321, 181))
    for n in range(60):
        image = source.frame(n)
        cv2.imwrite(str(folder / f"ref.{1007 + n:04d}.png"), image)
        if n >= 11:
            cv2.imwrite(str(folder / f"clip.{53 + n - 11:04d}.png"), image[33 : 33 + 121, 61 : 61 + 201])
    return folder


def test_odd_sizes_and_odd_starts(sequences):
    settings = AlignSettings(cache="off", clip_rate="23.976", ref_rate="23.976")
    told = align(sequences / "clip.%04d.png", sequences / "ref.%04d.png", settings)
    assert told.clip_frames() == [None] * 11 + list(range(49))
    assert (told.ref.width, told.ref.height, told.ref.start_frame) == (321, 181, 1007)
    assert (told.clip.width, told.clip.height, told.clip.start_frame) == (201, 121, 53)
    assert told.matrix_at(30) == (1, 0, 61, 0, 1, 33, 0, 0, 1) and told.runs[-1].model == "shift"
    assert told.matrix_at(3) is None


def test_the_same_file_twice_is_itself(tmp_path):
    truth = Twin("self", scene(33, (40,)), Side()).write(tmp_path)
    told = align(tmp_path / truth["ref"], tmp_path / truth["ref"], AlignSettings(cache="off"))
    assert told.clip_frames() == list(range(40))
    assert [(run.verdict, run.model, run.score > 0.99) for run in told.runs] == [(Verdict.EXACT, "identity", True)]


def test_a_second_run_answers_the_same(tmp_path):
    """From the cache, without decoding anything again."""
    truth = Twin("again", scene(34, (36, 30)), Side((trim(5, 60),), (crop(20, 12, 280, 150),))).write(tmp_path)
    settings = AlignSettings(cache=str(tmp_path / "cache"))
    first, second = (align(tmp_path / truth["clip"], tmp_path / truth["ref"], settings) for _ in range(2))
    assert second.runs == first.runs
    assert second.evidence["decoded_again"] == 0


def test_off_leaves_nothing_behind(tmp_path, monkeypatch):
    truth = Twin("off", scene(34, (36,)), Side((trim(5, 33),))).write(tmp_path / "pair")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    align(tmp_path / "pair" / truth["clip"], tmp_path / "pair" / truth["ref"], AlignSettings(cache="off"))
    assert list((tmp_path / "tmp").iterdir()) == []
    assert {path.name for path in (tmp_path / "pair").iterdir()} == {"clip.mp4", "ref.mp4", "truth.json"}


def test_stopped_half_way(tmp_path):
    """At its first, second and fourth moment: Cancelled, and no half-made entry is left in the cache."""
    truth = Twin("stop", scene(34, (36,)), Side((trim(5, 33),))).write(tmp_path)
    for last in (1, 2, 4):
        asked: list[int] = []
        cache = tmp_path / f"cache{last}"
        with pytest.raises(Cancelled):
            align(
                tmp_path / truth["clip"], tmp_path / truth["ref"], AlignSettings(cache=str(cache)),
                Progress(wanted=lambda asked=asked, last=last: asked.append(1) or len(asked) < last),  # type: ignore[misc]
            )  # fmt: skip
        assert not [path for path in cache.iterdir() if path.name.startswith("new-")]


def test_progress_rises_from_start_to_end(tmp_path):
    truth = Twin("progress", scene(34, (36,)), Side((trim(5, 33),))).write(tmp_path)
    told: list[float] = []
    align(tmp_path / truth["clip"], tmp_path / truth["ref"], AlignSettings(cache="off"), Progress(lambda done, what: told.append(done)))
    assert told == sorted(told) and told[0] >= 0 and 0.85 < told[-1] <= 1
