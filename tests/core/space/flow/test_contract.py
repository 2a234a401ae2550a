"""What every estimator of a dense flow must do. One that is learned adds a line to ESTIMATORS."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.space.flow import Estimator, Flow, FlowSettings, estimator
from genlock.tests.core.space.flow.closed_form import identity, pair, shift, sine

ESTIMATORS: dict[str, Callable[[], Estimator]] = {
    "dense, precision 1": lambda: estimator(FlowSettings(precision=1, device="cpu")),
    "dense, precision 2": lambda: estimator(FlowSettings(precision=2, device="cpu")),
    "dense, precision 3": lambda: estimator(FlowSettings(precision=3, device="cpu")),
}


@pytest.fixture(params=ESTIMATORS.values(), ids=ESTIMATORS.keys())
def any_estimator(request: pytest.FixtureRequest) -> Estimator:
    made: Estimator = request.param()
    return made


def require_sound(flow: Flow, height: int, width: int) -> None:
    assert flow.ref_to_clip.shape == (height, width, 2) and flow.ref_to_clip.dtype == np.float32
    assert flow.confidence.shape == (height, width) and flow.confidence.dtype == np.float32
    assert np.isfinite(flow.ref_to_clip).all() and flow.confidence.min() >= 0 and flow.confidence.max() <= 1


def test_it_finds_a_small_shift_and_is_sure_of_it(any_estimator: Estimator) -> None:
    p = pair(shift(1.6, -0.7))
    flow = any_estimator.estimate(p.clip, p.ref, p.start)
    require_sound(flow, *p.ref.shape)
    assert np.median(p.off_px(flow.ref_to_clip)) < 0.1
    assert np.median(flow.confidence[8:-8, 8:-8]) > 0.5


def test_it_finds_a_bend(any_estimator: Estimator) -> None:
    p = pair(sine(1.5, 160))
    assert np.median(p.off_px(any_estimator.estimate(p.clip, p.ref, p.start).ref_to_clip)) < 0.3


def test_what_is_right_already_stays(any_estimator: Estimator) -> None:
    p = pair(shift(0, 0))
    assert p.off_px(any_estimator.estimate(p.clip, p.ref, p.start).ref_to_clip).max() < 0.1


@pytest.mark.parametrize("kind", ["colour beside grey", "float beside bytes", "16 bits", "read-only"])
def test_depth_and_channels_may_differ(any_estimator: Estimator, kind: str) -> None:
    p = pair(shift(1.0, 0.5))
    clip, ref = p.clip, p.ref
    if kind == "colour beside grey":
        clip = np.repeat(clip[..., None], 3, 2)
    elif kind == "float beside bytes":
        clip = (clip / 255).astype(np.float32)
    elif kind == "16 bits":
        clip, ref = clip.astype(np.uint16) * 257, ref.astype(np.uint16) * 257
    else:
        clip.flags.writeable = ref.flags.writeable = p.start.flags.writeable = False
    assert np.median(p.off_px(any_estimator.estimate(clip, ref, p.start).ref_to_clip)) < 0.15


def test_the_clip_may_have_another_size_and_odd_ones(any_estimator: Estimator) -> None:
    """Half as large, of 161 x 91; the start is the matrix that halves."""
    p = pair(lambda x, y: (2 * x + 0.5 - 1.2, 2 * y + 0.5), (321, 181), (161, 91))
    start = ((p.start + 0.5) / 2 - 0.5).astype(np.float32)
    flow = any_estimator.estimate(p.clip, p.ref, start)
    require_sound(flow, 181, 321)
    assert np.median(np.linalg.norm(flow.ref_to_clip - (start + np.array([0.6, 0])), axis=-1)[10:-10, 10:-10]) < 0.1


def test_a_flat_picture_leaves_the_start_alone(any_estimator: Estimator) -> None:
    flat = np.full((70, 90), 77, np.uint8)
    start = identity((90, 70)) + np.float32(0.3)
    flow = any_estimator.estimate(flat, flat, start)
    require_sound(flow, 70, 90)
    assert np.abs(flow.ref_to_clip - start).max() < 1e-3 and flow.confidence.max() < 0.05


@pytest.mark.parametrize("wh", [(1, 1), (1, 40), (40, 1), (5, 3), (67, 2)])
def test_a_picture_of_almost_nothing(any_estimator: Estimator, wh: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (wh[1], wh[0], 3), dtype=np.uint8)
    flow = any_estimator.estimate(picture, picture, identity(wh))
    require_sound(flow, wh[1], wh[0])
    assert np.abs(flow.ref_to_clip - identity(wh)).max() < 0.5


def test_a_start_that_leads_nowhere_is_given_back_without_confidence(any_estimator: Estimator) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (40, 60), dtype=np.uint8)
    start = identity((60, 40)) + np.float32(500)
    flow = any_estimator.estimate(picture, picture, start)
    require_sound(flow, 40, 60)
    assert np.array_equal(flow.ref_to_clip, start) and not flow.confidence.any()


def test_what_is_no_number_in_a_start_is_not_believed(any_estimator: Estimator) -> None:
    p = pair(shift(0.5, 0))
    start = p.start.copy()
    start[:20] = np.nan
    flow = any_estimator.estimate(p.clip, p.ref, start)
    require_sound(flow, *p.ref.shape)
    assert not flow.confidence[:20].any()


def test_a_mask_is_obeyed_and_followed_around(any_estimator: Estimator) -> None:
    """A logo on the ref that pulls elsewhere: masked, the flow under it is that of its surroundings."""
    p = pair(shift(1.5, 0.5))
    ref, mask = p.ref.copy(), np.zeros(p.ref.shape, bool)
    ref[60:110, 120:200] = p.clip[60:110, 114:194]
    mask[60:110, 120:200] = True
    flow = any_estimator.estimate(p.clip, ref, p.start, mask=mask)
    assert np.linalg.norm(flow.ref_to_clip - p.truth, axis=-1)[mask].max() < 0.35
    assert not flow.confidence[mask].any()


def test_a_mask_on_the_clip_likewise(any_estimator: Estimator) -> None:
    p = pair(shift(1.5, 0.5))
    clip, mask = p.clip.copy(), np.zeros(p.clip.shape, bool)
    clip[60:110, 120:200] = p.ref[60:110, 114:194]
    mask[60:110, 120:200] = True
    flow = any_estimator.estimate(clip, p.ref, p.start, clip_mask=mask)
    under = np.linalg.norm(flow.ref_to_clip - p.truth, axis=-1)[64:106, 124:196]
    assert under.max() < 0.35 and flow.confidence[70:100, 130:190].max() < 0.05


def test_the_frame_before_may_be_given(any_estimator: Estimator) -> None:
    p = pair(shift(1.2, 0.4))
    before = any_estimator.estimate(p.clip, p.ref, p.start)
    flow = any_estimator.estimate(p.clip, p.ref, p.start, previous=before)
    assert np.median(p.off_px(flow.ref_to_clip)) < 0.1


def test_a_frame_before_of_other_size_or_maker_does_no_harm(any_estimator: Estimator) -> None:
    p = pair(shift(1.2, 0.4))
    stranger = Flow(np.zeros((3, 4, 2), np.float32), np.ones((3, 4), np.float32), memory="whatever")
    flow = any_estimator.estimate(p.clip, p.ref, p.start, previous=stranger)
    assert np.median(p.off_px(flow.ref_to_clip)) < 0.1


def test_wrong_arguments_are_told(any_estimator: Estimator) -> None:
    picture = np.zeros((20, 30), np.uint8)
    with pytest.raises(UsageError, match="start"):
        any_estimator.estimate(picture, picture, identity((20, 30)))
    with pytest.raises(UsageError, match="clip"):
        any_estimator.estimate(picture.astype(np.int32), picture, identity((30, 20)))
    with pytest.raises(UsageError, match="mask"):
        any_estimator.estimate(picture, picture, identity((30, 20)), mask=np.zeros((3, 3), bool))
