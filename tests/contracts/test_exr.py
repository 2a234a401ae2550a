"""Half EXR with all that stands in its header, through render, composite and retime: bits and attributes; and no date of the day."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.tests.core.render.made import aligned, media

WH = (33, 21)
PRIMARIES = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
WORDS = {"owner": "the lab", "capDate": "2021:03:04 05:06:07", "camera": "A"}


def pixels(number: int) -> np.ndarray:
    """(h, w, 4) half: light below 0 and far above 1, alpha from 0 to 1."""
    random = np.random.default_rng(number)
    light = random.normal(0.5, 2, (*WH[::-1], 3))
    alpha = random.uniform(0, 1, (*WH[::-1], 1))
    return np.dstack([light, alpha]).astype(np.float16)


def write(path: Path, number: int, dated: bool = True) -> None:
    spec = oiio.ImageSpec(*WH, 4, "half")
    spec.channelnames = ("R", "G", "B", "A")
    spec.attribute("compression", "zips")
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), PRIMARIES)
    spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (0x01020300 + number, 0))
    spec.attribute("DateTime", WORDS["capDate"] if dated else "")
    spec.attribute("Copyright", WORDS["owner"])
    spec.attribute("lab/camera", WORDS["camera"])
    spec.attribute("lab/iso", 800)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec) and out.write_image(np.ascontiguousarray(pixels(number))) and out.close()


def read(path: Path) -> tuple[np.ndarray, Any]:
    file = oiio.ImageInput.open(str(path))
    spec = file.spec()
    return file.read_image(0, 0, 0, spec.nchannels, "half"), spec


def do(kind: str, folder: Path) -> list[Path]:
    """Three pictures through one command, with nothing to change; as pictures."""
    source, out = str(folder / "in.%04d.exr"), str(folder / "out.%04d.exr")
    if kind in ("render", "composite"):
        said = media(source, 3, WH, F(24000, 1001), start_frame=1001)
        told = {"clip_rate": "24000/1001", "ref_rate": "24000/1001"}
        alignment = {**aligned(said, said, [0, 1, 2]).to_json(), "settings": told}
        (folder / "a.json").write_text(json.dumps(alignment))
        request = Request(kind, {"aligned": str(folder / "a.json")}, (out,), {})
    else:
        request = Request("retime", {"footage": source}, (out,), {"dedup": "off", "method": "plain", "rate": "24000/1001"})
    outcome = run(Job.create(str(folder / "job"), request).folder)
    assert outcome.exit_status == 0, outcome.result
    return sorted(folder.glob("out.*.exr"))


@pytest.mark.parametrize("kind", ["render", "retime"])
def test_bits_and_header_stay(kind: str, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"in.{1001 + number}.exr", number)
    made = do(kind, tmp_path)
    assert [path.name for path in made] == [f"out.{1001 + n}.exr" for n in range(3)]
    for number, path in enumerate(made):
        got, spec = read(path)
        assert got.tobytes() == pixels(number).tobytes()
        assert (str(spec.format), spec.channelnames) == ("half", ("R", "G", "B", "A"))
        assert np.allclose(spec.getattribute("chromaticities"), PRIMARIES)
        assert spec.getattribute("Copyright") == WORDS["owner"]
        assert (spec.getattribute("lab/camera"), spec.getattribute("lab/iso")) == (WORDS["camera"], 800)
        assert spec.getattribute("DateTime") == WORDS["capDate"]
        assert spec.getattribute("compression") == "zips"


def test_a_picture_without_a_date_gets_none(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"in.{1001 + number}.exr", number, dated=False)
    for path in do("render", tmp_path):
        assert b"capDate" not in path.read_bytes()


def test_a_composite_lays_light_over_light(tmp_path: Path) -> None:
    """Alpha is multiplied in, and shows what lies below: here the same picture again."""
    for number in range(3):
        write(tmp_path / f"in.{1001 + number}.exr", number)
    for number, path in enumerate(do("composite", tmp_path)):
        got, spec = read(path)
        assert spec.channelnames == ("R", "G", "B")
        top, alpha = pixels(number)[..., :3].astype(np.float64), pixels(number)[..., 3:].astype(np.float64)
        want = top + top * (1 - alpha)
        assert np.abs(got - want).max() < 2e-3 * np.abs(want).max()
