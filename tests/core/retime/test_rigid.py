"""What lies over a film and does not move with it: bit for bit that of the nearest frame, and nothing of it dragged into what moves beneath."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.bench.retime_scenes import Scene
from genlock.core.errors import MediaError, UsageError
from genlock.core.media.footage import open_footage
from genlock.core.media.plates import open_plates
from genlock.core.retime.between import FlowBetween
from genlock.core.retime.cuts import CutSettings
from genlock.core.retime.making import made
from genlock.core.retime.plan import plan
from genlock.core.retime.scan import scan
from genlock.core.settings_retime import RetimeSettings
from genlock.tests.core.render.made import film

WH = (258, 144)
SCENE = Scene("s", (), (-6.0, 0.0), WH, seed=2)
COUNT = 6


def logo(left: int = 60) -> np.ndarray:
    """(h, w) bool: a box with letters, all of it rigid."""
    out = np.zeros(WH[::-1], np.uint8)
    cv2.putText(out, "HUD", (left, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 255, 7)
    return out > 127


def frames(lefts) -> list[np.ndarray]:
    """BGR, 8 bits."""
    out = []
    for k, left in enumerate(lefts):
        picture = SCENE.frame(k)
        picture[logo(left)] = (0.95, 0.9, 0.3)
        out.append((picture * 255).round().astype(np.uint8)[..., ::-1])
    return out


def retimed(folder: Path, lefts, mask: str) -> list[np.ndarray]:
    """(h, w, 3) float32; twice as many."""
    source = film(folder / "in.mkv", frames(lefts), Fraction(24), "bgr0")
    settings = RetimeSettings(times=2, method="plain", static_mask=mask)
    with open_footage(source) as footage:
        seen = scan(footage, CutSettings())
    times = plan(seen.beats, times=2)
    with open_plates(source) as plates:
        out = [one.picture for one in made(plates, seen, times, settings, FlowBetween())]
        return [picture if isinstance(picture, np.ndarray) else picture.rgb() for picture in out]


def test_a_logo_stays_where_it_is_and_is_not_dragged_along(tmp_path):
    cv2.imwrite(str(tmp_path / "mask.png"), logo().astype(np.uint8) * 255)
    out = retimed(tmp_path, [60] * COUNT, str(tmp_path / "mask.png"))
    around = cv2.dilate(logo().astype(np.uint8), np.ones((31, 31))) > 0
    for k in range(COUNT - 1):
        assert np.array_equal(out[2 * k + 1][logo()], out[2 * k][logo()]), "half way the earlier one is the nearest"
        truth = SCENE.ideal(k + 0.5)
        ring = around & (cv2.dilate(logo().astype(np.uint8), np.ones((5, 5))) == 0)
        assert np.abs(out[2 * k + 1] - truth)[ring].mean() * 255 < 1.5
        assert np.abs(out[2 * k] - truth)[ring].mean() * 255 > 3, "the ground does move"


def test_a_mask_that_moves_goes_by_the_nearest_frame(tmp_path):
    lefts = [40, 40, 90, 90, 90, 140]
    for k, left in enumerate(lefts):
        cv2.imwrite(str(tmp_path / f"mask.{k:04d}.png"), logo(left).astype(np.uint8) * 255)
    out = retimed(tmp_path, lefts, str(tmp_path / "mask.%04d.png"))
    for k in range(COUNT - 1):
        assert np.array_equal(out[2 * k + 1][logo(lefts[k])], out[2 * k][logo(lefts[k])])
        bare = ~(cv2.dilate(logo(lefts[k]).astype(np.uint8), np.ones((9, 9))) > 0)
        far = bare & logo(lefts[k + 1])
        if far.any():
            assert np.abs(out[2 * k + 1] - np.array((0.95, 0.9, 0.3), np.float32))[far].mean() > 0.2, "nothing of the next one shows yet"


def test_a_mask_that_is_too_short_and_one_that_is_for_nothing(tmp_path):
    for k in range(3):
        cv2.imwrite(str(tmp_path / f"mask.{k:04d}.png"), np.zeros(WH[::-1], np.uint8))
    with pytest.raises(MediaError, match="shorter than the input"):
        retimed(tmp_path, [60] * COUNT, str(tmp_path / "mask.%04d.png"))
    with pytest.raises(UsageError, match="static_mask"):
        replace(RetimeSettings(static_mask="/m.png"), dedup="only")
