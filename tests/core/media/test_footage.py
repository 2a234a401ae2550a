"""Frames by number, from many containers and codecs: each frame says itself which one it is."""

from __future__ import annotations

import gc
import os
import threading

import numpy as np
import pytest

from genlock.core.errors import MediaError
from genlock.core.media.footage import open_footage, probe

CASES = {
    "b-frames.mp4": dict(codec="libx264", options={"g": "12", "bf": "3"}),
    "open-gop.mp4": dict(codec="libx264", options={"x264-params": "keyint=10:open-gop=1:bframes=3:scenecut=0"}),
    "b-frames.mkv": dict(codec="libx264", options={"g": "12", "bf": "3"}),
    "b-frames.ts": dict(codec="libx264", options={"g": "12", "bf": "3"}),
    "program.mpg": dict(codec="mpeg2video", options={"g": "12", "bf": "2", "q": "3"}),
    "old.avi": dict(codec="mpeg4", options={"g": "12", "bf": "2"}),
    "bare.h264": dict(codec="libx264", options={"g": "12", "bf": "2"}),
    "edit.mov": dict(codec="prores_ks", pix_fmt="yuv422p10le"),
    "archive.mkv": dict(codec="ffv1"),
    "camera.mxf": dict(codec="mpeg2video", options={"g": "12", "bf": "2", "q": "3"}),
    "web.webm": dict(codec="libvpx-vp9", options={"g": "20", "deadline": "realtime", "cpu-used": "8"}),
    "motion.mov": dict(codec="mjpeg", pix_fmt="yuvj420p"),
    "hevc.mp4": dict(codec="libx265", options={"x265-params": "keyint=12:bframes=3:log-level=none"}),
}


@pytest.fixture(params=CASES)
def case(request, tmp_path, film, numbered):
    return film(tmp_path / request.param, numbered(50), **CASES[request.param])


def test_every_frame_has_its_number(case, read_number):
    with open_footage(case) as footage:
        seen = [(frame.number, read_number(frame.luma())) for frame in footage.frames()]
        assert seen == [(k, k) for k in range(50)]
        assert footage.lost == 0
        media = footage.media()
        assert (media.frames, media.rate, media.pts) == (50, 25, None)
        assert (footage.info.width, footage.info.height) == (192, 108)


def test_chosen_frames_are_the_same_pictures(case):
    wanted = [49, 0, 1, 11, 12, 13, 30, 31, 47, 31]
    with open_footage(case) as footage:
        whole = {frame.number: frame.luma().copy() for frame in footage.frames()}
        again = {frame.number: frame.luma().copy() for frame in footage.at(wanted)}
        assert list(again) == sorted(set(wanted))
        assert all((again[number] == whole[number]).all() for number in again)
        index = footage.index
    with open_footage(case, index=index) as footage:
        assert footage.media().frames == 50
        assert [(frame.luma() == whole[frame.number]).all() for frame in footage.at([48])] == [True]


def test_seeking_reads_less_than_the_whole(tmp_path, film, numbered, monkeypatch):
    path = film(tmp_path / "long.mp4", numbered(250), options={"g": "10", "bf": "2"})
    with open_footage(path) as footage:
        for _ in footage.frames():
            pass
        from genlock.core.media import container

        packets = []
        plain = container.decoded
        monkeypatch.setattr(container, "decoded", lambda packet, damage: packets.append(packet) or plain(packet, damage))
        assert [frame.number for frame in footage.at([200])] == [200]
        assert 0 < len(packets) < 60


def test_small_luma_is_an_area_average(tmp_path, film):
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (90, 160), np.uint8)
    path = film(tmp_path / "noise.mkv", [picture], codec="ffv1", pix_fmt="gray")
    with open_footage(path) as footage:
        frame = next(footage.frames())
        assert (frame.luma() == picture).all()
        blocks = picture.reshape(18, 5, 32, 5).mean(axis=(1, 3))
        small = frame.luma((32, 18))
        assert small.flags.c_contiguous and small.dtype == np.uint8
        assert np.abs(small - blocks).max() <= 0.51


