"""MLT as melt renders it: real footage that carries its frame numbers, read back from the pixels."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.core.pieces import fit
from genlock.otio_adapters.formats import render

from ..footage import Chart, dot_on, number_on

needs_melt = pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed (apt install melt)")


def film(path: Path, rate: Fraction, frames: int = 60, dots=((122.0, 25.0),)) -> Media:
    chart = Chart(frames=frames, dots_xy=dots)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"crf": "2", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for n in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(chart.frame(n)), format="bgr24")))
        out.mux(stream.encode())
    return Media(str(path), frames, rate, 160, 96)


def melted(alignment: Alignment, folder: Path) -> list[np.ndarray]:
    project, out = folder / "p.mlt", folder / "out.nut"
    project.write_bytes(render(alignment, ".mlt")[0][".mlt"])
    command = ["melt", str(project), "-consumer", f"avformat:{out}", "vcodec=rawvideo", "pix_fmt=bgr24", "an=1", "real_time=-1"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    with av.open(str(out)) as made:
        return [frame.to_ndarray(format="bgr24") for frame in made.decode(video=0)]


@needs_melt
@pytest.mark.parametrize(("clip_rate", "ref_rate"), [("24", "24"), ("24000/1001", "25"), ("25", "30000/1001"), ("50", "24")])
def test_melt_plays_the_map(clip_rate: str, ref_rate: str, tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mp4", Fraction(clip_rate))
    ref = film(tmp_path / "ref.mp4", Fraction(ref_rate), 70)
    wanted: list[int | None] = [*range(7, 19), *[33] * 5, None, None, *range(40, 30, -1), *range(0, 40, 4)]
    wanted += [*[k // 2 for k in range(20, 41)], 59, 3, 0]
    wanted += [None] * (70 - len(wanted))
    runs, first = [], 0
    while first < 70:
        end = first
        while end < 70 and (wanted[end] is None) == (wanted[first] is None):
            end += 1
        pieces = () if wanted[first] is None else fit([None if x is None else (x, x) for x in wanted[first:end]], first, clip, ref)
        runs.append(Run(first, end - first, Verdict.EXACT if pieces else Verdict.UNMATCHED, pieces))
        first = end
    pictures = melted(Alignment(clip, ref, tuple(runs)), tmp_path)
    seen = [number_on(picture) if picture[48, 80, 0] > 20 else None for picture in pictures]
    assert seen == wanted


@needs_melt
def test_melt_lays_the_picture(tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mp4", Fraction(24), 30, dots=((60.0, 40.0),))
    film(tmp_path / "ref.mp4", Fraction(24), 30)
    ref = Media(str(tmp_path / "ref.mp4"), 30, Fraction(24), 220, 180)
    keys = (Key(0, (1.5, 0, -20.0, 0, 1.25, 30.0, 0, 0, 1)), Key(29, (1.0, 0, 10.0, 0, 1.0, 20.0, 0, 0, 1)))
    made = Alignment(clip, ref, (Run(0, 30, Verdict.EXACT, (Piece(0, 30, Fraction(0), Fraction(1)),), keys),))
    pictures = melted(made, tmp_path)
    assert pictures[0].shape == (180, 220, 3)
    for frame in (0, 14, 29):
        m = made.matrix_at(frame)
        assert m is not None
        at = (m[0] * 60 + m[2], m[4] * 40 + m[5])
        assert np.abs(np.array(dot_on(pictures[frame], at, 15)) - at).max() < 0.5, frame


def test_a_hair_off_upright_is_laid_and_told() -> None:
    """A measured matrix is never quite upright: 0.03 degrees over 640 pixels is a third of a pixel."""
    clip, ref = Media("/c.mov", 60, Fraction(24), 640, 360), Media("/r.mov", 60, Fraction(24), 1280, 720)
    keys = (Key(0, (1.0, 0.0005, 211.0, -0.0005, 1.0, 97.0, 0.0, 0.0, 1.0)),)
    body, notes = render(Alignment(clip, ref, (Run(0, 60, Verdict.EXACT, (Piece(0, 60, Fraction(0), Fraction(1)),), keys),)), ".mlt")
    # a corner is 0.0005 * 180 from the middle of its edge in x and 0.0005 * 320 in y
    assert notes == [".mlt lays the clip upright, a corner up to 0.18 pixels off; .otio, .json and .nk are exact"]
    rect = body[".mlt"].split(b'transition.rect">0=')[1].split(b";")[0].split()
    assert [float(n) for n in rect] == pytest.approx([211 + 0.0005 * 179.5, 97 - 0.0005 * 319.5, 640, 360, 1], abs=1e-5)


def test_what_mlt_cannot_say() -> None:
    clip, ref = Media("/c.mov", 60, Fraction(24), 80, 80), Media("/r.mov", 60, Fraction(24), 80, 80)
    pieces = (Piece(0, 60, Fraction(0), Fraction(1)),)
    turned = Alignment(clip, ref, (Run(0, 60, Verdict.EXACT, pieces, (Key(0, (1.0, 0.1, 0, -0.1, 1.0, 0, 0, 0, 1)),)),))
    body, notes = render(turned, ".mlt")
    assert "does not say where" in notes[0] and b"affine" not in body[".mlt"]
    vfr = Media("/c.mov", 60, Fraction(24), 8, 8, pts=tuple(range(60)), time_base=Fraction(1, 24))
    with pytest.raises(FormatError, match=r"variable.*write \.otio"):
        render(Alignment(vfr, ref, turned.runs), ".mlt")
