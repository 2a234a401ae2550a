"""Footage that is handed in by a function: the same answers as from a file of the same pictures."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
import pytest

from genlock.core.align import align
from genlock.core.alignment import Verdict
from genlock.core.errors import NotSameFootage, UsageError
from genlock.core.media.footage import Given, given_footage
from genlock.hosts.demo.scene import reel

RATE = Fraction(24000, 1001)
SCENE = reel(5, (24, 30, 20), size_wh=(241, 135))
LUMA = [cv2.cvtColor(SCENE.frame(n), cv2.COLOR_BGR2GRAY) for n in range(74)]


def given(first: int, count: int, of: Callable[[np.ndarray], np.ndarray] = lambda picture: picture, rate: Fraction = RATE) -> Given:
    h, w = of(LUMA[0]).shape
    return Given("made", (w, h), count, rate, lambda n: np.ascontiguousarray(of(LUMA[first + n])))


def test_frames_come_as_they_are() -> None:
    with given_footage(given(3, 5)) as footage:
        assert [frame.number for frame in footage.frames()] == [0, 1, 2, 3, 4]
        assert footage.index is not None and footage.index.keys == (0, 1, 2, 3, 4)
        (third,) = footage.at([2])
        assert np.array_equal(third.luma(), LUMA[5])
        media = footage.media()
    assert (media.frames, media.rate, media.width, media.height, media.pts, media.sound) == (5, RATE, 241, 135, None, False)
    assert (footage.files, list(footage.sound())) == ((), [])


def test_a_crop_is_found_in_time_and_space() -> None:
    """Frames 11 to 58, cut out of the picture at (30, 20)."""
    found = align(given_footage(given(11, 48, lambda p: p[20:116, 30:200])), given_footage(given(0, 74)))
    shown = found.clip_frames()
    assert shown == [None] * 11 + list(range(48)) + [None] * 15
    matrix = found.matrix_at(30)
    assert matrix is not None
    assert np.allclose(np.array(matrix), [1, 0, 30, 0, 1, 20, 0, 0, 1], atol=0.05)
    assert found.clip.path == "made" and found.clip.digest == ""


def test_two_pairs_of_one_name_are_not_mixed_up(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of frames that were handed in is kept, so a second pair gets an answer of its own."""
    monkeypatch.setenv("GENLOCK_CACHE", str(tmp_path))
    first = align(given_footage(given(0, 40)), given_footage(given(0, 60)))
    second = align(given_footage(given(10, 40)), given_footage(given(0, 60)))
    assert first.clip_frames()[:3] == [0, 1, 2]
    assert second.clip_frames()[:12] == [None] * 10 + [0, 1]


def test_what_is_foreign_is_refused() -> None:
    other = reel(99, (40,), size_wh=(240, 136))
    pictures = [cv2.cvtColor(other.frame(n), cv2.COLOR_BGR2GRAY) for n in range(40)]
    with pytest.raises(NotSameFootage) as refused:
        align(given_footage(Given("other", (240, 136), 40, RATE, lambda n: pictures[n])), given_footage(given(0, 60)))
    assert refused.value.alignment is not None
    assert {run.verdict for run in refused.value.alignment.runs} == {Verdict.UNMATCHED}


@pytest.mark.parametrize(("size_wh", "frames", "rate"), [((0, 9), 5, RATE), ((9, 9), 0, RATE), ((9, 9), 5, Fraction(0))])
def test_nothing_is_no_footage(size_wh: tuple[int, int], frames: int, rate: Fraction) -> None:
    with pytest.raises(UsageError):
        Given("nothing", size_wh, frames, rate, lambda n: LUMA[0])


@pytest.mark.parametrize("picture", [np.zeros((135, 240), np.uint8), np.zeros((135, 241), np.float32)])
def test_a_picture_of_another_kind_is_an_error(picture: np.ndarray) -> None:
    with given_footage(Given("odd", (241, 135), 3, RATE, lambda n: picture)) as footage, pytest.raises(ValueError, match="frame 0 of odd"):
        list(footage.frames())
