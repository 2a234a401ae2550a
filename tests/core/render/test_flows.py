"""What the flow remembers from frame to frame begins at fixed borders: a frame's map is the same wherever the making began."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genlock.core.alignment import IDENTITY
from genlock.core.media.plates import open_plates
from genlock.core.render import mapping
from genlock.core.render.mapping import Flows, warm_from
from genlock.core.space.flow import Flow

from .made import charts, film

FRAMES, BLOCK, WARM = 30, 8, 3


class Counting:
    """An estimator that says how many frames it remembers, by how far it moves each point."""

    def estimate(self, clip: np.ndarray, ref: np.ndarray, start: np.ndarray, previous: Flow | None = None, **more: object) -> Flow:
        seen = 1 + (previous.memory if previous is not None else 0)
        return Flow((start + seen).astype(np.float32), np.ones(start.shape[:2], np.float32), seen)


class Run:
    """The frames of one picture, shown again and again."""

    def __init__(self, path: Path) -> None:
        with open_plates(path) as plates:
            self.info, self.plate = plates.info, next(plates.frames())

    def moved(self, first: int, end: int, rests: tuple[int, ...] = ()) -> dict[int, float]:
        """How far each of the frames first … end - 1 that has a map moves each point."""
        flows, found = Flows(Counting(), self.info, self.info, first, FRAMES), {}
        for number in range(warm_from(first), end):
            if number in rests:
                flows.rest(number)
                continue
            field = flows.between(self.plate, self.plate, IDENTITY, number)
            assert (field is None) == (number < first)
            if field is not None:
                found[number] = float(field[0, 0, 0])
        return found


@pytest.fixture
def run(tmp_path: Path, monkeypatch) -> Run:
    monkeypatch.setattr(mapping, "BLOCK", BLOCK)
    monkeypatch.setattr(mapping, "WARM", WARM)
    return Run(film(tmp_path / "c.mkv", charts(range(1), (16, 12)), pix_fmt="gray"))


def test_a_block_remembers_itself_and_a_little_of_the_one_before(run):
    moved = run.moved(0, FRAMES)
    assert [moved[n] for n in range(5)] == [1, 2, 3, 4, 5]
    # Frames 5 to 7 warm the next block up: 6, 7, 8 are remembered by their own, 1, 2, 3 by the next, which comes in by 1/16, 4/16, 9/16.
    assert [moved[n] for n in (5, 6, 7)] == pytest.approx([6 - 5 / 16, 7 - 5 * 4 / 16, 8 - 5 * 9 / 16])
    assert [moved[n] for n in range(8, 13)] == [4, 5, 6, 7, 8]
    assert [moved[n] for n in range(24, 30)] == [4, 5, 6, 7, 8, 9], "no block comes after the last one"


@pytest.mark.parametrize("rests", [(), (6,), (7, 8), (5, 6, 7, 8, 9), (16,)])
def test_wherever_it_begins_and_ends_a_frame_has_the_same_map(rests, run):
    whole = run.moved(0, FRAMES, rests)
    for first in range(FRAMES):
        for end in (first + 1, min(first + 9, FRAMES)):
            part = run.moved(first, end, rests)
            assert part == {number: whole[number] for number in range(first, end) if number not in rests}


def test_no_more_than_a_block_and_its_warming_up_is_looked_at(run):
    assert [warm_from(first) for first in (0, 7, 8, 15, 16, 29)] == [0, 0, 5, 5, 13, 21]
