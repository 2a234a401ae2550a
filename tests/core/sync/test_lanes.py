"""Long footage: the path over lanes is the path over all pairs, and the work for a frame does not grow with length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from genlock.core.sync.coarse import Among, _All, _Lanes, _prices, _Shape, steps_of
from genlock.core.sync.hits import Hits, Shared
from genlock.core.sync.lanes import BLOCK, WIDE, Lanes, lanes_of, lanes_path
from genlock.core.sync.packed import Packed
from genlock.core.sync.path import Prices, best_path, line_at

D = 96
STEP_REF, STEP_CLIP = 6, 3
AROUND = (4, 8)


@dataclass(frozen=True)
class Film:
    """What every frame looks like, as a unit vector: each shot a picture of its own that turns slowly, or stands still."""

    ends: np.ndarray
    first: np.ndarray
    then: np.ndarray
    turn: float

    def at(self, frames: np.ndarray) -> np.ndarray:
        shot = np.searchsorted(self.ends, frames, "right")
        begun = np.concatenate([[0], self.ends])[shot]
        angle = (self.turn * (frames - begun))[:, None]
        return unit(np.cos(angle) * self.first[shot] + np.sin(angle) * self.then[shot])


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def film(frames: int, shot: tuple[int, int] = (48, 192), turn: float = 0.02, seed: int = 1) -> Film:
    """Shots of so many frames; half of every picture is what all of them have in common, a logo say."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(*shot, frames // shot[0] + 2)
    ends = np.cumsum(lengths)[: int(np.searchsorted(np.cumsum(lengths), frames)) + 1]
    common = rng.standard_normal(D)
    first, then = rng.standard_normal((2, len(ends), D))
    return Film(ends, unit(first + 0.6 * common), unit(then), turn)


def edited(of: Film, seed: int = 2) -> np.ndarray:
    """Film frames of another edit: one shot in ten is missing, one in fifteen is foreign (-1), it begins later."""
    rng, out, begin = np.random.default_rng(seed), [], 72
    for end in of.ends:
        if rng.random() < 1 / 15:
            out.append(np.full(int(rng.integers(24, 96)), -1))
        if rng.random() > 0.1:
            out.append(np.arange(min(begin, end), end))
        begin = end
    return np.concatenate(out)


def packed(vectors: np.ndarray) -> Packed:
    out = Packed(*vectors.shape)
    for k, vector in enumerate(vectors.astype(np.float32)):
        out[k] = vector
    return out


@dataclass(frozen=True)
class Matched:
    right: float
    """Share of the ref's steps that show the right clip frame to two steps, or rightly none."""
    same_shot: float
    """The same, where any frame of the right shot will do."""
    looked: float
    """Pairs of words and of vectors looked at, for each step of the ref."""
    score: float


def matched(of: Film, ref: np.ndarray, clip: np.ndarray, noise: float = 0.5, everything: bool = False) -> Matched:
    """ref and clip are film frames; -1 is foreign."""
    rng = np.random.default_rng(9)
    rows, columns = ref[::STEP_REF], clip[::STEP_CLIP]
    a, b = of.at(rows), of.at(np.maximum(columns, 0))
    b[columns < 0] = unit(rng.standard_normal((int((columns < 0).sum()), D)))
    b = unit(b + noise * rng.standard_normal(b.shape) / np.sqrt(D))
    shape = _Shape(steps_of(10**6, 10**6), Among(), np.zeros(len(a), bool), np.zeros(len(b), bool), AROUND)
    way = _All(a.astype(np.float32), b.astype(np.float32), shape) if everything else _Lanes(packed(a), packed(b), shape)
    path = way.path(STEP_REF / STEP_CLIP, _prices(STEP_REF))
    where = np.full(int(of.ends[-1]), -1)
    where[clip[clip >= 0]] = np.flatnonzero(clip >= 0)
    truth, shot = where[rows], np.searchsorted(of.ends, np.arange(int(of.ends[-1])), "right")
    shown = clip[np.clip(path.at * STEP_CLIP, 0, len(clip) - 1)]
    plays = path.at >= 0
    right = np.where(truth < 0, ~plays, plays & (np.abs(path.at * STEP_CLIP - truth) <= 2 * STEP_REF))
    same = np.where(truth < 0, ~plays, plays & (shown >= 0) & (shot[shown] == shot[rows]))
    looked = 0 if isinstance(way, _All) else way.shared.looked + way.compared
    return Matched(float(right.mean()), float(same.mean()), looked / len(a), path.score)


