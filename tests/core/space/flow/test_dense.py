"""The dense flow against formulas."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from genlock.core.errors import UsageError
from genlock.core.space.flow import Flow, FlowSettings, estimator
from genlock.tests.core.space.flow.closed_form import Pair, Points, about, identity, pair, rotation, shift, sine, zoom


def found(p: Pair, clip: np.ndarray | None = None, ref: np.ndarray | None = None, start: np.ndarray | None = None, **settings: object) -> Flow:
    made = estimator(FlowSettings(device="cpu", **{"precision": 3, **settings}))  # type: ignore[arg-type]
    return made.estimate(p.clip if clip is None else clip, p.ref if ref is None else ref, p.start if start is None else start)


@pytest.mark.parametrize(
    ("ref_of_clip", "median_px", "most_px"),
    [
        (shift(0.5, 0.25), 0.02, 0.06),
        (shift(3.3, -2.6), 0.03, 0.15),
        (rotation(1.2), 0.03, 0.15),
        (zoom(1.02, 0.985), 0.03, 0.15),
        (about([[1.01, 0.012], [-0.004, 0.99]]), 0.03, 0.15),
        (sine(1.0, 90), 0.08, 0.35),
        (sine(4.0, 300), 0.06, 0.3),
    ],
    ids=["half a pixel", "some pixels", "rotation", "zoom", "affine", "short waves", "long waves"],
)
def test_closed_form(ref_of_clip: Points, median_px: float, most_px: float) -> None:
    p = pair(ref_of_clip)
    off = p.off_px(found(p).ref_to_clip, border=8)
    assert np.median(off) < median_px and np.percentile(off, 95) < most_px


def test_fractions_of_a_pixel_are_not_pulled_to_whole_ones() -> None:
    """Shifts by tenths of a pixel: the mean error is the same everywhere between two pixels."""
    for tenth in (1, 3, 5, 7, 9):
        p = pair(shift(tenth / 10, 0))
        dx = (found(p).ref_to_clip - p.start)[20:-20, 20:-20, 0]
        assert abs(float(dx.mean()) - tenth / 10) < 0.006, tenth


def test_more_precision_is_not_less_exact() -> None:
    p = pair(sine(1.5, 110), (321, 183))
    medians = [float(np.median(p.off_px(found(p, precision=n).ref_to_clip))) for n in (1, 2, 3, 4)]
    assert medians[3] <= 1.1 * medians[2] and medians[2] < min(medians[1], medians[0])


@pytest.mark.parametrize("grade", ["gamma", "gain and lift", "slow light", "grain"])
def test_a_grade_or_grain_changes_little(grade: str) -> None:
    p = pair(shift(1.3, 0.6))
    x = p.clip / 255.0
    y = {
        "gamma": x**1.8,
        "gain and lift": 0.6 * x + 0.2,
        "slow light": x * np.linspace(0.5, 1, 320),
        "grain": x + np.random.default_rng(1).normal(0, 0.03, x.shape),
    }[grade]
    off = p.off_px(found(p, clip=np.clip(y * 255 + 0.5, 0, 255).astype(np.uint8)).ref_to_clip)
    assert np.median(off) < (0.12 if grade == "grain" else 0.06)


def test_a_mirrored_clip_with_a_start_that_says_so() -> None:
    p = pair(shift(1.3, 0.6))
    clip = np.ascontiguousarray(p.clip[:, ::-1])
    start = p.start.copy()
    start[..., 0] = 319 - start[..., 0]
    flow = found(p, clip=clip, start=start).ref_to_clip.copy()
    flow[..., 0] = 319 - flow[..., 0]
    assert np.median(p.off_px(flow)) < 0.03


def test_what_stands_before_the_picture_on_one_side_does_not_pull_and_is_not_believed() -> None:
    """An object of its own texture, on the clip only."""
    p = pair(shift(1.4, -0.5))
    clip = p.clip.copy()
    clip[50:110, 90:170] = np.random.default_rng(2).integers(0, 255, (15, 20), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    flow = found(p, clip=clip)
    off = np.linalg.norm(flow.ref_to_clip - p.truth, axis=-1)
    under = off[56:104, 96:164]
    assert np.median(under) < 0.6
    assert np.median(flow.confidence[56:104, 96:164]) < 0.25 < 0.6 < np.median(flow.confidence[120:170, 20:300])
    around = np.ones(off.shape, bool)
    around[38:122, 78:182] = False
    assert np.percentile(off[8:-8, 8:-8][around[8:-8, 8:-8]], 95) < 0.15


def test_confidence_tells_where_the_flow_is_wrong() -> None:
    """Half of the picture is flat, and the flow bends: there it can only be guessed."""
    p = pair(sine(4, 240))
    clip, ref = p.clip.copy(), p.ref.copy()
    clip[:, 160:] = ref[:, 160:] = 120
    flow = found(p, clip=clip, ref=ref)
    off = np.linalg.norm(flow.ref_to_clip - p.truth, axis=-1)[10:-10, 10:-10]
    sure = flow.confidence[10:-10, 10:-10] > 0.5
    assert 0.35 < sure.mean() < 0.55 and np.percentile(off[sure], 95) < 0.55 and np.median(off[~sure]) > 0.5


def test_a_wide_search_finds_what_is_far() -> None:
    p = pair(shift(41.0, -18.0))
    assert np.median(p.off_px(found(p, wide=True).ref_to_clip)) < 0.05
    assert np.median(p.off_px(found(p).ref_to_clip)) > 5


def test_a_wide_search_harms_nothing_that_is_near() -> None:
    p = pair(sine(2, 200))
    assert np.median(p.off_px(found(p, wide=True).ref_to_clip)) < 0.08


@pytest.mark.parametrize("settings", [{}, {"wide": True}, {"soften": True}, {"precision": 2}])
def test_tiles_change_nothing(settings: dict[str, object]) -> None:
    """Sums are of each cell's own pixels: the same everywhere, not only far from the tiles' borders."""
    p = pair(sine(2, 150), (229, 171))
    whole, tiled = found(p, **settings), found(p, tile=64, **settings)
    assert np.abs(whole.ref_to_clip - tiled.ref_to_clip).max() < 0.01
    assert np.abs(whole.confidence - tiled.confidence).max() < 0.01


@pytest.mark.parametrize("precision", [1, 2, 3, 4])
def test_half_precision_is_equal(precision: int) -> None:
    p = pair(sine(2, 150))
    single, half = found(p, precision=precision), found(p, precision=precision, half=True)
    assert np.abs(single.ref_to_clip - half.ref_to_clip).max() < 0.02
    assert np.median(np.abs(single.ref_to_clip - half.ref_to_clip)) < 0.002


def test_softened_lines_keep_their_place_under_grain_halos_and_blocks() -> None:
    p = pair(shift(2.0, 1.0))
    soft = cv2.GaussianBlur(p.clip, (0, 0), 1.5).astype(float)
    halo = soft + 0.8 * (soft - cv2.GaussianBlur(soft, (0, 0), 3.0)) + np.random.default_rng(3).normal(0, 8, soft.shape)
    coded = cv2.imdecode(cv2.imencode(".jpg", np.clip(halo, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 18])[1], 0)
    soft_off, hard_off = (p.off_px(found(p, clip=np.asarray(coded, np.uint8), soften=s).ref_to_clip) for s in (True, False))
    assert np.median(soft_off) < 0.15 and np.percentile(soft_off, 95) < np.percentile(hard_off, 95)


def test_more_iterations_are_more_work_for_a_better_answer() -> None:
    p = pair(sine(2.5, 80))
    few, many = (float(np.median(p.off_px(found(p, precision=2, iterations=n).ref_to_clip))) for n in (1, 12))
    assert many < few


def test_wrong_settings_are_told() -> None:
    for wrong in ({"precision": 5}, {"iterations": -1}, {"tile": 10}):
        with pytest.raises(UsageError):
            FlowSettings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no device"):
        estimator(FlowSettings(device="abacus"))
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="sees no cuda"):
            estimator(FlowSettings(device="cuda"))


def test_the_start_is_left_as_it_was() -> None:
    start = identity((60, 40))
    kept = start.copy()
    picture = np.random.default_rng(1).integers(0, 255, (40, 60), dtype=np.uint8)
    estimator(FlowSettings(device="cpu")).estimate(picture, picture, start)
    assert np.array_equal(start, kept)
