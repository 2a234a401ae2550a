"""RIFE as an estimator of where the ref's pixels lie in the clip, against maps in closed form."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.space.flow import FlowSettings
from genlock.models.rife.flow import RifeFlow
from genlock.models.rife.runner import Runner
from genlock.tests.core.space.flow import test_contract as contract

from .learned import learned, noise

WH = (161, 117)
Y, X = np.mgrid[: WH[1], : WH[0]].astype(np.float32)
HERE = np.stack([X, Y], -1)
MAPS: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
    "shift": lambda: (0 * X + 1.3, 0 * Y - 0.7),
    "turn": lambda: (-(Y - 66) * 0.012, (X - 90) * 0.012),
    "zoom": lambda: ((X - 90) * 0.012, (Y - 66) * 0.012),
    "sine": lambda: (1.4 * np.sin(Y / 17), 1.4 * np.sin(X / 19)),
}


def estimator(**settings: object) -> RifeFlow:
    return RifeFlow(Runner(learned()), FlowSettings(device="cpu", **settings))  # type: ignore[arg-type]


def pair_of(dx: np.ndarray, dy: np.ndarray, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """clip and ref of one made scene, where ref pixel p shows the clip at p + (dx, dy)."""
    rng = np.random.default_rng(seed)
    scene = cv2.GaussianBlur(cv2.resize(noise(rng), (250, 200), interpolation=cv2.INTER_CUBIC), (0, 0), 0.8)

    def drawn(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return cv2.remap(scene, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT).clip(0, 1)

    return drawn(X + 30.4, Y + 30.7), drawn(X + 30.4 + dx, Y + 30.7 + dy)


def wrong(found: np.ndarray, dx: np.ndarray, dy: np.ndarray, margin: int = 8) -> np.ndarray:
    """Distance from the truth in pixels, away from the border."""
    apart = np.hypot(found[..., 0] - X - dx, found[..., 1] - Y - dy)
    return apart[margin:-margin, margin:-margin] if margin else apart


@pytest.mark.parametrize("name", MAPS)
def test_closed_form_maps(name: str) -> None:
    dx, dy = MAPS[name]()
    clip, ref = pair_of(dx, dy)
    flow = estimator().estimate(clip, ref, HERE)
    assert flow.ref_to_clip.dtype == flow.confidence.dtype == np.float32
    assert np.median(wrong(flow.ref_to_clip, dx, dy)) < 0.15 and np.percentile(wrong(flow.ref_to_clip, dx, dy), 95) < 0.7
    assert np.median(flow.confidence) > 0.7


@pytest.mark.parametrize(
    "question",
    [
        contract.test_it_finds_a_bend,
        contract.test_what_is_right_already_stays,
        contract.test_a_flat_picture_leaves_the_start_alone,
        contract.test_a_start_that_leads_nowhere_is_given_back_without_confidence,
        contract.test_what_is_no_number_in_a_start_is_not_believed,
        contract.test_wrong_arguments_are_told,
    ],
)
def test_the_contract_of_all_estimators(question: Callable[[RifeFlow], None]) -> None:
    """But for the questions about the last tenth of a pixel, which so small a network cannot answer."""
    question(estimator())


@pytest.mark.parametrize("wh", [(1, 1), (1, 40), (5, 3), (67, 2)])
def test_a_picture_of_almost_nothing(wh: tuple[int, int]) -> None:
    contract.test_a_picture_of_almost_nothing(estimator(), wh)


def test_precision_is_worth_its_time() -> None:
    dx, dy = MAPS["sine"]()
    clip, ref = pair_of(dx, dy)
    one, three = (np.median(wrong(estimator(precision=p).estimate(clip, ref, HERE).ref_to_clip, dx, dy)) for p in (1, 3))
    assert three < 0.7 * one


def test_equal_pictures_stay_where_they_are() -> None:
    clip, _ = pair_of(0 * X, 0 * Y)
    assert estimator().estimate(clip, clip, HERE).ref_to_clip == pytest.approx(HERE, abs=1e-3)


def test_the_start_is_corrected_and_not_replaced() -> None:
    """The clip is the ref at twice the size and somewhere else; what is found is absolute, in the clip's own pixels."""
    dx, dy = MAPS["shift"]()
    clip, ref = pair_of(dx, dy)
    large = cv2.copyMakeBorder(cv2.resize(clip, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), 20, 20, 40, 40, cv2.BORDER_REFLECT)
    start = HERE * 2 + 0.5 + np.float32([40, 20])
    found = estimator().estimate(large, ref, start).ref_to_clip
    assert np.median(wrong((found - np.float32([40, 20]) - 0.5) / 2, dx, dy)) < 0.15


