"""Plates: the numbers that analysis sees, every bit of every plane, and RGB by closed form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from genlock.core.errors import MediaError, UsageError
from genlock.core.media.footage import open_footage
from genlock.core.media.plates import PlateOptions, open_plates
from genlock.core.media.plates.chroma import enlarged, reduced
from genlock.core.media.plates.colour import Encoding, from_rgb, to_rgb
from genlock.core.media.plates.form import Form, stored_as
from genlock.core.media.plates.samples import Samples, frame_of, samples_of

from .pictures import noise_film, plates_of, shaded

FORMATS = (
    "yuv420p yuv422p10le yuv444p12le yuva444p10le yuva420p nv12 nv21 p010le p210le p016le gray gray10le gray16be ya8 ya16le gbrp gbrp10le "
    "gbrap16le gbrpf32le gbrapf32le gbrpf16le rgb24 bgr24 rgba bgra argb abgr rgb0 bgr0 0rgb rgb48le rgb48be rgba64be rgbf32le rgbaf16le "
    "grayf32le yuyv422 uyvy422 yvyu422 yuv411p yuv410p yuv440p10le yuvj420p nv24 yuv420p16le"
).split()


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_every_format_gives_back_its_samples(pix_fmt: str) -> None:
    stored = stored_as(pix_fmt)
    assert stored is not None
    form, rng, size = stored.form, np.random.default_rng(4), (35, 18)
    planes = []
    for k in range(len(stored.places)):
        shape = form.size_of(k, size)[::-1]
        if form.is_float:
            planes.append(rng.normal(0, 3, shape).astype(np.float16 if form.bits == 16 else np.float32))
        else:
            planes.append(rng.integers(0, 2**form.bits, shape).astype(np.uint8 if form.bits == 8 else np.uint16))
    back = samples_of(frame_of(Samples(form, tuple(planes)), pix_fmt))
    assert back.form == form
    assert all(np.array_equal(a, b) for a, b in zip(planes, back.planes, strict=True))


@pytest.mark.parametrize("pix_fmt", ["yuv444p12le", "gbrp10le", "rgb48be", "gbrapf32le", "yuvj444p", "gray16le", "nv24"])
def test_rgb_is_what_swscale_makes_of_it(pix_fmt: str) -> None:
    source = (shaded(2) * 65535).astype(np.uint16)
    frame = av.VideoFrame.from_ndarray(source, format="rgb48le").reformat(format=pix_fmt, dst_colorspace=1)
    swscale = frame.reformat(format="rgb48le", src_colorspace=1).to_ndarray() / 65535
    ours = to_rgb(samples_of(frame), Encoding(1, pix_fmt.startswith(("yuvj", "gray"))))
    assert np.abs(ours - swscale).max() < 0.006


def test_what_lies_outside_the_range_stays_outside() -> None:
    samples = Samples(Form("yuv", 10, sub_wh=(1, 1)), tuple(np.full((2, 2), code, np.uint16) for code in (1019, 512, 512)))
    rgb = to_rgb(samples, Encoding(1))
    assert rgb == pytest.approx(np.full((2, 2, 3), (1019 - 64) / 876), abs=1e-6)
    assert rgb.min() > 1
    again = from_rgb(rgb, samples.form, Encoding(1))
    assert all(np.array_equal(a, b) for a, b in zip(samples.planes, again.planes, strict=True))


@pytest.mark.parametrize("matrix", [0, 1, 4, 5, 7, 8, 9])
@pytest.mark.parametrize("full", [False, True])
def test_there_and_back_is_the_same_code(matrix: int, full: bool) -> None:
    rng = np.random.default_rng(0)
    form = Form("yuv", 12)
    planes = tuple(rng.integers(256, 3760, (30, 40)).astype(np.uint16) for _ in range(3))
    encoding = Encoding(matrix, full)
    back = from_rgb(to_rgb(Samples(form, planes), encoding), form, encoding)
    inside = [plane for plane in back.planes]
    assert all(np.array_equal(a, b) for a, b in zip(planes, inside, strict=True))


@pytest.mark.parametrize("location", ["left", "center", "topleft"])
@pytest.mark.parametrize("fields", [False, True])
def test_chroma_sits_where_it_is_said_to_sit(location: str, fields: bool) -> None:
    """A slope of chroma stays the same slope at the same place, whatever the siting; wrong by half a sample, it would be off by 0.5."""
    x, y = np.meshgrid(np.arange(64, dtype=np.float32), np.arange(48, dtype=np.float32))
    plane = (0.7 * x + 0.3 * y).astype(np.float32)
    small = reduced(plane, (2, 2), location, fields)
    assert small.shape == (24, 32)
    expected = 0.7 * (2 * 10 + (0 if location != "center" else 0.5)) + 0.3 * (2 * 8 + (0 if location == "topleft" else 0.5))
    if not fields:
        assert small[8, 10] == pytest.approx(expected, abs=1e-3)
    elif location != "topleft":  # rows 8 and 9 are the fifth of either field: frame lines 16.5 and 18.5
        across = expected - 0.3 * 16.5
        assert small[8:10, 10] == pytest.approx([across + 0.3 * 16.5, across + 0.3 * 18.5], abs=1e-3)
    back = enlarged(small, (64, 48), (2, 2), location, fields)
    assert np.abs(back - plane)[12:-12, 8:-8].max() < 1e-3


def test_the_numbers_and_stamps_are_those_of_analysis(film: Callable[..., Path], numbered: Callable[..., list[np.ndarray]], tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", numbered(30), pts=[k * 3 + (k % 4 == 1) for k in range(30)], time_base=None, options={"bf": "3", "g": "7"})
    with open_footage(path) as footage:
        seen = [(frame.number, frame.pts) for frame in footage.frames()]
        index = footage.index
    with open_plates(path) as plates:
        assert [(plate.number, plate.pts) for plate in plates.frames()] == seen
    wanted = [3, 3, 4, 20, 20, 20, 6, 29, 0, 1]
    for known in (None, index):
        with open_plates(path, index=known) as plates:
            assert [(plate.number, plate.pts) for plate in plates.at(wanted)] == [seen[k] for k in wanted]


def test_numbers_are_taken_one_by_one(film: Callable[..., Path], numbered: Callable[..., list[np.ndarray]], tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", numbered(12))
    asked: list[int] = []

    def wanted() -> Any:
        for number in (0, 5, 2):
            asked.append(number)
            yield number

    with open_plates(path) as plates:
        steps = plates.at(wanted())
        assert next(steps).number == 0 and 2 not in asked
        assert [plate.number for plate in steps] == [5, 2]


def test_a_number_that_does_not_exist(film: Callable[..., Path], numbered: Callable[..., list[np.ndarray]], tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", numbered(5))
    with open_plates(path) as plates:
        with pytest.raises(MediaError, match="frame 9"):
            list(plates.at([1, 9]))
        list(plates.frames())
        with pytest.raises(IndexError):
            list(plates.at([5]))


def test_a_missing_file_of_a_sequence_shows_the_one_before(write_picture: Callable[..., None], tmp_path: Path) -> None:
    for number in (7, 8, 10):
        write_picture(tmp_path / f"s.{number:04d}.exr", np.full((6, 8, 3), number / 2, np.float32), "exr", "gbrpf32le")
    with open_plates(tmp_path / "s.%04d.exr") as plates:
        found = {plate.number: float(plate.rgb()[0, 0, 0]) for plate in plates.frames()}
        assert plates.lost == 1 and plates.info.start_frame == 7
        for wanted in ([0, 0, 3, 3, 2], [1, 2, 1, 2, 2, 2, 0]):
            assert [plate.number for plate in plates.at(wanted)] == wanted
    assert found == {0: 3.5, 1: 4.0, 2: 4.0, 3: 5.0}


def test_rotation_is_applied_or_told(film: Callable[..., Path], tmp_path: Path) -> None:
    def turned(container: Any, stream: Any) -> None:
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this PyAV writes no rotation flag")
        stream.set_display_rotation(90)

    path = film(tmp_path / "r.mov", [(shaded(0) * 255).astype(np.uint8)], codec="prores_ks", pix_fmt="yuv444p10le", setup=turned)
    with open_plates(path) as plates:
        upright = next(plates.frames()).rgb()
        assert (plates.info.width, plates.info.height) == (64, 96)
    with open_plates(path, PlateOptions(upright=False)) as plates:
        stored = next(plates.frames()).rgb()
        assert (plates.info.width, plates.info.height) == (96, 64) and plates.info.turn.degrees in (90, 270)
        assert np.array_equal(plates.info.turn.apply(stored), upright)


def test_one_field_of_an_interlaced_picture(tmp_path: Path) -> None:
    """Even lines are white and odd lines black: woven they alternate, each field alone is flat."""
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[::2] = 235
    with av.open(str(tmp_path / "i.mov"), "w") as container:
        stream: Any = container.add_stream("prores_ks", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv422p10le"
        stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct
        if not hasattr(stream.codec_context, "field_order"):
            pytest.skip("this PyAV cannot write the order of fields")
        stream.codec_context.field_order = 2
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv422p10le")))
        container.mux(stream.encode(None))
    with open_plates(tmp_path / "i.mov") as plates:
        plate = next(plates.frames())
        assert plate.interlaced and plate.rgb()[::2].mean() > 0.8 and plate.rgb()[1::2].mean() < 0.1
        assert plate.rgb(field=0).min() > 0.7 and plate.rgb(field=1).max() < 0.2
    with open_plates(tmp_path / "i.mov", PlateOptions(fields="first")) as plates:
        assert next(plates.frames()).rgb().min() > 0.7


def test_a_wrong_option_and_a_playlist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keep or first"):
        open_plates(tmp_path / "x.mov", PlateOptions(fields="bob"))
    (tmp_path / "x.mov").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    with pytest.raises(MediaError, match="playlist"):
        open_plates(tmp_path / "x.mov")


def test_a_broken_exr_is_one_line(tmp_path: Path, write_picture: Callable[..., None]) -> None:
    write_picture(tmp_path / "a.exr", np.zeros((40, 50, 3), np.float32), "exr", "gbrpf32le")
    body = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "b.exr").write_bytes(body[:60])
    with pytest.raises(MediaError):
        plates_of(tmp_path / "b.exr")


def test_planes_are_the_decoders_own(tmp_path: Path) -> None:
    plate = plates_of(noise_film(tmp_path / "n.mkv", "yuv422p10le"))[1]
    assert [plane.shape for plane in plate.planes()] == [(64, 96), (64, 48), (64, 48)]
    with pytest.raises(ValueError):
        plate.planes()[0][0, 0] = 1
