"""genlock stmap: the files, read back by two programs that share no code with it, and every way to be refused."""

from __future__ import annotations

import itertools
import json
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import OpenImageIO as oiio
import pytest

from genlock.core.alignment import IDENTITY, Alignment, Key, Matrix, Media, Piece, Run, Verdict
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.maps import name_of
from genlock.hosts.worker.run import run
from genlock.tests.core.render.made import NTSC, aligned, charts, film, media

from .conftest import Call

CLIP_WH, REF_WH = (37, 23), (45, 31)


def write(path: Path, *keys: Key, frames: int = 6, timecode: str | None = None) -> Path:
    """Ref frames from 1 on show the clip; the ref is a sequence that starts at 1017, and neither file is there."""
    rate = Fraction(24000, 1001)
    clip = Media("/none/clip.mov", frames - 1, rate, *CLIP_WH)
    ref = Media("/none/ref.%04d.dpx", frames, rate, *REF_WH, start_frame=1017, timecode=timecode)
    shown = Run(1, frames - 1, Verdict.EXACT, (Piece(1, frames - 1, Fraction(0), Fraction(1)),), keys, score=0.9, confidence=0.99)
    path.write_text(json.dumps(Alignment(clip, ref, (Run(0, 1, Verdict.UNMATCHED), shown)).to_json()))
    return path


def shift(x: float, y: float) -> Matrix:
    return (1, 0, x, 0, 1, y, 0, 0, 1)


def decoded(path: Path) -> np.ndarray:
    """(h, w, 4) float32 R, G, B, A of an EXR, by FFmpeg."""
    with av.open(str(path)) as box:
        frame = next(box.decode(video=0))
    assert frame.format.name == "gbrapf32le"
    planes = [np.frombuffer(plane, np.float32).reshape(plane.height, -1)[:, : plane.width] for plane in frame.planes]
    return np.stack([planes[2], planes[0], planes[1], planes[3]], -1)


def spec_of(path: Path) -> oiio.ImageSpec:
    box = oiio.ImageInput.open(str(path))
    assert box is not None, oiio.geterror()
    spec = box.spec()
    box.close()
    return spec


def test_a_file_a_ref_frame(genlock: Call, folder: Path) -> None:
    write(folder / "out.json", Key(1, shift(4, 3)), Key(5, shift(8, 3)), timecode="01:00:42:09")
    told = genlock("stmap", "out.json", "-o", "st.%04d.exr", "--json")
    assert told.returncode == 0, told.stderr
    body = json.loads(told.stdout)
    assert body["figures"] == {"frames": 6, "unmatched": 1, "ref_first": 0, "size": [45, 31]}
    assert "1 of 6 ref frames show nothing" in told.stderr
    names = sorted(path.name for path in folder.glob("st*"))
    assert names == [f"st.{n}.exr" for n in range(1017, 1023)]
    assert not decoded(folder / "st.1017.exr").any()
    third = decoded(folder / "st.1020.exr")  # two ref frames after the first key: 6 to the right
    assert third[3, 6].tolist() == pytest.approx([0.5 / 37, 1 - 0.5 / 23, 0, 1])
    assert third[13, 20].tolist() == pytest.approx([14.5 / 37, 1 - 10.5 / 23, 0, 1])
    spec = spec_of(folder / "st.1020.exr")
    assert spec.channelnames == ("R", "G", "B", "A") and spec.format == oiio.FLOAT
    assert spec.get_string_attribute("smpte:TimeCode") == "01:00:42:12"
    assert {path.name for path in folder.iterdir()} == {*names, "clip.mp4", "ref.mp4", "out.json"}


def test_one_file_where_nothing_moves(genlock: Call, folder: Path) -> None:
    write(folder / "still.json", Key(1, shift(4, 3)))
    write(folder / "moving.json", Key(1, shift(4, 3)), Key(5, shift(8, 3)))
    assert genlock("stmap", "still.json", "-o", "st.exr").returncode == 0
    assert decoded(folder / "st.exr")[3, 4].tolist() == pytest.approx([0.5 / 37, 1 - 0.5 / 23, 0, 1])
    refused = genlock("stmap", "moving.json", "-o", "moving.exr")
    assert refused.returncode == 1 and not (folder / "moving.exr").exists()
    assert refused.stderr.splitlines()[-1] == (
        "genlock: the transform moves, by 4.00 px between ref frames 1018 and 1022, and one file holds one map; "
        "name a sequence, such as out.%04d.exr"
    )


