"""A telecined film brought back with one command: the output's frames are the film's, bit for bit."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.core.media.plates.samples import Samples, frame_of
from genlock.core.retime.fields import woven
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.tests.core.retime.test_fields import WH, drawn, telecined

VIDEO, FILM = Fraction(30000, 1001), Fraction(24000, 1001)


def video(path: Path, pictures: list[Samples], flagged: bool = True, bottom_first: bool = False) -> Path:
    """Lossless H.264, which says that it is interlaced."""
    with av.open(str(path), "w") as box:
        stream = box.add_stream("libx264", rate=VIDEO)
        stream.width, stream.height, stream.pix_fmt = *WH, "yuv420p"
        stream.options = {"qp": "0", "x264-params": "cpu-independent=1" + (":bff=1" if bottom_first else ":tff=1") * flagged}
        if flagged:
            stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct
        for n, picture in enumerate(pictures):
            frame = frame_of(picture, "yuv420p")
            frame.pts, frame.time_base = n, 1 / VIDEO
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    return path


def planes(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        assert box.streams.video[0].average_rate == FILM
        frames = list(box.decode(video=0))
        assert not any(frame.interlaced_frame for frame in frames)
        return [frame.to_ndarray().tobytes() for frame in frames]


def bits(picture: Samples) -> bytes:
    return frame_of(picture, "yuv420p").to_ndarray().tobytes()


def brought_back(folder: Path, source: Path, outputs: list[str], **settings):
    request = Request("retime", {"footage": str(source)}, tuple(str(folder / name) for name in outputs), {"dedup": "only", **settings})
    outcome = run(Job.create(str(folder / f"job{len(list(folder.glob('job*')))}"), request).folder)
    assert outcome.exit_status == 0, outcome.result["sentence"]
    return outcome.result


@pytest.mark.parametrize(("skip", "bottom_first", "flagged"), [(0, False, True), (3, True, True), (1, False, False)])
def test_a_telecined_film_comes_back_bit_for_bit(tmp_path, skip, bottom_first, flagged):
    film = [drawn(k, seed=k // 14) for k in range(28)]
    pairs = telecined(film, skip, bottom_first)
    source = video(tmp_path / "in.mkv", [woven(film[top], film[bottom]) for top, bottom in pairs], flagged, bottom_first)
    told = brought_back(tmp_path, source, ["out.mkv", "list.json"], fps="24000/1001", fields="auto" if flagged else "match")
    assert any("fields are woven" in note for note in told["notes"])
    assert any("it was 24000/1001 frames a second before, and is again" in line for line in told["lines"])
    wanted = [bits(film[k]) for k in sorted({top for top, _ in pairs})]
    made = planes(tmp_path / "out.mkv")
    assert len(made) == round(len(pairs) / VIDEO * FILM)
    assert made[1:-1] == wanted[1 : len(made) - 1], "also where the film begins or ends in the middle of a picture"
    step, letter = (1, "n") if bottom_first else (-1, "p")
    split = [k for k, (a, b) in enumerate(pairs) if a != b and 0 <= k + step < len(pairs) and pairs[k + step][1] == a]
    told_letters = json.loads((tmp_path / "list.json").read_text())["fields"]
    assert [k for k, one in enumerate(told_letters) if one == letter] == split


def test_frames_that_are_whole_go_through_beside_woven_ones(tmp_path):
    """Twenty-five woven frames, twenty whole ones at the video's rate, twenty-five woven ones: every drawing is there, and at its time."""
    film = [drawn(k, seed=k // 20) for k in range(60)]
    begin, whole, end = telecined(film[:20]), [(k, k) for k in range(20, 40)], [(a + 40, b + 40) for a, b in telecined(film[40:60])]
    pairs = begin + whole + end
    source = video(tmp_path / "in.mkv", [woven(film[top], film[bottom]) for top, bottom in pairs])
    brought_back(tmp_path, source, ["out.mkv", "all.json"])
    said = json.loads((tmp_path / "all.json").read_text())
    assert set(said["fields"][26:44]) == {"c"} and said["fields"].count("p") == 20
    with av.open(str(tmp_path / "out.mkv")) as box:
        frames = [(frame.pts * frame.time_base, frame.to_ndarray().tobytes()) for frame in box.decode(video=0)]
    known = {bits(picture): k for k, picture in enumerate(film)}
    assert [known.get(body) for _, body in frames] == list(range(60))
    firsts = [next(n for n, (top, _) in enumerate(pairs) if top == k) for k in range(60)]
    assert [float(at) for at, _ in frames] == pytest.approx([float(n / VIDEO) for n in firsts], abs=0.002)


def test_a_slow_shot_is_told_by_its_fields(tmp_path):
    """The figures move by less than grain does, so that pictures alone would not tell the rhythm."""
    film = [drawn(k / 12) for k in range(28)]
    source = video(tmp_path / "in.mkv", [woven(film[a], film[b]) for a, b in telecined(film)])
    told = brought_back(tmp_path, source, ["list.csv"])
    assert any("it was 24000/1001 frames a second before: --dedup only --fps 24000/1001" in line for line in told["lines"])
    brought_back(tmp_path, source, ["out.mkv"], fps="24000/1001")
    assert planes(tmp_path / "out.mkv") == [bits(picture) for picture in film]


def test_what_was_shot_as_fields_keeps_them(tmp_path):
    halves = [drawn(k / 2) for k in range(24)]
    source = video(tmp_path / "in.mkv", [woven(halves[k], halves[k + 1]) for k in range(0, 24, 2)])
    told = brought_back(tmp_path, source, ["out.mkv"])
    assert not any("taken apart" in note for note in told["notes"])
    with av.open(str(source)) as before, av.open(str(tmp_path / "out.mkv")) as box:
        a, b = ([frame.to_ndarray() for frame in one.decode(video=0)] for one in (before, box))
    assert len(a) == len(b) and all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))
