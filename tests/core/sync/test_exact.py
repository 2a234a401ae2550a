"""The exact path against every path there is, on fields so small that all can be priced."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from genlock.core.progress import Progress
from genlock.core.sync.exact import JUMP, LEAVE, STEP, ExactPath, exact_path
from genlock.core.sync.path import NOTHING
from genlock.core.sync.scores import Field
from genlock.core.sync.segments import Segment

State = tuple[int, int] | None
OFF = {0: 0.0, 1: STEP, 2: 1.6 * STEP, 3: 2.2 * STEP}
"""What it costs to be so many frames off the line of the frame before."""


def field(score: np.ndarray, first: int = 0, origin: int = 0, low: int = 0, slope: float = 1.0) -> Field:
    n = len(score)
    line = np.floor(origin + 0.5 + np.arange(n) * slope).astype(int)
    segment = Segment(first, first + n - 1, slope, origin + 0.5, low, low + score.shape[1] - 1)
    return Field(segment, first, line, low, score.astype(np.float32), np.zeros(n), np.zeros(n), np.zeros(n, bool))


def clip_frame(fields: list[Field], frame: int, state: State) -> int:
    if state is None:
        return NOTHING
    one = fields[state[0]]
    return int(one.base[frame - one.first] + one.low + state[1])


def step_price(fields: list[Field], frame: int, before: State, here: State) -> float:
    if before is None or here is None:
        return 0.0 if before == here else LEAVE
    best = JUMP
    if before[0] == here[0]:
        off = here[1] - before[1]
        one = fields[here[0]]
        ahead = int(one.base[frame - one.first] - one.base[frame - one.first - 1])
        if abs(off) in OFF and ahead + off >= 0:
            best = min(best, OFF[abs(off)])
    return best


def every_path(fields: list[Field], frames: int) -> tuple[float, list[int]]:
    """The best of all paths, tried one by one."""
    choices: list[list[State]] = []
    for i in range(frames):
        open_ = [(n, k) for n, one in enumerate(fields) if one.first <= i < one.end for k in range(one.score.shape[1])]
        choices.append([None, *open_])
    best, path = -np.inf, []
    for states in itertools.product(*choices):
        total, before = 0.0, None
        for i, here in enumerate(states):
            total -= step_price(fields, i, before, here)
            if here is not None:
                total += float(fields[here[0]].score[i - fields[here[0]].first, here[1]])
            before = here
        if total > best:
            best, path = total, [clip_frame(fields, i, state) for i, state in enumerate(states)]
    return best, path


def same(found: ExactPath, wanted: list[int]) -> bool:
    """Every frame that the best path plays; more only where a price alone kept a frame at a run's end from being played."""
    at = found.at.tolist()
    extra = [i for i, (a, b) in enumerate(zip(at, wanted, strict=True)) if a != b]
    beside = [any(0 <= k < len(at) and wanted[k] != NOTHING for k in (i - 1, i + 1)) for i in extra]
    return all(wanted[i] == NOTHING for i in extra) and all(beside)


def scores(seed: int, n: int, m: int) -> np.ndarray:
    """Frames that match well or not at all."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, m)) < 0.45, rng.uniform(3, 16, (n, m)), rng.uniform(-60, -30, (n, m)))


@pytest.mark.parametrize("seed", range(6))
def test_one_field(seed):
    fields = [field(scores(seed, 6, 4), origin=3, low=-1)]
    assert same(exact_path(fields, 6, Progress()), every_path(fields, 6)[1])


@pytest.mark.parametrize("slope", [0.5, 1.25, 2.0])
@pytest.mark.parametrize("seed", range(2))
def test_a_field_of_another_slope(seed, slope):
    fields = [field(scores(20 + seed, 6, 4), origin=2, slope=slope)]
    assert same(exact_path(fields, 6, Progress()), every_path(fields, 6)[1])


@pytest.mark.parametrize("seed", range(6))
def test_two_fields_that_overlap(seed):
    fields = [field(scores(40 + seed, 4, 3), first=0), field(scores(60 + seed, 4, 3), first=2, origin=50)]
    assert same(exact_path(fields, 6, Progress()), every_path(fields, 6)[1])


def diagonal(frames: int, columns: int, right: int, good: float = 4.0, bad: float = -12.0) -> np.ndarray:
    out = np.full((frames, columns), bad)
    out[:, right] = good
    return out


def solved(*fields: Field, frames: int) -> ExactPath:
    return exact_path(list(fields), frames, Progress())


def test_a_cut_is_where_the_frames_say():
    """Both fields reach over the cut; the first matches up to frame 11, the second from 12 on."""
    a, b = diagonal(18, 5, 2), diagonal(18, 5, 2)
    a[12:], b[:6] = -20, -20
    found = solved(field(a, 0, 100), field(b, 6, 300), frames=24)
    assert found.at.tolist() == [*range(102, 114), *range(308, 320)]
    assert found.segment.tolist() == [0] * 12 + [1] * 12


def test_a_dropped_frame_is_a_step():
    score = diagonal(30, 5, 1)
    score[15:] = -12
    score[15:, 2] = 4
    found = solved(field(score, 0, 10), frames=30)
    assert found.at.tolist() == [*range(11, 26), *range(27, 42)]


def test_where_nothing_matches_nothing_plays():
    found = solved(field(np.full((9, 3), -20.0)), frames=9)
    assert (found.at == NOTHING).all() and (found.segment == -1).all()


def test_no_fields():
    assert (solved(frames=5).at == NOTHING).all()


def test_frames_that_match_as_well_are_told():
    """The frame before is as good; the one after is not."""
    score = diagonal(20, 5, 2)
    score[:, 1] = 3.6
    found = solved(field(score, 0, 10), frames=20)
    assert (found.at - found.low).tolist() == [1] * 20 and (found.high - found.at).tolist() == [0] * 20
    assert found.earlier == pytest.approx(0.4, abs=1e-4) and (found.later > 5).all()


def test_a_frame_that_the_clip_has_not_is_never_shown():
    score = diagonal(20, 5, 2)
    score[:, 3:] = -np.inf
    score[10:, 2] = -np.inf
    found = solved(field(score, 0, 10), frames=20)
    assert found.at[:10].tolist() == list(range(12, 22)) and (found.at[10:] <= np.arange(21, 31)).all()
