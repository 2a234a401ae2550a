"""The final matrix: the simplest model that explains the pictures has the right name and lies within 0.05 px, corners included."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from genlock.core.space.refine import Refined, refine
from genlock.tests.core.space.painted import WH, Painting, apart_px, bytes_of, scaled, shift, turned

FINE_PX = 0.05


@pytest.fixture(scope="module")
def scenes() -> list[Painting]:
    return [Painting(40 + k) for k in range(5)]


def refined(
    scenes: list[Painting], true: np.ndarray, clip_wh: tuple[int, int] = WH, start: np.ndarray | None = None, noise: float = 1.5,
    richest: str = "homography",
) -> Refined:
    """Noise of 1.5 levels, new on either side, is what a good codec leaves."""
    rng = np.random.default_rng(7)
    clips = [bytes_of(p + rng.normal(0, noise, p.shape)) for p in (s.seen(true, clip_wh) for s in scenes)]
    refs = [bytes_of(p + rng.normal(0, noise, p.shape)) for p in (s.seen(np.eye(3)) for s in scenes)]
    found = refine(clips, refs, clip_wh, WH, true @ shift(0.6, -0.4) if start is None else start, richest)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "true", "clip_wh"),
    [
        ("identity", np.eye(3), WH),
        ("shift", shift(12, 7), (290, 160)),
        ("shift", shift(11.37, 6.5), (290, 160)),
        ("scale", shift(9.3, 4.1) @ scaled(0.937, 0.937), WH),
        ("similarity", turned(1.7) @ shift(3, 2) @ scaled(0.96, 0.96), WH),
        ("stretch", shift(4.2, 9.4) @ scaled(0.97, 0.91), WH),
        ("affine", np.array([[0.96, 0.021, 4], [-0.004, 0.94, 5.5], [0, 0, 1]]), WH),
        ("homography", np.array([[0.95, 0.012, 5], [-0.008, 0.96, 4], [6e-5, -9e-5, 1]]), WH),
    ],
    ids=["identity", "whole pixels", "parts of pixels", "scale", "similarity", "stretch", "affine", "homography"],
)
def test_the_simplest_model(scenes, name, true, clip_wh):
    found = refined(scenes, true, clip_wh)
    assert (found.model, apart_px(found.clip_to_ref, true, clip_wh) < FINE_PX) == (name, True), found


def test_whole_pixels_come_out_whole(scenes):
    assert refined(scenes, shift(12, 7), (290, 160)).clip_to_ref.tolist() == shift(12, 7).tolist()


def test_a_clip_stretched_over_the_ref_comes_out_exact(scenes):
    """160 x 96 over 320 x 180: edges on edges, as a scaler does it."""
    true = np.array([[2, 0, 0.5], [0, 1.875, 0.4375], [0, 0, 1.0]])
    found = refined(scenes, true, (160, 96))
    assert found.clip_to_ref == pytest.approx(true, abs=1e-12) and found.model == "stretch"


def test_the_richest_allowed_is_kept_to(scenes):
    """A turned picture asked for as a shift: the middle is right, the corners cannot be."""
    true = turned(1.0)
    found = refined(scenes, true, richest="shift", start=np.eye(3))
    assert found.model in ("shift", "identity")
    assert found.clip_to_ref[:2, :2].tolist() == [[1, 0], [0, 1]]


def test_a_logo_a_subtitle_and_bars_do_not_pull(scenes):
    """All on the clip, in the same place in every frame, 1 px from the start: 0.1 px, for a quarter of the picture is lost."""
    true = shift(-11.06, -22.17) @ scaled(1.111, 1.111)
    clips = [bytes_of(s.seen(true)) for s in scenes]
    for clip in clips:
        clip[:20], clip[-20:], clip[:, :10], clip[:, -10:] = 16, 16, 16, 16
        cv2.rectangle(clip, (250, 26), (300, 46), 235, -1)
        cv2.putText(clip, "a line of dialogue", (60, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 4, cv2.LINE_AA)
        cv2.putText(clip, "a line of dialogue", (60, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 240, 1, cv2.LINE_AA)
    found = refine(clips, [bytes_of(s.seen(np.eye(3))) for s in scenes], WH, WH, shift(0.8, -0.6) @ true)
    assert found is not None and found.model == "scale" and apart_px(found.clip_to_ref, true) < 0.1


def test_the_error_told_grows_with_the_noise(scenes):
    """Four times the noise: about four times the disagreement of single pairs, above the floor."""
    quiet, loud = (refined(scenes, shift(11.37, 6.5), (290, 160), noise=n) for n in (4, 24))
    assert quiet.error_px < loud.error_px < 0.2


def test_pictures_without_detail_give_no_answer():
    flat = [np.full((90, 160), 60, np.uint8)] * 3
    assert refine(flat, flat, (160, 90), (160, 90), np.eye(3)) is None
