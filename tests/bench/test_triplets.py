"""The bench of triplets reads its footage rightly, and its error is that of the formula."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.bench.triplets import floors, in_folder, interpolation_error, main, of_footage
from genlock.tests.footage import Chart, number_on, write_pair


def test_the_error_is_counted_in_whole_levels() -> None:
    truth = np.full((4, 4, 3), 100, np.uint8)
    made = np.full((4, 4, 3), 102.4 / 255, np.float32)
    made[0] = 2.0
    assert interpolation_error(made, truth) == pytest.approx((3 * 2 + 155) / 4)


def test_folders_of_three(tmp_path: Path) -> None:
    for name, files in (("a", ("frame10", "frame10i11", "frame11")), ("b", ("im1", "im2", "im3")), ("c", ("im1", "im3"))):
        (tmp_path / name).mkdir()
        for k, file in enumerate(files):
            cv2.imwrite(str(tmp_path / name / f"{file}.png"), np.full((5, 6, 3), (10 * k, 0, 200), np.uint8))
    found = list(in_folder(tmp_path))
    assert [[int(picture[0, 0, 2]) for picture in triplet] for triplet in found] == [[0, 10, 20], [0, 10, 20]]
    assert found[0][0][0, 0, 0] == 200


def test_footage_gives_neighbours_of_one_shot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from genlock.hosts.demo.twin import Side, Twin

    Twin("chart", Chart(frames=40, rate=Fraction(24)), Side(), Side()).write(tmp_path / "chart")
    triplets = of_footage(tmp_path / "chart" / "ref.mp4", apart=1, count=8)
    numbers = [[number_on(picture) for picture in triplet] for triplet in triplets]
    assert len(numbers) > 2 and all(b == a + 1 and c == a + 2 and a % 2 == 0 for a, b, c in numbers)
    write_pair(tmp_path / "pair", Side(), lengths=(30, 20))
    assert main([str(tmp_path / "pair" / "ref.mp4"), "--count", "4"]) == 0
    rows = {line.split("|")[1].strip(): float(line.split("|")[2]) for line in capsys.readouterr().out.splitlines()[2:]}
    assert rows["ours, medium"] < 0.9 * rows["blend"] < rows["nearest"]


def test_floors_of_a_folder_of_triplets_hold_and_fall(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    wide = cv2.GaussianBlur(rng.integers(0, 255, (60, 120, 3), np.uint8), (0, 0), 2)
    for name, offsets in (("moves", (0, 4, 8)), ("still", (0, 0, 0))):
        (tmp_path / name / "a").mkdir(parents=True)
        for file, k in zip(("im1", "im2", "im3"), offsets, strict=True):
            cv2.imwrite(str(tmp_path / name / "a" / f"{file}.png"), wide[:, 20 - k : 100 - k])
    told = {floor.name: floor for floor in floors([tmp_path / "moves", tmp_path / "still"], 1, 8)}
    assert told["moves: error over blending"].holds and told["moves: error"].value < 1.5
    assert "still: error over blending" not in told
    cv2.imwrite(str(tmp_path / "moves" / "a" / "im2.png"), np.zeros((60, 80, 3), np.uint8))
    assert not next(floor for floor in floors([tmp_path / "moves"], 1, 8) if floor.name == "moves: error").holds
