"""The bench judges: a right answer gets everything, a wrong one loses exactly what is wrong; floors fall when they should."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.bench import floors, run
from genlock.bench.long import long_pair
from genlock.bench.pairs import pairs
from genlock.bench.tools import Tool, named, this_clone
from genlock.bench.trial import trial
from genlock.hosts.demo import cutting
from genlock.hosts.demo.judge import judge
from genlock.hosts.demo.twin import Side
from genlock.tests.footage import write_pair

ROOT = Path(__file__).resolve().parents[2]
EYE = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]


def _truth(**more: Any) -> dict[str, Any]:
    return {
        "map": [None, 0, 1, 2, 3], "sure": [True, True, True, False, True], "same": [None, [0, 0], [1, 1], [2, 2], [3, 4]],
        "also": [[], [], [[7, 7]], [], []], "matrix": EYE, "clip_size": [90, 60], **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("frames", "right"),
    [
        ([None, 0, 1, 2, 3], 5),
        ([None, 0, 7, None, 4], 5),
        ([None, None, 1, 2, 3], 4),
        ([0, 0, 1, 2, 3], 4),
        ([None, 1, 2, 3, 5], 1),
    ],
    ids=["all", "a twin, nothing for a lost frame, a still", "nothing for a sure frame", "something for nothing", "one off"],
)
def test_frames_are_counted(frames: list[int | None], right: int) -> None:
    assert judge(_truth(), frames, lambda frame: np.eye(3)).right == right


def test_a_shift_of_a_pixel_is_a_pixel() -> None:
    """Every fifth frame is looked at; of frames 0 to 4 only frame 0, so the truth is moved to make it play."""
    truth = _truth(map=[0, 0, 1, 2, 3], same=[[0, 0], [0, 0], [1, 1], [2, 2], [3, 4]])
    moved = np.array([[1, 0, 0.6], [0, 1, 0.8], [0, 0, 1]])
    assert judge(truth, [0, 0, 1, 2, 3], lambda frame: moved).space_px == pytest.approx(1.0)
    assert judge(truth, [0, 0, 1, 2, 3], lambda frame: None).space_px == float("inf")


ORACLE = """
import json, sys
from fractions import Fraction
from pathlib import Path
import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange
clip, ref, out = map(Path, sys.argv[1:])
truth = json.loads((clip.parent / "truth.json").read_text())
rate = float(Fraction(truth["clip_fps"]))
track = otio.schema.Track()
for frame in truth["map"]:
    one = TimeRange(RationalTime(frame or 0, rate), RationalTime(1, rate))
    if frame is None:
        track.append(otio.schema.Gap(source_range=one))
        continue
    media = otio.schema.ExternalReference(target_url=otio.url_utils.url_from_filepath(str(clip)))
    item = otio.schema.Clip(media_reference=media, source_range=one)
    item.metadata["genlock"] = {"transform": [x for row in truth["matrix"] for x in row]}
    track.append(item)
timeline = otio.schema.Timeline()
timeline.tracks.append(track)
otio.adapters.write_to_file(timeline, str(out))
"""


def _tool(code: str) -> Tool:
    return Tool("made", (sys.executable, "-c", code, "{clip}", "{ref}", "{out}"))


def test_who_answers_the_truth_is_all_right(tmp_path: Path) -> None:
    write_pair(tmp_path, Side((cutting.cut(10, 20),), sound=False), lengths=(20, 20))
    row = trial(_tool(ORACLE), tmp_path, 1.0)
    assert (row.exit, row.exact, row.space_px) == (0, 1.0, 0.0)
    assert row.peak_mb > 20 and row.wall_s > 0


def test_who_says_nothing_gets_nothing(tmp_path: Path) -> None:
    write_pair(tmp_path, Side((cutting.cut(10, 20),), sound=False), lengths=(20, 20))
    row = trial(_tool("import sys; sys.exit('no idea')"), tmp_path, 1.0)
    assert (row.exit, row.exact, row.said) == (1, 0.0, "no idea")


def test_not_the_same_footage_is_an_answer(tmp_path: Path) -> None:
    """It is right for the eight frames whose neighbours are gone too, and for the two that have one: not to play is allowed there."""
    write_pair(tmp_path, Side((cutting.cut(10, 20),), sound=False), lengths=(20, 20))
    assert trial(_tool("import sys; sys.exit(3)"), tmp_path, 1.0).exact == pytest.approx(10 / 40)


def test_measure_sees_memory_and_the_exit_status(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    code = "import sys; x = bytearray(80_000_000); x[::4096] = b'x' * len(x[::4096]); sys.exit(7)"
    status = subprocess.run([sys.executable, str(ROOT / "bench" / "measure.py"), "--to", str(figures), sys.executable, "-c", code], check=False)
    found = json.loads(figures.read_text())
    assert status.returncode == found["exit"] == 7
    assert 80 < found["peak_mb"] < 160


def test_pairs_cover_their_kinds_once_each() -> None:
    names = [pair.name for pair in pairs()]
    assert len(names) == len(set(names)) >= 30
    assert {"mirror", "repeat", "reverse", "on_twos", "pan_and_scan", "stills", "black", "no_sound", "variable_rate", "unrelated"} <= set(names)


def test_a_long_pair_is_as_long_as_asked_and_another_edit() -> None:
    pair = long_pair(3)
    assert pair.source.frames == 3 * 60 * 24
    assert len(pair.clip.time) >= 2


def test_an_unknown_pair_and_an_unknown_commit_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--only", "nonesuch"]) == 2
    assert "no pair is called nonesuch" in capsys.readouterr().err
    with pytest.raises(ValueError, match="neither a commit nor a command"), named("no-such-commit-0000"):
        raise AssertionError("not reached")


def test_this_clone_runs_this_clone() -> None:
    argv = this_clone().argv(Path("a.mov"), Path("b {clip}.mov"), Path("o.otio"))
    assert argv[-5:] == ["align", "a.mov", "b {clip}.mov", "-o", "o.otio"]


def _rows(**more: Any) -> list[dict[str, Any]]:
    good = {"exact": 1.0, "space_px": 0.05, "over_decode": 2.0, "exit": 0}
    return [{**good, "case": "trim", **more}, {**good, "case": "unrelated", "exit": 3}]


@pytest.mark.parametrize(
    ("more", "fell"),
    [
        ({}, set()),
        ({"exact": 0.89}, {"mean exact", "trim: exact"}),
        ({"space_px": 0.7}, {"trim: space px", "median space px"}),
        ({"space_px": float("nan")}, {"trim: space px", "median space px"}),
        ({"over_decode": 9.0}, {"median x decode"}),
    ],
)
def test_floors_fall(more: dict[str, Any], fell: set[str]) -> None:
    assert {floor.name for floor in floors.of_cases(_rows(**more)) if not floor.holds} == fell


def test_an_answer_for_strangers_falls() -> None:
    rows = _rows()
    rows[1]["exit"] = 0
    assert [floor.name for floor in floors.of_cases(rows) if not floor.holds] == ["unrelated: exit status is 3"]


def test_no_rows_do_not_pass(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]")
    assert floors.main([str(tmp_path / "none.json")]) == 1


@pytest.mark.parametrize(("peak", "fell"), [(300.0, 0), (350.0, 1), (1100.0, 2)])
def test_memory_may_not_grow_with_length(peak: float, fell: int) -> None:
    rows = [{"case": "10", "exact": 0.99, "over_decode": 1.5}]
    assert sum(not floor.holds for floor in floors.of_long(rows, {"2": 290.0, "10": peak})) == fell
    assert sum(not floor.holds for floor in floors.of_long([], {})) == 4
