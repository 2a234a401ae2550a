"""What a browser is sent: right pictures of every depth, and never more of them in memory than allowed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.media.info import ReadOptions
from genlock.core.media.ocio import to_display
from genlock.hosts.web.corrections import mask_from
from genlock.hosts.web.films import Film, fitted, laid
from genlock.hosts.web.pictures import SIZES, Cache, eight_bit, encoded

RNG = np.random.default_rng(4)


def decoded(data: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) if picture.ndim == 3 else picture


@pytest.mark.parametrize("hw", [(1, 1), (7, 33), (90, 160)])
def test_full_size_is_bit_for_bit(hw):
    picture = RNG.integers(0, 256, (*hw, 3), np.uint8)
    assert (decoded(encoded(picture, SIZES["full"])) == picture).all()
    assert (decoded(encoded(picture[..., 0], SIZES["full"])) == picture[..., 0]).all()


@pytest.mark.parametrize(("hw", "longest"), [((1080, 1920), 320), ((901, 300), 320), ((20, 30), 30), ((1, 4000), 320)])
def test_small_sizes_keep_the_shape_and_nothing_is_made_larger(hw, longest):
    small = decoded(encoded(np.zeros((*hw, 3), np.uint8), SIZES["thumb"]))
    assert max(small.shape[:2]) == longest
    assert small.shape[0] == pytest.approx(hw[0] * longest / max(hw), abs=1)


def test_sixteen_bits_are_rounded():
    levels = np.array([[0, 128, 129, 385, 386, 65535]], np.uint16)
    assert eight_bit(levels).tolist() == [[0, 0, 1, 1, 2, 255]]


def test_float_is_shown_by_the_srgb_curve_and_never_clips_hard():
    light = np.array([[[-1.0, 0.0, 0.18]], [[0.5, 1.0, 50.0]]], np.float32)
    seen = eight_bit(light)
    assert seen[0, 0].tolist() == [0, 0, round(255 * (1.055 * 0.18 ** (1 / 2.4) - 0.055))]
    assert seen[1, 0, 0] < seen[1, 0, 1] < seen[1, 0, 2] <= 255


def test_the_cache_holds_no_more_than_it_may_and_forgets_the_oldest():
    cache = Cache(100)
    for name in "abcde":
        cache.get(name, lambda: b"x" * 30)
        cache.get("a", lambda: b"x" * 30)
        assert cache.bytes <= 100
    assert cache.get("a", lambda: b"anew") == b"x" * 30, "asked for all the time"
    assert cache.get("b", lambda: b"anew") == b"anew", "not asked for since"
    assert cache.get("large", lambda: b"y" * 101) == b"y" * 101
    assert cache.bytes <= 100


def test_a_mask_from_the_browser():
    mask = np.zeros((5, 9), np.uint8)
    mask[1:3, 2:7] = 255
    rgba = np.dstack([mask, mask, mask, np.full_like(mask, 255)])
    data = cv2.imencode(".png", rgba)[1].tobytes()
    assert (mask_from(data, (5, 9)) == mask).all()
    with pytest.raises(UsageError, match="9 x 5"):
        mask_from(data, (9, 5))
    with pytest.raises(UsageError, match="no PNG"):
        mask_from(b"GIF89a" + data, (5, 9))
    with pytest.raises(UsageError, match="damaged"):
        mask_from(data[:60], (5, 9))


def test_a_mask_that_claims_to_be_huge_is_refused_by_its_header():
    tall = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60000).to_bytes(4, "big") + (60000).to_bytes(4, "big") + b"\x08\x06\x00\x00\x00" + b"\0" * 40
    with pytest.raises(UsageError, match="60000 x 60000"):
        mask_from(tall, (5, 9))


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0, 2.0])
def test_the_clip_is_laid_where_its_matrix_says(scale):
    """A soft blob: its centre of mass is where the matrix takes it, to a tenth of a pixel."""
    y, x = np.mgrid[:240, :320]
    blob = (255 * np.exp(-((x - 131.0) ** 2 + (y - 82.0) ** 2) / (2 * 14.0**2))).astype(np.uint8)
    matrix = np.array([[scale, 0, 11.5], [0, scale, 7.25], [0, 0, 1]])
    seen = laid(np.dstack([blob] * 3), matrix, (700, 500))[..., 0].astype(float)
    yy, xx = np.mgrid[: seen.shape[0], : seen.shape[1]]
    assert (seen * xx).sum() / seen.sum() == pytest.approx(131 * scale + 11.5, abs=0.1)
    assert (seen * yy).sum() / seen.sum() == pytest.approx(82 * scale + 7.25, abs=0.1)


def test_what_has_no_matrix_fills_the_ref():
    assert (fitted((320, 180), (640, 360)) @ [159.5, 89.5, 1]) == pytest.approx([319.5, 179.5, 1])
    assert (fitted((100, 100), (200, 100)) @ [0, 0, 1]) == pytest.approx([50, 0, 1])


def test_a_named_colour_space_is_shown_through_opencolorio(tmp_path):
    """Mid grey in ACEScct, a log curve, is much darker on a screen than its code; without the name it is shown as it stands."""
    cv2.imwrite(str(tmp_path / "log.png"), np.full((8, 8, 3), round(0.4135 * 65535), np.uint16))
    path = str(tmp_path / "log.png")
    plain = Film(path, ReadOptions(), 1, "off").picture(0)
    named = Film(path, ReadOptions(space="ACEScct"), 1, "off").picture(0)
    assert abs(int(plain[4, 4, 1]) - 105) <= 1
    want = to_display("ACEScct")(np.full((1, 1, 3), 0.4135, np.float32))[0, 0, 1] * 255
    assert abs(int(named[4, 4, 1]) - want) <= 1 and abs(want - 105) > 3
