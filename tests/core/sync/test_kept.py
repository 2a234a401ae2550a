"""Frames held in blocks come back as they went in."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.sync import kept
from genlock.core.sync.kept import Kept


def numbered(number: int, wh: tuple[int, int]) -> np.ndarray:
    w, h = wh
    return ((np.arange(w * h, dtype=np.uint32) * 31 + number * 7) % 251).astype(np.uint8).reshape(h, w)


@pytest.mark.parametrize("wh", [(2, 1), (7, 5), (64, 36)])
def test_frames_come_back_as_they_went_in_across_blocks(wh, monkeypatch):
    monkeypatch.setattr(kept, "BLOCK_BYTES", 3 * wh[0] * wh[1] + 1)
    held = Kept(wh, 10 * wh[0] * wh[1])
    for number in range(10):
        assert not held.full
        held.add(numbered(number, wh))
    assert held.full
    assert len(held.blocks) == 4
    for number in (9, 0, 5, 2, 3):
        assert np.array_equal(held[number], numbered(number, wh))
    for number in (-1, 10):
        with pytest.raises(IndexError):
            held[number]


def test_a_frame_larger_than_a_block_has_one_of_its_own(monkeypatch):
    monkeypatch.setattr(kept, "BLOCK_BYTES", 10)
    held = Kept((8, 4), 64)
    held.add(numbered(0, (8, 4)))
    held.add(numbered(1, (8, 4)))
    assert held.full
    assert np.array_equal(held[1], numbered(1, (8, 4)))


def test_what_was_handed_out_outlives_the_rest():
    held = Kept((16, 9), 1 << 20)
    held.add(numbered(3, (16, 9)))
    frame = held[0]
    del held
    assert np.array_equal(frame, numbered(3, (16, 9)))
