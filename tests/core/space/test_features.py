"""Framing from scratch: what is proposed first lies near the truth. Near is enough: registration goes on from a tenth of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.space.features import Framing, detect, mirror_descriptors, propose
from genlock.tests.core.space.painted import WH, Painting, apart_px, bytes_of, scaled, shift, turned

MIRROR = np.array([[-1, 0, 319], [0, 1, 0], [0, 0, 1.0]])
SEEDS = (50, 51, 52)


def framings(clips: list[np.ndarray], refs: list[np.ndarray]) -> list[Framing]:
    wh = clips[0].shape[::-1], refs[0].shape[::-1]
    return propose([detect(p, wh[0], 250) for p in clips], [detect(p, wh[1], 250) for p in refs], *wh)


@pytest.mark.parametrize(
    ("true", "clip_wh"),
    [
        (np.eye(3), WH),
        (MIRROR, WH),
        (MIRROR @ shift(40, 20) @ scaled(0.8, 0.8), WH),
        (shift(70, 40), (180, 110)),
        (shift(20, 15) @ scaled(0.55, 0.55), WH),
        (scaled(2, 2) @ shift(0.25, 0.25), (160, 90)),
        (turned(12), WH),
        (turned(90), WH),
        (scaled(1.0, 0.75), (320, 240)),
    ],
    ids=["identity", "mirror", "mirror and crop", "crop", "enlarged", "half size", "rotation", "quarter turn", "stretch"],
)
def test_the_first_proposal_is_near(true, clip_wh):
    """2 % of the ref's width: five times less than what registration needs."""
    scenes = [Painting(s) for s in SEEDS]
    found = framings([bytes_of(s.seen(true, clip_wh)) for s in scenes], [bytes_of(s.seen(np.eye(3))) for s in scenes])
    assert found, "nothing was proposed"
    assert apart_px(found[0].clip_to_ref, true, clip_wh) < 0.02 * WH[0]


def test_frames_need_not_be_in_sync():
    """The clip's frames are other scenes than the ref's, but for one."""
    true = shift(30, 20) @ scaled(0.8, 0.8)
    clips = [bytes_of(Painting(s).seen(true)) for s in (60, 61, 62)]
    refs = [bytes_of(Painting(s).seen(np.eye(3))) for s in (70, 62, 71)]
    assert apart_px(framings(clips, refs)[0].clip_to_ref, true) < 0.02 * WH[0]


def test_nothing_is_proposed_for_unrelated_pictures():
    """By chance some matches agree: never as many as for the weakest true pair above."""
    clips = [bytes_of(Painting(s).seen(np.eye(3))) for s in (80, 81, 82)]
    refs = [bytes_of(Painting(s).seen(np.eye(3))) for s in (90, 91, 92)]
    assert sum(f.votes for f in framings(clips, refs)) < 20


def test_nothing_is_proposed_for_flat_pictures():
    flat = [np.full(WH[::-1], 100, np.uint8)]
    assert len(detect(flat[0], WH, 250).points) == 0
    assert framings(flat, [bytes_of(Painting(80).seen(np.eye(3)))]) == []


def test_points_are_told_in_full_size_pixels():
    """One bright spot on a half-size picture at (40, 30): on the full size at 80.5, 60.5.

    OpenCV's SIFT itself is up to a quarter of a pixel off, half of one here: its first octave is enlarged without the half pixel.
    """
    y, x = np.mgrid[0:90, 0:160]
    spot = bytes_of(60 + 150 * np.exp(-((x - 40) ** 2 + (y - 30) ** 2) / (2 * 4.0**2)))
    points = detect(spot, (320, 180), 50).points
    assert np.abs(points - (80.5, 60.5)).max(1).min() < 0.55


def test_descriptors_are_of_unit_length_and_mirroring_twice_is_nothing():
    found = detect(bytes_of(Painting(80).seen(np.eye(3))), WH, 100)
    assert np.linalg.norm(found.descriptors, axis=1) == pytest.approx(1, abs=1e-3)
    again = mirror_descriptors(type(found)(found.points, mirror_descriptors(found)))
    assert (again == found.descriptors).all()
