"""Turned, mirrored and interlaced pictures: what is looked at lies as a person sees it, to a part of a line."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from genlock.core.media.footage import open_footage
from genlock.core.media.upright import Turn, one_field


def corner(w: int = 120, h: int = 80) -> np.ndarray:
    """Dark, with one bright corner at the top left and a grey one at the top right."""
    picture = np.full((h, w), 40, np.uint8)
    picture[: h // 4, : w // 4] = 220
    picture[: h // 4, -(w // 4) :] = 130
    return picture


ONE = 1 << 16
MATRICES = {0: (ONE, 0, 0, ONE), 90: (0, ONE, -ONE, 0), 180: (-ONE, 0, 0, -ONE), 270: (0, -ONE, ONE, 0)}
"""a, b, c, d of a track header, as cameras write them: x' = a x + c y, y' = b x + d y, x right and y down."""


@pytest.mark.parametrize(("turn", "bright"), [(0, "tl"), (90, "tr"), (180, "br"), (270, "bl")])
def test_rotation_flag(tmp_path, film, turn, bright):
    path = film(tmp_path / "turned.mp4", [corner()] * 3)
    a, b, c, d = MATRICES[turn]
    _set_matrix(path, (a, b, 0, c, d, 0, 0, 0, 1 << 30))
    with open_footage(path) as footage:
        assert footage.info.rotation == turn
        upright = np.rot90(corner(), -turn // 90)
        frame = next(footage.frames())
        assert (footage.info.height, footage.info.width) == upright.shape
        assert np.abs(frame.luma().astype(int) - _limited(upright)).mean() < 2
        small = frame.luma((12, 8) if turn % 180 == 0 else (8, 12))
        corners = {"tl": small[0, 0], "tr": small[0, -1], "bl": small[-1, 0], "br": small[-1, -1]}
        assert max(corners, key=corners.__getitem__) == bright
        assert frame.rgb().shape == (*upright.shape, 3)


def test_all_eight_orientations():
    picture = np.arange(24, dtype=np.uint8).reshape(4, 6)
    for transpose in (False, True):
        for flip_x in (False, True):
            for flip_y in (False, True):
                truth = picture.T if transpose else picture
                truth = truth[:, ::-1] if flip_x else truth
                truth = truth[::-1] if flip_y else truth
                turn = Turn(transpose, flip_x, flip_y)
                assert (turn.apply(picture) == truth).all()
                assert np.dstack([truth] * 3).shape == turn.apply(np.dstack([picture] * 3)).shape
    assert [Turn().degrees, Turn(True, True, False).degrees, Turn(False, True, True).degrees, Turn(True, False, True).degrees] == [0, 90, 180, 270]


def test_mirrored_display_matrix(tmp_path, film):
    path = film(tmp_path / "plain.mp4", [corner()] * 2)
    _set_matrix(path, (-65536, 0, 0, 0, 65536, 0, 120 << 16, 0, 1 << 30))
    with open_footage(path) as footage:
        luma = next(footage.frames()).luma()
    assert np.abs(luma.astype(int) - _limited(corner()[:, ::-1])).mean() < 2


@pytest.mark.parametrize("aspect", [Fraction(16, 15), Fraction(8, 9)])
def test_sample_aspect_is_reported_and_not_applied(tmp_path, film, aspect):
    def setup(_, stream):
        stream.codec_context.sample_aspect_ratio = aspect

    path = film(tmp_path / "anamorphic.mkv", [corner()] * 3, setup=setup)
    with open_footage(path) as footage:
        assert footage.info.sample_aspect == aspect
        list(footage.frames())
        assert footage.media().sample_aspect == aspect
        assert (footage.info.width, footage.info.height) == (120, 80)


@pytest.mark.parametrize("height", [2, 3, 8, 9])
@pytest.mark.parametrize("bottom", [False, True])
def test_a_ramp_stays_a_ramp_in_one_field(height, bottom):
    ramp = np.tile((np.arange(height) * 10.0).astype(np.float32)[:, None], (1, 4))
    kept = one_field(ramp, bottom)
    lines = slice(1, height) if bottom else slice(0, height - 1 + height % 2)
    assert np.allclose(kept[lines][: height - 2 if height > 2 else 1], ramp[lines][: height - 2 if height > 2 else 1])
    assert kept.shape == ramp.shape and kept.dtype == ramp.dtype
    assert (kept[int(bottom) :: 2] == ramp[int(bottom) :: 2]).all()


def test_one_line_is_left_alone():
    line = np.ones((1, 5), np.uint8)
    assert (one_field(line, True) == line).all()


@pytest.mark.parametrize("order", ["tff", "bff"])
def test_interlaced_footage_keeps_its_geometry(tmp_path, film, order):
    """Fields of a moving picture: against the progressive one, the shift is under a twentieth of a line; the classic mistake is half one."""
    if order == "bff" and not hasattr(av.CodecContext.create("h264", "r"), "field_order"):
        pytest.skip("this PyAV does not say which field comes first")
    picture = _soft_noise(160, 240)
    moving = [np.roll(picture, 3 * k, axis=1) for k in range(4)]
    woven = []
    for k in range(4):
        frame = moving[k].copy()
        later = np.roll(picture, 3 * k + 1, axis=1)
        frame[1 if order == "tff" else 0 :: 2] = later[1 if order == "tff" else 0 :: 2]
        woven.append(frame)
    options = {"x264-params": f"{order}=1:interlaced=1", "crf": "5", "preset": "ultrafast"}
    path = film(tmp_path / "fields.mp4", woven, options=options)
    with open_footage(path) as footage:
        assert footage.info.interlaced
        for frame in footage.frames():
            seen = frame.luma().astype(np.float32)
            truth = _limited(moving[frame.number]).astype(np.float32)
            (dx, dy), response = cv2.phaseCorrelate(truth.copy(), seen.copy(), cv2.createHanningWindow(truth.shape[::-1], cv2.CV_32F))
            assert response > 0.5
            assert abs(dy) < 0.05, f"{order}: shifted by {dy:.3f} lines"
            assert abs(dx) < 0.1, f"{order}: the other field's time, {dx:.3f} px"
            small, small_truth = frame.luma((60, 40)), cv2.resize(truth, (60, 40), interpolation=cv2.INTER_AREA)
            assert np.abs(small - small_truth).mean() < 2.5


def test_progressive_footage_is_not_touched(tmp_path, film):
    picture = _soft_noise(160, 240)
    path = film(tmp_path / "whole.mkv", [picture], codec="ffv1", pix_fmt="gray")
    with open_footage(path) as footage:
        assert not footage.info.interlaced
        assert (next(footage.frames()).luma() == picture).all()


def _soft_noise(h: int, w: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    noise = cv2.GaussianBlur(rng.normal(0, 1, (h, w)).astype(np.float32), (0, 0), 2.5)
    return np.clip(128 + 50 * noise / noise.std(), 0, 255).astype(np.uint8)


def _limited(full: np.ndarray) -> np.ndarray:
    """What grey of full range is as limited-range luma."""
    return np.round(16 + full.astype(float) * 219 / 255)


def _set_matrix(path, nine) -> None:
    """Write a display matrix into the track header (tkhd, version 0) of an mp4."""
    body = bytearray(path.read_bytes())
    at = body.index(b"tkhd") + 4 + 40
    body[at : at + 36] = b"".join(int(x).to_bytes(4, "big", signed=True) for x in nine)
    path.write_bytes(body)
