"""Pictures on their way to a painter and back, and the question whether a mask is obeyed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest

from genlock.core.inpaint.bridge import samplers
from genlock.core.inpaint.bridge.pictures import decode, encode, in_depth
from genlock.core.inpaint.bridge.probe import probe_ask, require_mask_obeyed
from genlock.core.inpaint.bridge.words import clipped, said
from genlock.core.inpaint.contract import Ask, Painted, PaintError, ServerError


def noise(*shape: int, dtype: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(1).integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)


@pytest.mark.parametrize(("shape", "dtype"), [((9, 13, 3), np.uint8), ((9, 13, 3), np.uint16), ((9, 13, 4), np.uint8), ((1, 1, 3), np.uint8)])
def test_a_picture_goes_there_and_back_bit_for_bit(shape: tuple[int, ...], dtype: type) -> None:
    picture = noise(*shape, dtype=dtype)
    back = decode(encode(picture), picture.shape[:2], "it")
    assert back.dtype == picture.dtype and (back == picture).all()


def test_red_is_the_first_channel_of_the_file() -> None:
    data = encode(np.full((1, 1, 3), (255, 0, 7), np.uint8))
    at = data.index(b"IDAT")
    length = struct.unpack(">I", data[at - 4 : at])[0]
    assert zlib.decompress(data[at + 4 : at + 4 + length])[1:] == bytes([255, 0, 7])


@pytest.mark.parametrize("at", [20, 60, -20, -6])
def test_one_bit_flipped_is_seen(at: int) -> None:
    data = bytearray(encode(noise(16, 16, 3)))
    data[at] ^= 4
    with pytest.raises(PaintError):
        decode(bytes(data), (16, 16), "it")


@pytest.mark.parametrize("cut", [0, 7, 8, 30, 200, -1])
def test_a_picture_cut_short_is_seen(cut: int) -> None:
    with pytest.raises(PaintError, match="it is no whole PNG"):
        decode(encode(noise(16, 16, 3))[:cut], (16, 16), "it")


def test_a_size_that_is_claimed_is_refused_before_it_is_unpacked() -> None:
    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    with pytest.raises(PaintError, match="60000 x 60000, and 16 x 16 was asked for"):
        decode(data, (16, 16), "it")


def test_depths_reach_from_black_to_white_and_back() -> None:
    eight = np.arange(256, dtype=np.uint8).reshape(1, -1, 1).repeat(3, 2)
    sixteen = in_depth(eight, np.dtype(np.uint16))
    assert sixteen.max() == 65535 and (in_depth(sixteen, np.dtype(np.uint8)) == eight).all()
    for value in (0, 128, 129, 32767, 32768, 65406, 65407, 65535):
        got = in_depth(np.full((1, 1, 3), value, np.uint16), np.dtype(np.uint8))
        assert got[0, 0, 0] == round(value / 257)


@pytest.mark.parametrize(
    ("change", "obeyed"),
    [
        (lambda picture, hole: np.where(hole, 128, picture), True),
        (lambda picture, hole: np.where(hole, 128, picture.astype(int) + 10).clip(0, 255), True),
        (lambda picture, hole: (picture.astype(int) + 10).clip(0, 255), True),
        (lambda picture, hole: np.full_like(picture, 128), False),
        (lambda picture, hole: picture[::-1, ::-1], False),
    ],
    ids=["exact", "a decoder's change", "nothing painted", "all painted", "turned round"],
)
def test_a_mask_that_is_not_obeyed_is_told_from_a_decoders_changes(change: Callable[[np.ndarray, np.ndarray], np.ndarray], obeyed: bool) -> None:
    def paint(ask: Ask) -> Painted:
        return Painted(change(ask.picture, ask.mask[..., None] > 0).astype(np.uint8))

    if obeyed:
        require_mask_obeyed("it", paint)
    else:
        with pytest.raises(ServerError, match="it does not obey the mask"):
            require_mask_obeyed("it", paint)
    assert probe_ask().job == probe_ask().job


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("Euler a", ["euler", "euler_ancestral"], "euler_ancestral"),
        ("DPM++ 2M SDE", ["dpmpp_2m", "dpmpp_2m_sde"], "dpmpp_2m_sde"),
        ("dpm_2_a", ["DPM2", "DPM2 a"], "DPM2 a"),
        ("UniPC", ["uni_pc_bh2", "uni_pc"], "uni_pc"),
        ("euler", ["Euler", "euler"], "euler"),
        ("karras", [], None),
    ],
)
def test_spellings_of_a_sampler(name: str, known: list[str], found: str | None) -> None:
    assert samplers.chosen(name, known) == found


def test_what_a_server_says_is_one_line_of_bounded_length() -> None:
    assert clipped("a\x1b[31m\r\n b\u202ec\0" + "d" * 500, 12) == "a [31m b c …"
    assert said(b'{"detail": [{"loc": ["body", "steps"], "msg": "no"}, {"loc": [], "msg": "nor"}]}') == "steps: no; nor"
    assert said(b'{"error": "HTTPException", "detail": "", "errors": "out of memory"}') == "out of memory"
    assert said(b'{"error": {"type": "x", "message": "m", "details": "d"}}') == "m, d"
    assert [said(body) for body in (b"", b"[1]", b"<html>", b"\xff", b"[" * 100000, b'{"detail": 5}')] == [""] * 6
