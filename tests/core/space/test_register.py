"""Registration through a pyramid, from starts that are far off, on pictures that are formulas.

Allowed is 0.05 ref pixels: refine() snaps and tells models apart at 0.03, and coarse_to_fine() hands it its start.
"""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.geometry import resize_matrix
from genlock.core.space.register import Registrar, coarse_to_fine, smaller
from genlock.tests.core.space.painted import WH, Painting, apart_px, bytes_of, scaled, shift, turned

FINE_PX = 0.05


def pairs(true: np.ndarray, clip_wh: tuple[int, int], ref_wh: tuple[int, int] = WH, count: int = 2) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Clip and ref pictures of some moments; a clip pixel p lies at true @ p of the ref."""
    scenes = [Painting(10 + k) for k in range(count)]
    return [bytes_of(s.seen(true, clip_wh)) for s in scenes], [bytes_of(s.seen(np.eye(3), ref_wh)) for s in scenes]


@pytest.mark.parametrize(
    "off",
    [shift(20, -12), shift(-24, 10) @ scaled(1.04, 1.04), turned(4), turned(-2) @ scaled(0.94, 1.05)],
    ids=["shift", "shift and scale", "rotation", "stretch"],
)
def test_from_a_start_a_tenth_of_the_picture_off(off):
    """28 px of 320 at the corners, as a framing of a few keypoints may be."""
    true = shift(6.3, 4.7) @ scaled(0.9, 0.9)
    clips, refs = pairs(true, WH)
    found = coarse_to_fine(clips, refs, WH, WH, true @ off, levels=(8.0, 4.0, 2.0, 1.0))
    assert found is not None
    assert apart_px(found.clip_to_ref, true) < FINE_PX
    assert found.correlation > 0.95


@pytest.mark.parametrize("factor", [0.6, 1.5, 2.0], ids=str)
def test_either_side_may_have_the_coarser_pixels(factor):
    """The clip's pixel covers `factor` of the ref's: above 1 the clip is the template, below it is the ref."""
    clip_wh = (150, 90)
    true = shift(8.4, 6.2) @ scaled(factor, factor)
    clips, refs = pairs(true, clip_wh)
    registrar = Registrar(clips, refs, clip_wh, WH, true, 4000)
    assert registrar.clip_is_template is (factor >= 1)
    found = registrar.fit(true @ shift(0.8, -0.5), "scale")
    assert found is not None and apart_px(found.clip_to_ref, true, clip_wh) < FINE_PX


def test_matrices_are_told_in_full_sizes():
    """The pictures handed over are half and a third of the files' sizes; the answer is in the files' pixels."""
    clip_wh, ref_wh = (640, 360), (960, 540)
    true = shift(12, -9) @ scaled(1.4, 1.4)
    clip_half, ref_third = resize_matrix((320, 180), clip_wh), resize_matrix((320, 180), ref_wh)
    scenes = [Painting(20), Painting(21)]
    refs = [bytes_of(s.seen(np.eye(3))) for s in scenes]
    clips = [bytes_of(s.seen(np.linalg.inv(ref_third) @ true @ clip_half)) for s in scenes]
    found = coarse_to_fine(clips, refs, clip_wh, ref_wh, true @ shift(9, 6))
    assert found is not None and apart_px(found.clip_to_ref, true, clip_wh) < 3 * FINE_PX


def test_half_size_by_averaging():
    """A clip made as a scaler makes it, by the mean of 2 x 2 pixels: its pixel (0, 0) is the ref's (0.5, 0.5)."""
    scenes = [Painting(30), Painting(31)]
    refs = [bytes_of(s.seen(np.eye(3))) for s in scenes]
    clips = [bytes_of(r.reshape(90, 2, 160, 2).astype(float).mean((1, 3))) for r in refs]
    true = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1.0]])
    found = coarse_to_fine(clips, refs, (160, 90), WH, scaled(2, 2), model="scale")
    assert found is not None and apart_px(found.clip_to_ref, true, (160, 90)) < FINE_PX


def test_a_mirrored_start_stays_mirrored():
    true = np.array([[-1, 0, 319 - 7.5], [0, 1, 3.25], [0, 0, 1.0]])
    clips, refs = pairs(true, WH)
    found = coarse_to_fine(clips, refs, WH, WH, true @ shift(6, 4))
    assert found is not None and apart_px(found.clip_to_ref, true) < FINE_PX


def test_black_bars_do_not_pull():
    """Bars around the clip end where the ref does: their edge is the strongest detail, and only on one side. From 4 px off."""
    true = shift(-11.06, -22.17) @ scaled(1.111, 1.111)
    clips, refs = pairs(true, WH)
    for clip in clips:
        clip[:20], clip[-20:], clip[:, :10], clip[:, -10:] = 16, 16, 16, 16
    found = coarse_to_fine(clips, refs, WH, WH, shift(3.2, -2.6) @ true)
    assert found is not None and apart_px(found.clip_to_ref, true) < 3 * FINE_PX


def test_pictures_without_detail_give_no_answer():
    flat = [np.full((180, 320), 80, np.uint8)] * 2
    assert coarse_to_fine(flat, flat, WH, WH, np.eye(3)) is None
    assert Registrar(flat, flat, WH, WH, np.eye(3), 1000).fit(np.eye(3), "affine") is None


def test_shrinking_averages():
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8) * 3
    assert smaller([picture], 2.0)[0].tolist() == np.round(picture.reshape(4, 2, 4, 2).astype(float).mean((1, 3))).astype(int).tolist()
