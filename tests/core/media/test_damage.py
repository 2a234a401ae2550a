"""Damaged files are read past the damage, and what is lost is counted."""

from __future__ import annotations

import numpy as np

from genlock.core.media.footage import open_footage


def _scramble(path, where: float, length: int) -> None:
    body = bytearray(path.read_bytes())
    at = int(len(body) * where)
    body[at : at + length] = np.random.default_rng(0).integers(0, 256, length, np.uint8).tobytes()
    path.write_bytes(body)


def test_the_middle_is_damaged(tmp_path, film, numbered, read_number, capfd):
    path = film(tmp_path / "film.mov", numbered(60), codec="prores_ks", pix_fmt="yuv422p10le", muxer={"movflags": "faststart"})
    body = bytearray(path.read_bytes())
    frame_20 = [at for at in range(len(body)) if body[at : at + 4] == b"icpf"][20]
    body[frame_20 : frame_20 + 40] = bytes(40)
    path.write_bytes(body)
    with open_footage(path) as footage:
        seen = [(frame.number, read_number(frame.luma())) for frame in footage.frames()]
        media = footage.media()
    assert seen == [(k, k if k < 20 else k + 1) for k in range(59)]
    assert (footage.lost, media.lost, media.frames) == (1, 1, 59)
    assert media.rate == 25 and media.time_of(20) == 21 / media.rate, "time goes on as the stamps say"
    assert capfd.readouterr().err == ""


def test_damage_between_key_frames(tmp_path, film, numbered, read_number, capfd):
    path = film(tmp_path / "film.mp4", numbered(90), options={"g": "10", "bf": "2"}, muxer={"movflags": "faststart"})
    _scramble(path, 0.5, path.stat().st_size // 6)
    with open_footage(path) as footage:
        frames = [(frame.number, frame.pts, read_number(frame.luma())) for frame in footage.frames()]
        assert 40 < len(frames) < 90
        assert footage.lost + len(frames) == 90
        assert [number for number, _, _ in frames] == list(range(len(frames)))
        assert frames[0][2] == 0 and frames[-1][2] == 89, "before and behind the damage all is well"
        assert [frame.pts for frame in footage.at([len(frames) - 1])] == [frames[-1][1]]
    assert capfd.readouterr().err == ""


def test_the_end_is_missing(tmp_path, film, numbered, read_number):
    path = film(tmp_path / "film.mp4", numbered(60), options={"g": "12"}, muxer={"movflags": "faststart"})
    body = path.read_bytes()
    start = body.index(b"mdat")
    path.write_bytes(body[: start + (len(body) - start) // 2])
    with open_footage(path) as footage:
        seen = [read_number(frame.luma()) for frame in footage.frames()]
        assert seen == list(range(len(seen))) and 10 < len(seen) < 60
        assert footage.lost + len(seen) == 60
        assert footage.media().frames == len(seen)


def test_a_stream_that_was_cut_into(tmp_path, film, numbered, read_number):
    """A transport stream that begins and ends anywhere: what decodes is footage."""
    path = film(tmp_path / "film.ts", numbered(80), options={"g": "10", "bf": "2"})
    body = path.read_bytes()
    path.write_bytes(body[len(body) // 4 + 77 : -333])
    with open_footage(path) as footage:
        seen = [read_number(frame.luma()) for frame in footage.frames()]
        assert 30 < len(seen) < 80
        assert seen == list(range(seen[0], seen[0] + len(seen)))


def test_a_second_pass_counts_anew(tmp_path, film, numbered):
    path = film(tmp_path / "film.mp4", numbered(60), options={"g": "12"}, muxer={"movflags": "faststart"})
    _scramble(path, 0.6, 300)
    with open_footage(path) as footage:
        list(footage.frames())
        once = footage.lost
        list(footage.frames())
        assert footage.lost == once > 0