@pytest.mark.parametrize("size_wh", [(191, 107), (17, 33), (1, 1), (1920, 3)])
def test_odd_sizes(tmp_path, film, size_wh):
    w, h = size_wh
    picture = (np.add.outer(np.arange(h) * 3, np.arange(w)) % 200).astype(np.uint8)
    path = film(tmp_path / "odd.mkv", [picture, picture], codec="ffv1", pix_fmt="yuv444p")
    with open_footage(path) as footage:
        for frame in footage.frames():
            luma = frame.luma()
            assert luma.shape == (h, w) and luma.flags.c_contiguous
            assert frame.luma((8, 5)).shape == (5, 8)
            assert frame.rgb().shape == (h, w, 3)


def test_rgb_shows_the_colours(tmp_path, film):
    colours = np.zeros((64, 96, 3), np.uint8)
    colours[:, :32], colours[:, 32:64], colours[:, 64:] = (200, 30, 40), (40, 180, 50), (30, 50, 190)
    path = film(tmp_path / "colours.mkv", [colours], codec="ffv1", pix_fmt="yuv444p")
    with open_footage(path) as footage:
        seen = next(footage.frames()).rgb((12, 8))
    assert seen.shape == (8, 12, 3)
    for column, colour in ((1, (200, 30, 40)), (5, (40, 180, 50)), (10, (30, 50, 190))):
        assert np.abs(seen[4, column].astype(int) - colour).max() <= 4


def test_a_pass_can_be_left_half_way(tmp_path, film, numbered):
    path = film(tmp_path / "film.mp4", numbered(40))
    gc.collect()
    files, tasks = _open_files(), len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 0
    with open_footage(path) as footage:
        for frame in footage.frames():
            if frame.number == 3:
                break
        assert footage.index is None
        with pytest.raises(MediaError, match="not counted"):
            footage.media()
        passing = footage.frames()
        next(passing)
        passing.close()
        left = footage.frames()
        next(left)
    with pytest.raises(MediaError, match="was closed"):
        next(left)
    gc.collect()
    assert _open_files() == files
    if tasks:
        assert len(os.listdir("/proc/self/task")) <= tasks


def test_two_in_two_threads(tmp_path, film, numbered, read_number):
    paths = [film(tmp_path / f"{k}.mp4", numbered(60), options={"g": "12"}) for k in range(2)]
    seen: dict[str, list[int]] = {}

    def read(path):
        with open_footage(path) as footage:
            seen[str(path)] = [read_number(frame.luma((96, 54))) for frame in footage.frames()]
            seen[str(path)] += [read_number(frame.luma()) for frame in footage.at(range(0, 60, 7))]

    threads = [threading.Thread(target=read, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert list(seen.values()) == [list(range(60)) + list(range(0, 60, 7))] * 2


def test_frames_can_be_held(tmp_path, film, numbered, read_number):
    path = film(tmp_path / "film.mp4", numbered(30), options={"bf": "2"})
    with open_footage(path) as footage:
        held = list(footage.frames())
    assert [read_number(frame.luma()) for frame in held] == list(range(30))


def test_frames_that_do_not_exist(tmp_path, film, numbered):
    path = film(tmp_path / "film.mp4", numbered(5))
    with open_footage(path) as footage:
        list(footage.frames())
        assert list(footage.at([])) == []
        for wrong in (-1, 5):
            with pytest.raises(IndexError, match="frames 0 to 4"):
                list(footage.at([wrong]))


def test_one_frame(tmp_path, film, numbered):
    path = film(tmp_path / "one.mp4", numbered(1))
    with open_footage(path) as footage:
        assert [frame.number for frame in footage.frames()] == [0]
        assert footage.media().frames == 1 and footage.media().pts is None
        assert [frame.number for frame in footage.at([0])] == [0]


def test_probe(tmp_path, film, numbered):
    path = film(tmp_path / "film.mov", numbered(48), rate="24000/1001", codec="prores_ks", pix_fmt="yuv422p10le", sound=np.zeros(96096, np.float32))
    info = probe(path)
    assert (info.rate.numerator, info.rate.denominator, info.frames) == (24000, 1001, 48)
    assert (info.codec, info.pix_fmt, info.bits, info.kind) == ("prores", "yuv422p10le", 10, "video")
    assert (info.sound, info.sound_rate, info.sound_channels) == (True, 48000, 1)
    assert abs(info.duration_s - 48 * info.rate**-1) < 0.002


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