def test_motion_and_inverse(genlock: Call, folder: Path) -> None:
    write(folder / "out.json", Key(1, shift(4, 3)))
    assert genlock("stmap", "out.json", "-o", "m.####.exr", "--motion", "--range", "1018-1019").returncode == 0
    assert genlock("stmap", "out.json", "-o", "i.exr", "--inverse").returncode == 0
    assert sorted(path.name for path in folder.glob("m.*")) == ["m.1018.exr", "m.1019.exr"]
    spec = spec_of(folder / "m.1018.exr")
    assert (spec.width, spec.height) == CLIP_WH and set(spec.channelnames) == {"forward.u", "forward.v", "A"}
    box = oiio.ImageInput.open(str(folder / "m.1018.exr"))
    pixels = box.read_image("float")
    box.close()
    assert pixels[..., spec.channelnames.index("forward.u")] == pytest.approx(4)
    assert pixels[..., spec.channelnames.index("forward.v")] == pytest.approx(31 - 23 - 3)
    back = decoded(folder / "i.exr")
    assert back.shape == (23, 37, 4)
    assert back[0, 0].tolist() == pytest.approx([4.5 / 45, 1 - 3.5 / 31, 0, 1])


def test_by_flow(genlock: Call, folder: Path) -> None:
    """The built-in flow on real files: charts that lie two pixels beside where the alignment has them."""
    clip = film(folder / "clip.mkv", charts(range(3)), NTSC)
    ref = film(folder / "ref.mkv", (np.roll(picture, (2, 3), (0, 1)) for picture in charts(range(3))), NTSC)
    made = aligned(media(clip, 3, rate=NTSC), media(ref, 3, rate=NTSC), [0, 1, 2], IDENTITY)
    (folder / "out.json").write_text(json.dumps(made.to_json()))
    told = genlock("stmap", "out.json", "-o", "flow.%d.exr", "--warp", "flow", "--precision", "1", "--range", "1-1")
    assert told.returncode == 0, told.stderr
    st = decoded(folder / "flow.1.exr")
    x, y = st[..., 0] * 160 - 0.5, (1 - st[..., 1]) * 96 - 0.5
    dots = [(31, 20), (122, 25), (70, 55)]
    away = [(x[v + 2, u + 3] - u, y[v + 2, u + 3] - v) for u, v in dots]
    assert np.abs(away).max() < 0.5


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["-o", "out.png"], 2, "out.png cannot hold an ST map; name an .exr, such as out.%04d.exr: it takes 32-bit float"),
        (["-o", "gone/out.exr"], 1, "there is no folder"),
        (["-o", "st.exr", "--range", "5-9"], 2, "its frames are 1017 to 1022"),
        (["-o", "st.exr", "--model", "rife"], 2, "a model is named, and the warp is by matrix alone"),
        (["-o", "st.exr", "--warp", "flow", "--range", "1018-1018"], 1, "/none/"),
        (["-o", "st.exr", "--codec", "h264"], 2, "not understood: --codec"),
        ([], 2, "missing: -o/--output"),
    ],
)
def test_refusals(genlock: Call, folder: Path, words: list[str], status: int, line: str) -> None:
    write(folder / "out.json", Key(1, shift(4, 3)))
    before = set(folder.iterdir())
    told = genlock("stmap", "out.json", *words)
    assert told.returncode == status, told.stderr
    assert line in told.stderr.splitlines()[-1]
    assert set(folder.iterdir()) == before


def test_a_job_that_is_stopped_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "out.json", Key(1, shift(4, 3)), frames=40)
    (tmp_path / "st.1017.exr").write_bytes(b"older")
    request = Request("stmap", {"aligned": str(tmp_path / "out.json")}, (str(tmp_path / "st.%04d.exr"),), {})
    asked = itertools.count()
    outcome = run(Job.create(str(tmp_path / "job"), request).folder, lambda: next(asked) < 20)
    assert next(asked) > 20
    assert outcome.exit_status == 130
    assert (tmp_path / "st.1017.exr").read_bytes() == b"older"
    assert sorted(os.listdir(tmp_path)) == ["job", "out.json", "st.1017.exr"]


def test_an_output_never_overwrites_a_picture_of_the_ref(tmp_path: Path) -> None:
    path = write(tmp_path / "out.json", Key(1, shift(4, 3)))
    body = json.loads(path.read_text())
    body["ref"]["path"] = str(tmp_path / "ref.%04d.exr")
    path.write_text(json.dumps(body))
    (tmp_path / "ref.1019.exr").write_bytes(b"\x76\x2f\x31\x01 a picture")
    request = Request("stmap", {"aligned": str(path)}, (str(tmp_path / "ref.%d.exr"),), {})
    outcome = run(Job.create(str(tmp_path / "job"), request).folder)
    assert outcome.exit_status == 1 and "also an input" in outcome.result["sentence"]
    assert (tmp_path / "ref.1019.exr").read_bytes() == b"\x76\x2f\x31\x01 a picture"


def test_names_of_files() -> None:
    assert name_of("/a/st.%04d.exr", 86400) == "/a/st.86400.exr"
    assert name_of("/a/st.%04d.exr", 7) == "/a/st.0007.exr"
    assert name_of("/a_%d/st_###.exr", 7) == "/a_%d/st_007.exr"
    assert name_of("st.exr", 7) == "st.exr"
