"""What painters are shown: there and back, with and without OpenColorIO, and what is said of light that cannot come back."""

import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.inpaint.colour import look_of

FLOAT, DEEP, BYTES = np.dtype(np.float32), np.dtype(np.uint16), np.dtype(np.uint8)


def light(top=20.0):
    rng = np.random.default_rng(6)
    return (rng.random((9, 11, 3)) ** 3 * top).astype(np.float32)


@pytest.mark.parametrize("space", ["", "ACEScg"])
def test_light_comes_back_from_sixteen_bits(space):
    look, frame = look_of(FLOAT, space), light()
    if space:  # colours that Rec. 709 can say, in that space
        from genlock.core.media.ocio import between

        frame = between("lin_rec709", space)(frame)
    back = look.from_painter(look.to_painter(frame))
    assert look.to_painter(frame).dtype == np.uint16 and back.dtype == np.float32
    np.testing.assert_allclose(back, frame, rtol=0.02, atol=2e-3)
    assert not look.beyond(frame, 16).any()


def test_a_named_space_is_another_picture_to_the_painter():
    """Pure red of ACEScg lies outside Rec. 709: more red than red, and green and blue below nothing."""
    red = np.zeros((1, 1, 3), np.float32)
    red[..., 0] = 0.5
    plain, named = look_of(FLOAT).to_painter(red), look_of(FLOAT, "ACEScg").to_painter(red)
    assert named[0, 0, 0] > plain[0, 0, 0] and named[0, 0, 1] == 0
    assert look_of(FLOAT, "ACEScg").beyond(red, 16).all() and not look_of(FLOAT).beyond(red, 16).any()


@pytest.mark.parametrize("dtype", [BYTES, DEEP])
def test_integers_without_a_space_are_shown_as_they_are(dtype):
    frame = np.random.default_rng(1).integers(0, np.iinfo(dtype).max + 1, (5, 6, 3)).astype(dtype)
    look = look_of(dtype)
    np.testing.assert_array_equal(look.to_painter(frame), frame)
    np.testing.assert_array_equal(look.taken(look.seen(frame), frame), frame)
    assert not look.beyond(frame, 8).any()


@pytest.mark.parametrize("space", ["", "ACEScg"])
def test_a_view_that_is_the_frame_s_own_gives_the_frame_bit_for_bit(space):
    look, frame = look_of(FLOAT, space), light(500.0)
    frame[0, 0], frame[1, 1], frame[2, 2] = np.nan, np.inf, -3.0
    view = look.seen(frame)
    np.testing.assert_array_equal(look.taken(view, frame), frame)
    view[4, 4] += 0.1
    changed = look.taken(view, frame)
    assert (changed[4, 4] != frame[4, 4]).any()
    rest = np.ones((9, 11), bool)
    rest[4, 4] = False
    np.testing.assert_array_equal(changed[rest], frame[rest])


def test_eight_bits_say_less_light_than_sixteen():
    frame = np.full((1, 2, 3), 0.5, np.float32)
    frame[0, 1] = 200.0
    look = look_of(FLOAT)
    assert look.beyond(frame, 8).tolist() == [[False, True]] and not look.beyond(frame, 16).any()


def test_a_space_that_ocio_does_not_have_is_refused():
    with pytest.raises(UsageError, match="no such space"):
        look_of(FLOAT, "no such space")
