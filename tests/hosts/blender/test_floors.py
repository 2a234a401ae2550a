"""What Blender renders of an applied alignment: of every frame, the number it shows and where its picture lies, read back from the pixels."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Matrix, Media, Piece, Run, Verdict
from genlock.core.space.geometry import resize_matrix
from genlock.hosts.jobs import Job, Request

from . import counter
from .child import each_blender, inside

CLIP_FRAMES, REF_FRAMES = 120, 40
REF_WH = (320, 180)
STILL: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
FLOOR_PX = 0.5


def about_middle(angle: float = 0.0, sx: float = 1.0, sy: float | None = None, shift: tuple[float, float] = (0.0, 0.0), wh=REF_WH) -> Matrix:
    """Scale, then turn by degrees counter-clockwise as seen, the clip's middle to the ref's middle and on by a shift."""
    turn = math.radians(angle)
    linear = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) @ np.diag([sx, sx if sy is None else sy])
    middle = (np.array(REF_WH) - 1) / 2 + shift
    moved = middle - linear @ ((np.array(wh) - 1) / 2)
    return (*linear[0], moved[0], *linear[1], moved[1], 0.0, 0.0, 1.0)


def tilted(amount: float) -> Matrix:
    """A picture seen from the side, its middle kept about where it was."""
    middle = np.array([[1, 0, 159.5], [0, 1, 89.5], [0, 0, 1.0]])
    lean = np.array([[0.95, 0.04, 3.0], [-0.03, 1.02, -4.0], [amount, -amount / 2, 1.0]])
    return tuple(float(x) for x in (middle @ lean @ np.linalg.inv(middle)).ravel())


@dataclass
class Case:
    """An alignment, and the timeline that it is applied to."""

    pieces: list[tuple[int, Fraction, Fraction]]
    """(ref frames, clip frame at the first one's start, speed)."""
    keys: tuple[tuple[int, Matrix], ...] = ((0, STILL),)
    clip_wh: tuple[int, int] = REF_WH
    rates: tuple[Fraction, Fraction] = (Fraction(24), Fraction(24))
    canvas_wh: tuple[int, int] = REF_WH
    scene: dict[str, Any] = field(default_factory=dict)
    ref_to_canvas: np.ndarray = field(default_factory=lambda: np.eye(3))
    ref_at: int = 11
    gap: tuple[int, int] = (0, 0)
    """Ref frames [first, end) that nothing matches."""


def plain(start: int) -> list[tuple[int, Fraction, Fraction]]:
    return [(REF_FRAMES, Fraction(start), Fraction(1))]


def one(matrix: Matrix) -> tuple[tuple[int, Matrix], ...]:
    return ((0, matrix),)


CASES = {
    "offset": Case(plain(17), one((1.0, 0.0, 12.4, 0.0, 1.0, -7.7, 0.0, 0.0, 1.0))),
    "speed": Case([(REF_FRAMES, Fraction(3), Fraction(25, 24))], one(about_middle(sx=0.9))),
    "twice": Case([(REF_FRAMES, Fraction(31), Fraction(2))]),
    "ramp": Case(
        [(10, Fraction(2), Fraction(1, 2)), (10, Fraction(7), Fraction(1)), (10, Fraction(17), Fraction(3, 2)), (10, Fraction(32), Fraction(3))]
    ),
    "freeze": Case([(12, Fraction(20), Fraction(1)), (15, Fraction(31), Fraction(0)), (13, Fraction(32), Fraction(1))]),
    "reverse": Case([(REF_FRAMES, Fraction(101), Fraction(-1))], one(about_middle(shift=(-3.25, 6.5)))),
    "re-edit": Case([(14, Fraction(70), Fraction(1)), (16, Fraction(5), Fraction(1)), (10, Fraction(110), Fraction(1))], gap=(14, 17)),
    "crop": Case(plain(40), one(about_middle(sx=1.45, sy=1.38, shift=(8.2, -4.6), wh=(211, 133))), clip_wh=(211, 133)),
    "rotation": Case(plain(9), ((0, about_middle(-2, 0.95)), (20, about_middle(4, 1.0, shift=(6.0, 3.0))), (39, about_middle(8, 1.05)))),
    "upside down": Case(plain(9), one(about_middle(180))),
    "mirror": Case(plain(1), one(about_middle(5, -1.0, 1.0))),
    "larger clip": Case(plain(33), one(about_middle(sx=0.5, shift=(0.25, 0.75), wh=(641, 361))), clip_wh=(641, 361)),
    "homography": Case(plain(25), one(tilted(0.0006))),
    "shear": Case([(REF_FRAMES, Fraction(3), Fraction(1, 2))], one((1.0, 0.12, -9.0, 0.03, 1.0, -4.0, 0.0, 0.0, 1.0))),
    "moving homography": Case(plain(0), ((0, tilted(0.0002)), (39, tilted(0.0009)))),
    "film rate in a larger scene": Case(
        [(REF_FRAMES, Fraction(60), Fraction(1001, 1000))], one(about_middle(sx=1.1)), rates=(Fraction(24), Fraction(24000, 1001)),
        canvas_wh=(641, 361), scene={"fps_base": 1.001, "ref_transform": {"scale_x": 2.0, "scale_y": 2.0, "offset_x": 0.5, "offset_y": 0.5}},
        ref_to_canvas=np.array([[2, 0, 1.0], [0, 2, 1.0], [0, 0, 1]]), ref_at=-3,
    ),
    "a trimmed ref": Case(plain(5), scene={"ref_trim": 6}),
}  # fmt: skip


def alignment_of(case: Case, clip: Path, ref: Path) -> Alignment:
    clip_rate, ref_rate = case.rates
    clip_media = Media(str(clip), CLIP_FRAMES, clip_rate, *case.clip_wh)
    ref_media = Media(str(ref), REF_FRAMES, ref_rate, *REF_WH, start_frame=86400, timecode="01:00:00:00")
    runs: list[Run] = []
    at = 0
    keys = tuple(Key(frame, matrix) for frame, matrix in case.keys)
    for number, (count, start, speed) in enumerate(case.pieces):
        first, start_s = at, start / clip_rate
        at += count
        if first <= case.gap[0] < at and case.gap[1] > case.gap[0]:
            runs.append(Run(first, case.gap[1] - first, Verdict.UNMATCHED))
            start_s += (case.gap[1] - first) / ref_rate * speed
            first = case.gap[1]
        piece = Piece(first, at - first, start_s, speed)
        joined = runs[-1] if runs and runs[-1].pieces and not case.gap[1] else None
        if joined is not None:
            runs[-1] = Run(joined.ref_first, at - joined.ref_first, Verdict.EXACT, (*joined.pieces, piece), keys, 0.9, 0.99)
        else:
            notes = ("have a look",) if number == 2 else ()
            runs.append(Run(first, at - first, Verdict.EXACT, (piece,), keys, 0.9, 0.99, notes=notes))
    return Alignment(clip_media, ref_media, tuple(runs))


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> dict[str, Path]:
    """Films by the size and rate of the case: clips that count, refs that are grey."""
    folder = tmp_path_factory.mktemp("footage")
    out: dict[str, Path] = {}
    for case in CASES.values():
        clip, ref = f"clip {case.clip_wh} {case.rates[0]}", f"ref {case.rates[1]}"
        if clip not in out:
            out[clip] = counter.write(folder / f"c{len(out)}.mkv", CLIP_FRAMES, case.clip_wh, case.rates[0])
        if ref not in out:
            out[ref] = counter.write(folder / f"r{len(out)}.mkv", REF_FRAMES, REF_WH, case.rates[1], plain=True)
    return out


@pytest.fixture(scope="module", name="laid")
def lay_all() -> dict[str, Any]:
    """What each Blender said, kept for all cases."""
    return {}


def in_blender(python: str, laid: dict[str, Any], footage: dict[str, Path], factory: pytest.TempPathFactory) -> Any:
    """All cases in one Blender, once: (what it said, the alignments)."""
    if python in laid:
        assert laid[python] is not None, "Blender failed; see the first test"
        return laid[python]
    laid[python] = None
    room = factory.mktemp("room")
    task: dict[str, Any] = {}
    alignments: dict[str, Alignment] = {}
    for name, case in CASES.items():
        clip, ref = footage[f"clip {case.clip_wh} {case.rates[0]}"], footage[f"ref {case.rates[1]}"]
        alignments[name] = alignment_of(case, clip, ref)
        folder = room / "jobs" / "blender" / name
        job = Job.create(folder, Request("align", {"clip": str(clip), "ref": str(ref)}, (str(folder / "aligned.json"),)))
        (folder / "aligned.json").write_text(json.dumps(alignments[name].to_json()))
        Path(job.result_path).write_text("{}")
        task[name] = {
            "job": str(folder), "ref": str(ref), "ref_at": case.ref_at, "frames": REF_FRAMES, "canvas_wh": case.canvas_wh, "fps": 24, **case.scene,
        }  # fmt: skip
    laid[python] = inside(python, "lay", room, task, limit_s=400), alignments
    return laid[python]


@each_blender
@pytest.mark.parametrize("name", CASES)
def test_every_frame_shows_the_right_number_at_the_right_place(python, name, laid, footage, tmp_path_factory):
    said, alignments = in_blender(python, laid, footage, tmp_path_factory)
    case, alignment, said = CASES[name], alignments[name], said[name]
    assert said["untouched"] and min(said["channels"]) > 4
    shown = alignment.clip_frames()
    wrong, worst, seen = [], 0.0, 0
    for frame, path in said["shots"].items():
        picture = counter.read(Path(path))
        matrix = alignment.matrix_at(int(frame))
        if shown[int(frame)] is None or matrix is None:
            assert (picture == 110).all(), f"frame {frame} shows something, and nothing was found there"
            continue
        to_canvas = case.ref_to_canvas @ np.array(matrix).reshape(3, 3)
        found = counter.number_in(picture, to_canvas, case.clip_wh)
        if found != shown[int(frame)]:
            wrong.append((int(frame), shown[int(frame)], found))
        worst = max(worst, counter.missed_px(picture, to_canvas, case.clip_wh))
        seen += 1
    print(f"{name}: {seen} frames, {len(wrong)} wrong, {worst:.3f} px at worst, rendered by genlock: {said['rendered']}")
    assert seen and not wrong
    assert worst <= FLOOR_PX


@each_blender
def test_what_is_laid(python, laid, footage, tmp_path_factory):
    said, _ = in_blender(python, laid, footage, tmp_path_factory)
    assert said["offset"]["types"] == ["MOVIE"]
    assert said["re-edit"]["types"] == ["MOVIE"] * 3
    assert said["twice"]["types"] == ["MOVIE", "SPEED"]
    assert said["freeze"]["types"] == ["MOVIE", "MOVIE", "MOVIE", "SPEED"]
    assert [text for _, text in said["re-edit"]["markers"]] == ["have a look"]


def test_the_reader_sees_what_is_wrong():
    """The judge itself: another number and a shift of a pixel are seen."""
    picture = counter.frame(37, REF_WH)
    assert counter.number_in(picture, np.eye(3), REF_WH) == 37
    assert counter.missed_px(picture, np.eye(3), REF_WH) < 0.02
    assert counter.missed_px(picture, np.array(resize_matrix(REF_WH, (324, 180))), REF_WH) > FLOOR_PX
    assert counter.number_in(counter.frame(36, REF_WH), np.eye(3), REF_WH) == 36