def minutes(count: float) -> int:
    return int(count * 60 * 24)


@pytest.mark.parametrize("slope", [1.0, 2.0, 0.5, 25 / 24])
@pytest.mark.parametrize("seed", range(3))
def test_with_all_lanes_it_is_the_path_over_all_pairs(seed, slope):
    """The same score to rounding, for scores of any kind; runs of several blocks, and a last one that is not full."""
    rng = np.random.default_rng(seed)
    n, m = 2 * BLOCK + 7, 45
    scores = rng.normal(-0.3, 0.8, (n, m)).astype(np.float32)
    for start, end, first in ((3, 20, 4), (22, 37, 11)):
        shown = first + np.round(np.arange(end - start) * slope).astype(int)
        scores[np.arange(start, end)[shown < m], shown[shown < m]] = 1
    base = line_at(n, slope)
    every = np.arange((m + int(base[-1]) + WIDE) // WIDE * WIDE + WIDE)
    lanes = Lanes(base, [every] * (n // BLOCK + 1))
    prices = Prices(step=0.3, jump=2.1, leave=1.3, enter=1.1)

    def score(first: int, end: int, clip: np.ndarray) -> np.ndarray:
        return scores[np.arange(first, end)[:, None], np.clip(clip, 0, m - 1)]

    found, whole = lanes_path(lanes, m, score, prices), best_path(scores, slope, prices)
    assert found.score == pytest.approx(whole.score, abs=1e-3)
    assert (found.at == whole.at).all()


def test_hits_are_told_for_parts_of_the_ref_and_are_those_of_the_whole():
    """So memory does not hold hundreds for each frame of a long film."""
    of = film(minutes(8))
    a, b = packed(of.at(np.arange(0, of.ends[-1], STEP_REF))), packed(of.at(np.arange(0, of.ends[-1], STEP_CLIP)))
    rows = np.flatnonzero(np.arange(len(a)) % 7 != 3)
    shared = Shared(a, rows, b, np.arange(40, len(b)), AROUND)

    def told(parts: list[tuple[int, int]]) -> list[tuple[int, int, float]]:
        found = [shared.between(first, end) for first, end in parts]
        return sorted((int(i), int(j), float(w)) for one in found for i, j, w in zip(one.ref, one.clip, one.weight, strict=True))

    whole = told([(0, len(a))])
    assert len(whole) > len(rows) and told([(0, 100), (100, 1117), (1117, 1118), (1118, len(a))]) == whole
    assert {i for i, _, _ in whole} <= set(rows.tolist()) and min(j for _, j, _ in whole) >= 40

    asked: list[tuple[int, int]] = []
    lanes_of(lambda first, end: asked.append((first, end)) or nowhere(first, end), 10_007, 9000, 1.0)
    assert [k for first, end in asked for k in range(first, end)] == list(range(10_007))
    assert max(end - first for first, end in asked) <= 2048 and all(first % BLOCK == 0 for first, _ in asked)


def nowhere(first: int, end: int) -> Hits:
    return Hits(np.zeros(0, int), np.zeros(0, int), np.zeros(0))


def test_nothing_points_anywhere():
    """No hits, no lanes, nothing played."""
    lanes = lanes_of(nowhere, 50, 80, 2.0)
    assert lanes.cells == 0
    path = lanes_path(lanes, 80, lambda first, end, clip: np.ones(clip.shape, np.float32), _prices(6))
    assert (path.at == -1).all() and path.score == 0


def test_a_pair_known_by_hand_has_a_lane():
    lanes = lanes_of(nowhere, 50, 80, 2.0, ((70, 20),))
    assert 70 - int(lanes.base[20]) + lanes.lead in lanes.offsets[20 // BLOCK]


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_another_edit_is_found_as_well_as_by_looking_at_everything(noise):
    of = film(minutes(8))
    ref, clip = np.arange(of.ends[-1]), edited(of)
    found, whole = matched(of, ref, clip, noise), matched(of, ref, clip, noise, everything=True)
    assert found.right >= whole.right - 0.003 and found.right > 0.97
    assert found.score == pytest.approx(whole.score, rel=0.01)


def test_shots_in_any_order():
    of = film(minutes(8))
    begin = np.concatenate([[0], of.ends[:-1]])
    order = np.random.default_rng(4).permutation(len(of.ends))
    clip = np.concatenate([np.arange(begin[k], of.ends[k]) for k in order])
    assert matched(of, np.arange(of.ends[-1]), clip).right > 0.98


@pytest.mark.parametrize("shot", [(72, 240), (24 * 40, 24 * 160)])
def test_title_cards_and_slides_that_stand_still(shot):
    """Which moment of a still it is, nobody can see; which still it is, everybody can: as well as by looking at everything."""
    of = film(minutes(10), shot, turn=0.0)
    ref, clip = np.arange(of.ends[-1]), edited(of)
    assert matched(of, ref, clip, 0.3).same_shot > matched(of, ref, clip, 0.3, everything=True).same_shot - 0.02


def test_the_same_opening_in_every_episode():
    """Twelve times a half minute that is the same, each time before its own episode: only what is around it tells them apart."""
    of = film(minutes(8))
    half = minutes(0.5)
    ref = np.concatenate([part for k in range(12) for part in (np.arange(half), half * (k + 1) + np.arange(half))])
    begun = minutes(0.3)
    a, b = of.at(ref[::STEP_REF]), of.at(ref[begun:][::STEP_CLIP])
    shape = _Shape(steps_of(10**6, 10**6), Among(), np.zeros(len(a), bool), np.zeros(len(b), bool), AROUND)
    path = _Lanes(packed(a), packed(b), shape).path(2.0, _prices(STEP_REF))
    truth = np.arange(len(a)) * STEP_REF - begun
    assert (np.abs(path.at * STEP_CLIP - truth)[truth > STEP_REF] <= 2 * STEP_REF).mean() > 0.99


@pytest.mark.parametrize("kind", ["edit", "cards", "one still"])
def test_the_work_for_a_frame_does_not_grow(kind):
    """Counted, not timed: pairs looked at for a step of the ref, of 3 minutes, of 10, and of 40."""
    turn, shot = (0.02, (48, 192)) if kind == "edit" else (0.0, (72, 240) if kind == "cards" else (10**6, 10**6 + 1))
    looked = []
    for length in (3, 10, 40):
        of = film(minutes(length), shot, turn)
        ref = np.arange(min(int(of.ends[-1]), minutes(length)))
        found = matched(of, ref, edited(of) if kind != "one still" else ref, 0.3)
        looked.append(found.looked)
    assert looked[2] < 1.35 * looked[1] and looked[2] < 1.5 * looked[0]


def test_packed_vectors_have_the_same_products():
    rng = np.random.default_rng(1)
    a, b = unit(rng.standard_normal((40, 640))), unit(rng.standard_normal((40, 640)))
    b[:20] = unit(a[:20] + 0.02 * b[:20])
    exact = (a * b).sum(1)
    assert np.abs((packed(a)[np.arange(40)] * packed(b)[0:40]).sum(1) - exact).max() < 0.002
    empty = Packed(2, 3)
    empty[0] = np.zeros(3, np.float32)
    assert (empty[0:2] == 0).all()
