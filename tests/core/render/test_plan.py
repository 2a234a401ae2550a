"""Which frame, which matrix, which score: against maps that were written down."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genlock.core.alignment import IDENTITY, Verdict
from genlock.core.errors import UsageError
from genlock.core.render.plan import NONE, clip_steps, counterpart, frames_within, steps

from .made import NTSC, aligned, media


def shift(x: float) -> tuple[float, ...]:
    return (1.0, 0.0, x, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


SHOWN = [None, None, 3, 4, 5, 5, 5, 9, 8, 7, None, 0, 2, 4]


def example(**more: object):
    return aligned(media("c", 12), media("r", len(SHOWN)), SHOWN, lambda n: shift(float(n)), **more)  # type: ignore[arg-type]


def test_each_ref_frame_has_its_clip_frame_and_its_matrix() -> None:
    found = list(steps(example()))
    assert [step.clip for step in found] == SHOWN
    assert [step.ref for step in found] == list(range(14))
    assert [step.clip_to_ref for step in found] == [None if shown is None else shift(float(n)) for n, shown in enumerate(SHOWN)]
    assert [step.verdict is Verdict.UNMATCHED for step in found] == [shown is None for shown in SHOWN]


@pytest.mark.parametrize(("first", "end"), [(0, 1), (3, 9), (6, 14), (10, 11), (13, 14)])
def test_a_part_is_a_part_of_the_whole(first: int, end: int) -> None:
    assert list(steps(example(), first, end)) == list(steps(example()))[first:end]
    assert list(clip_steps(example(), first, min(end, 12))) == list(clip_steps(example()))[first : min(end, 12)]


def test_the_threshold_asks_each_frame() -> None:
    scores = [None, None, 0.9, 0.2, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, None, 0.5, 0.9, 0.9]
    found = list(steps(example(scores=scores), threshold=0.6))
    assert [step.ref for step in found if step.clip is None] == [0, 1, 3, 10, 11]
    assert found[3].score == 0.2 and found[3].clip_to_ref is None


def test_a_run_speaks_for_frames_without_a_score() -> None:
    assert {step.score for step in steps(example()) if step.clip is not None} == {0.9}
    assert all(step.clip is None for step in steps(example(), threshold=0.95))


def test_the_ref_frame_of_each_clip_frame() -> None:
    there = counterpart(example())
    assert there[3] == 2 and there[5] == 5  # the middle of three
    assert list(there[[9, 8, 7]]) == [7, 8, 9]
    assert there[0] == 11 and there[2] == 12  # every second frame of the clip is shown; the ones between belong to the moment they are on
    assert there[4] == 3  # shown twice: the first stretch of equally long ones
    assert there[1] in (11, 12) and there[10] == NONE


def test_twice_the_rate_has_the_earlier_of_two_frames() -> None:
    there = counterpart(aligned(media("c", 6), media("r", 12, rate=Fraction(48)), [n // 2 for n in range(12)]))
    assert list(there) == [0, 2, 4, 6, 8, 10]


def test_half_the_rate_leaves_no_frame_of_the_clip_alone() -> None:
    there = counterpart(aligned(media("c", 12, rate=Fraction(50)), media("r", 6, rate=Fraction(25)), [1, 3, 5, 7, 9, 11]))
    assert list(there) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_on_the_clip_s_timeline_every_frame_comes_once() -> None:
    found = list(clip_steps(example()))
    assert [step.clip for step in found] == list(range(12))
    assert [step.ref for step in found if step.clip in (6, 10, 11)] == [None] * 3
    assert found[5].clip_to_ref == shift(5.0)
    assert found[10].clip_to_ref == found[9].clip_to_ref  # what is not placed lies where the frame before it lay


def test_nothing_matched_has_no_matrix() -> None:
    nothing = aligned(media("c", 3), media("r", 4), [None] * 4)
    assert [step.clip_to_ref for step in clip_steps(nothing)] == [None] * 3
    assert np.array_equal(counterpart(nothing), [NONE] * 3)


def test_ranges_are_named_by_frame_or_timecode() -> None:
    ref = media("r", 100, rate=NTSC, start_frame=86400 + 7, timecode="01:00:00:07")
    assert frames_within("", ref) == (0, 100)
    assert frames_within("3-9", ref) == (3, 10)
    assert frames_within("01:00:00:07-01:00:00:10", ref) == (0, 4)
    with pytest.raises(UsageError):
        frames_within("9-3", ref)
    with pytest.raises(UsageError):
        frames_within("90-100", ref)


def test_identity_is_what_it_says() -> None:
    assert IDENTITY == shift(0.0)
