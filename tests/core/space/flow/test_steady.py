"""From frame to frame: no shimmer where nothing changes, and no lag where something does."""

from __future__ import annotations

import numpy as np

from genlock.core.space.flow import Estimator, Flow, FlowSettings, estimator
from genlock.tests.core.space.flow.closed_form import Pair, pair, shift, sine


def dense() -> Estimator:
    return estimator(FlowSettings(precision=2, device="cpu"))


def noisy(picture: np.ndarray, seed: int, sigma: float = 9.0) -> np.ndarray:
    return np.clip(picture + np.random.default_rng(seed).normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def frames(pairs: list[Pair], remember: bool = True) -> list[np.ndarray]:
    """The flow of frames in a row, each with grain of its own."""
    made, before, out = dense(), None, []
    for n, p in enumerate(pairs):
        before = made.estimate(noisy(p.clip, 2 * n), noisy(p.ref, 2 * n + 1), p.start, previous=before if remember else None)
        out.append(before.ref_to_clip)
    return out


def test_a_constant_transform_does_not_shimmer() -> None:
    p = pair(sine(1.0, 200))
    alone, steady = frames([p] * 12, remember=False), frames([p] * 12)
    inner = np.s_[:, 8:-8, 8:-8]
    scatter = [float(np.median(np.stack(flows[6:])[inner].std(0))) for flows in (alone, steady)]
    step = [float(np.median(np.abs(np.diff(np.stack(flows[6:])[inner], axis=0)))) for flows in (alone, steady)]
    assert scatter[1] < 0.35 * scatter[0] and step[1] < 0.25 * step[0] and step[1] < 0.01
    assert np.median(p.off_px(steady[-1])) < np.median(p.off_px(alone[-1]))


def test_a_change_of_the_transform_is_followed() -> None:
    a, b = pair(shift(0.4, 0.0)), pair(shift(-0.8, 0.5))
    flows = frames([a] * 6 + [b] * 4)
    assert np.median(b.off_px(flows[6])) < 0.2 and np.median(b.off_px(flows[9])) < 0.08


def test_a_slow_drift_is_followed() -> None:
    pairs = [pair(shift(0.05 * n, 0)) for n in range(16)]
    flows = frames(pairs)
    assert max(float(np.median(p.off_px(flow))) for p, flow in list(zip(pairs, flows, strict=True))[8:]) < 0.26


def test_a_cut_begins_anew() -> None:
    """Another shot with another bend, from the same estimator: the answer is the one of that shot alone."""
    a, b = pair(shift(1.5, 0)), pair(lambda x, y: (x + 0.7, y + 900.0), (320, 180))
    b = Pair(b.clip[::-1].copy(), b.ref[::-1].copy(), b.truth, b.start)
    made = dense()
    before = made.estimate(a.clip, a.ref, a.start)
    c, r = 255 - a.clip[::-1, ::-1], 255 - a.ref[::-1, ::-1]
    alone, after = made.estimate(c, r, a.start), made.estimate(c, r, a.start, previous=before)
    assert np.abs(alone.ref_to_clip - after.ref_to_clip).max() < 1e-4


def test_a_start_that_moves_keeps_what_is_known_of_the_rest() -> None:
    """The clip covers another part of the ref in each frame; what bends it stays on the ref."""
    p, made = pair(shift(0.5, 0.3)), dense()
    before: Flow | None = None
    for left in (40, 43, 46, 60):
        clip = noisy(p.clip[:, left : left + 200], left)
        start = p.start - np.float32([left, 0])
        before = made.estimate(clip, noisy(p.ref, left + 1), start, previous=before)
        off = np.linalg.norm(before.ref_to_clip + np.array([left, 0]) - p.truth, axis=-1)[20:-20, left + 20 : left + 180]
        assert np.median(off) < 0.15


def test_where_it_sees_nothing_any_more_it_keeps_what_it_saw() -> None:
    """A bend in a part that goes flat (a fade, a cloud) is not forgotten."""
    p, made = pair(sine(2.0, 240)), dense()
    before: Flow | None = None
    for n in range(8):
        clip, ref = noisy(p.clip, n, 3), noisy(p.ref, n + 50, 3)
        if n >= 4:
            clip[:, 200:], ref[:, 200:] = 120, 120
        before = made.estimate(clip, ref, p.start, previous=before)
    assert before is not None
    alone = made.estimate(clip, ref, p.start)
    right = np.s_[20:-20, 230:300]
    kept, guessed = (float(np.median(np.linalg.norm(flow.ref_to_clip - p.truth, axis=-1)[right])) for flow in (before, alone))
    assert kept < 0.5 * guessed