def test_a_grade_is_not_motion() -> None:
    dx, dy = MAPS["shift"]()
    clip, ref = pair_of(dx, dy)
    graded = (255 * (0.1 + 0.75 * ref**1.4)).round().astype(np.uint8)
    assert np.median(wrong(estimator().estimate(clip, graded, HERE).ref_to_clip, dx, dy)) < 0.2


def test_under_a_mask_the_warp_follows_its_surroundings() -> None:
    """A logo that does not move, burnt into the ref alone."""
    dx, dy = MAPS["shift"]()
    clip, ref = pair_of(dx, dy)
    mask = np.zeros(ref.shape[:2], bool)
    mask[40:70, 60:110] = True
    ref[mask] = np.random.default_rng(0).random((30 * 50, 3), np.float32)
    flow = estimator().estimate(clip, ref, HERE, mask=mask)
    assert np.percentile(wrong(flow.ref_to_clip, dx, dy), 99) < 0.8
    assert np.median(wrong(flow.ref_to_clip, dx, dy, 0)[mask]) < 0.3
    assert flow.confidence[mask].max() == 0


def test_what_the_clip_must_not_show_is_not_looked_at() -> None:
    dx, dy = MAPS["zoom"]()
    clip, ref = pair_of(dx, dy)
    clip_mask = np.zeros(clip.shape[:2], bool)
    clip_mask[40:70, 30:70] = True
    clip[clip_mask] = 0
    flow = estimator().estimate(clip, ref, HERE, clip_mask=clip_mask)
    assert np.percentile(wrong(flow.ref_to_clip, dx, dy), 99) < 0.9
    assert flow.confidence[52:58, 45:55].max() == 0


def test_outside_the_clip_the_map_goes_on() -> None:
    """The clip is the left part of the ref."""
    dx, dy = MAPS["turn"]()
    clip, ref = pair_of(dx, dy)
    flow = estimator().estimate(clip[:, :120], ref, HERE)
    assert np.isfinite(flow.ref_to_clip).all()
    assert flow.confidence[:, 125:].max() == 0 < np.median(flow.confidence[:, :110])
    assert wrong(flow.ref_to_clip, dx, dy)[:, 140:].max() < 3


@pytest.mark.parametrize("fill", [0.0, 1.0])
def test_nothing_to_see(fill: float) -> None:
    """Black on black: the start stays, near enough."""
    blank = np.full((*HERE.shape[:2], 3), fill, np.float32)
    assert np.abs(estimator().estimate(blank, blank, HERE).ref_to_clip - HERE).max() < 0.01


def test_a_clip_that_lies_elsewhere_altogether() -> None:
    clip, ref = pair_of(0 * X, 0 * Y)
    flow = estimator().estimate(clip, ref, HERE + 5000)
    assert np.array_equal(flow.ref_to_clip, HERE + 5000) and flow.confidence.max() == 0


def test_depth_and_channels_may_differ() -> None:
    dx, dy = MAPS["shift"]()
    clip, ref = pair_of(dx, dy)
    grey = (65535 * clip @ np.float32([0.2126, 0.7152, 0.0722])).astype(np.uint16)
    assert np.median(wrong(estimator().estimate(grey, ref, HERE).ref_to_clip, dx, dy)) < 0.2


@pytest.mark.parametrize("settings", [{"half": True}, {"tile": 128}, {"soften": True}, {"wide": True}, {"iterations": 1}], ids=str)
def test_every_setting_answers(settings: dict[str, object]) -> None:
    dx, dy = MAPS["shift"]()
    clip, ref = pair_of(dx, dy)
    assert np.median(wrong(estimator(**settings).estimate(clip, ref, HERE).ref_to_clip, dx, dy)) < 0.35


def test_shapes_that_do_not_fit_are_refused() -> None:
    clip, ref = pair_of(0 * X, 0 * Y)
    with pytest.raises(UsageError, match="give a map"):
        estimator().estimate(clip, ref, HERE[1:])
