"""A pass that was cut off is gone on with: from a key frame in it, and to the same end as a pass that never stopped."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

from genlock.core.media.footage import Footage, open_footage
from genlock.core.media.walked import OVERLAP, Strayed, Walked

N = 120
UNEVEN = [40 * k + 13 * (k % 3 == 1) + 500 * (k > 70) for k in range(N)]


def x264(*more: str, g: int = 12) -> dict[str, str]:
    return {"preset": "veryfast", "x264-params": ":".join([f"keyint={g}:min-keyint={g}:scenecut=0", *more])}


FORMS = {
    "23.976, B-frames": ("a.mp4", {"rate": Fraction(24000, 1001), "options": x264("bframes=3:b-pyramid=2")}),
    "open groups": ("a.mkv", {"options": x264("open-gop=1:bframes=3")}),
    "begins late": ("a.ts", {"options": x264("bframes=2"), "pts": [7000 + k for k in range(N)]}),
    "variable rate": ("a.mkv", {"options": x264("bframes=2"), "pts": UNEVEN, "time_base": Fraction(1, 1000)}),
    "MPEG-2": ("a.mkv", {"codec": "mpeg2video", "options": {"g": "12", "bf": "2"}}),
    "key frames alone": ("a.mov", {"codec": "prores_ks", "pix_fmt": "yuv422p10le"}),
}  # fmt: skip


def seen(footage: Footage, before: Walked | None = None) -> list[tuple[int, int, bool, bytes]]:
    return [(f.number, f.pts, f.key, f.luma((48, 27)).tobytes()) for f in footage.frames(before)]


def cut_off(path, frames: int) -> Walked:
    with open_footage(path) as footage:
        assert len(list(islice(footage.frames(), frames))) == frames
        walked = footage.walked
        assert walked is not None and len(walked) == frames
        return walked


@pytest.fixture(scope="module", params=FORMS)
def made(request, tmp_path_factory):
    from genlock.tests.core.media.conftest import barcode, write_film

    name, how = FORMS[request.param]
    return write_film(tmp_path_factory.mktemp("form") / name, [barcode(k, (96, 54)) for k in range(N)], **how)


@pytest.mark.parametrize("frames", [50, 97, N])
def test_it_ends_as_if_it_had_never_stopped(made, frames):
    with open_footage(made) as footage:
        whole, index, media = seen(footage), footage.index, footage.media()
    before = cut_off(made, frames)
    start = before.start()
    assert 0 < start <= frames - OVERLAP
    with open_footage(made) as footage:
        assert seen(footage, before) == whole[start:]
        assert footage.index == index and footage.media() == media
        assert footage.walked is not None and footage.walked.pts == [pts for _, pts, _, _ in whole]


def test_damage_is_counted_once(film, numbered, tmp_path):
    """Broken in three places. What a decoder makes of broken pictures differs from pass to pass: their times are compared."""
    rng = np.random.default_rng(3)
    grainy = [np.clip(picture + rng.integers(-20, 21, picture.shape), 0, 255).astype(np.uint8) for picture in numbered(300, (96, 54))]
    path = film(tmp_path / "a.mp4", grainy, options=x264("bframes=2", g=10), muxer={"movflags": "faststart"})
    body = bytearray(path.read_bytes())
    start = body.index(b"mdat")
    for share in (0.1, 0.5, 0.9):
        at = start + int((len(body) - start) * share)
        body[at : at + 700] = np.random.default_rng(1).integers(0, 256, 700, np.uint8).tobytes()
    path.write_bytes(body)
    with open_footage(path) as footage:
        whole, lost = [(frame.number, frame.pts, frame.key) for frame in footage.frames()], footage.lost
    assert lost > 0
    went_on = 0
    for frames in range(60, len(whole), 30):
        before = cut_off(path, frames)
        with open_footage(path) as footage:
            assert [(frame.number, frame.pts, frame.key) for frame in footage.frames(before)] == whole[before.start() :]
            assert footage.lost == lost
        went_on += before.start() > 0
    assert went_on >= 4


def test_a_sequence_with_holes(tmp_path, numbered):
    import cv2

    for k, picture in enumerate(numbered(100, (48, 32))):
        if k not in (20, 55, 56):
            cv2.imwrite(str(tmp_path / f"shot.{k + 1001}.png"), picture)
    name = str(tmp_path / "shot.%04d.png")
    with open_footage(name) as footage:
        whole = seen(footage)
    for frames in (70, 97):
        before = cut_off(name, frames)
        with open_footage(name) as footage:
            assert seen(footage, before) == whole[before.start() :]
            assert footage.lost == 3


def test_another_film_is_found_out(film, numbered, tmp_path):
    one = film(tmp_path / "a.mp4", numbered(N, (96, 54)), options=x264("bframes=2"))
    other = film(tmp_path / "b.mp4", numbered(N - 40, (96, 54)), options=x264(g=11))
    for frames in (60, 100):
        with open_footage(other) as footage, pytest.raises(Strayed):
            seen(footage, cut_off(one, frames))


def test_what_cannot_be_gone_on_with_begins_anew():
    even = Walked([10 * k for k in range(100)], [0, 50], [0] * 100)
    assert even.start() == 50
    assert Walked([10 * k for k in range(60)], [0, 50], [0] * 60).start() == 0, "too few frames behind the key frame"
    assert Walked([10 * k % 300 for k in range(100)], [0, 50], [0] * 100).start() == 0, "time stamps come twice"
    assert Walked([0, 0, *even.pts[2:]], [0, 50], [0] * 100).start() == 50, "two at the same time, long before"
    assert Walked([9990, *even.pts[1:]], [0, 50], [0] * 100).start() == 0, "the key frame's time comes twice"
    assert Walked(even.pts, [0, 50], [0] * 60 + [1] * 40).start() == 0, "damage near the key frame"
    assert Walked(even.pts, [0, 20, 50], [0] * 70 + [1] * 30).start() == 20, "an earlier one lies apart from it"
    assert Walked().start() == 0
