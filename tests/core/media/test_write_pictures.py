"""Picture files written and read back by OpenImageIO: float, alpha, parts, depth, names."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from genlock.core.errors import UsageError
from genlock.core.media.plates import Layer, open_plates
from genlock.core.media.write import WriteSettings, open_writer

from .pictures import described, equal, noise_film, plates_of, shaded
from .readback import picture


def copied(source: Path, out: Path, settings: WriteSettings = WriteSettings()) -> list[str]:
    with open_plates(source) as plates, open_writer(out, plates.info, settings) as writer:
        for plate in plates.frames():
            writer.write(plate)
    return writer.notes


def two_parts(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A half beauty and a float data part whose window is larger than the picture."""
    rng = np.random.default_rng(2)
    beauty = rng.normal(0, 3, (64, 96, 4)).astype(np.float16)
    data = rng.normal(0, 1e4, (74, 116, 2)).astype(np.float32)
    one, two = oiio.ImageSpec(96, 64, 4, "half"), oiio.ImageSpec(116, 74, 2, "float")
    one.channelnames, two.channelnames = ("R", "G", "B", "A"), ("Z", "motion.x")
    one.attribute("note", "kept")
    two.x, two.y, two.full_width, two.full_height = -10, -5, 96, 64
    for spec, name in ((one, "beauty"), (two, "data")):
        spec.attribute("oiio:subimagename", name)
        spec.attribute("compression", "piz")
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), (one, two)) and out.write_image(beauty)
    assert out.open(str(path), two, "AppendSubimage") and out.write_image(data) and out.close()
    return beauty, data


def test_exr_parts_and_channels_come_out_bit_exact(tmp_path: Path) -> None:
    beauty, data = two_parts(tmp_path / "m.0007.exr")
    assert copied(tmp_path / "m.%04d.exr", tmp_path / "out.####.exr") == []
    first, spec = picture(tmp_path / "out.0007.exr")
    second, other = picture(tmp_path / "out.0007.exr", 1)
    assert first.tobytes() == beauty.tobytes() and second.tobytes() == data.tobytes()
    assert spec.get_string_attribute("note") == "kept" and spec.get_string_attribute("compression") == "piz"
    assert other.channelnames == ("Z", "motion.x") and (other.x, other.y, other.full_width) == (-10, -5, 96)


def test_a_note_in_latin_1_is_kept_as_text(tmp_path: Path) -> None:
    """Old tools write what is no UTF-8; it is copied as what it says."""
    two_parts(tmp_path / "m.0007.exr")
    body = (tmp_path / "m.0007.exr").read_bytes()
    assert body.count(b"kept") == 1
    (tmp_path / "m.0007.exr").write_bytes(body.replace(b"kept", "für".encode("latin-1") + b"!"))
    assert copied(tmp_path / "m.%04d.exr", tmp_path / "out.####.exr") == []
    assert picture(tmp_path / "out.0007.exr")[1].get_string_attribute("note") == "für!"


def test_float_pictures_keep_what_lies_outside_0_and_1(tmp_path: Path) -> None:
    pixels = np.linspace(-2, 60000, 64 * 96 * 3, dtype=np.float32).reshape(64, 96, 3)
    depth = Layer(("Z",), np.full((64, 96, 1), 1e6, np.float32), name="depth", full_wh=(96, 64))
    info = described("rgb", 32, is_float=True, timecode="10:00:00:23", start_frame=1001)
    with open_writer(tmp_path / "f.%04d.exr", info) as writer:
        writer.write(pixels, extra=[depth])
        writer.write(pixels)
    got, spec = picture(tmp_path / "f.1001.exr")
    assert got.tobytes() == pixels.tobytes() and spec.getattribute("FramesPerSecond") == (24000, 1001)
    assert picture(tmp_path / "f.1001.exr", 1)[0].max() == 1e6
    with open_plates(tmp_path / "f.%04d.exr") as plates:
        assert plates.info.timecode == "10:00:00:23"
    assert picture(tmp_path / "f.1002.exr")[1].getattribute("smpte:TimeCode")[0] == 0x10000100


@pytest.mark.parametrize(("suffix", "depth"), [("png", ""), ("tif", ""), ("dpx", "")])
def test_sixteen_bit_rgb_is_bit_exact(suffix: str, depth: str, tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", "gbrap16le" if suffix != "dpx" else "gbrp16le")
    assert copied(source, tmp_path / f"b.%03d.{suffix}", WriteSettings(depth=depth)) == []
    for one, two in zip(plates_of(source), plates_of(tmp_path / f"b.%03d.{suffix}"), strict=True):
        assert equal(one, two)
        got, _ = picture(tmp_path / f"b.{one.number:03d}.{suffix}")
        assert got.dtype == np.uint16 and np.array_equal(got[..., 0], one.planes()[0])


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_dpx_keeps_its_codes(bits: int, tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", {8: "bgr0", 10: "gbrp10le", 12: "gbrp12le"}[bits])
    assert copied(source, tmp_path / "b.%03d.dpx") == []
    assert picture(tmp_path / "b.001.dpx")[1].get_int_attribute("oiio:BitsPerSample", 8) == bits
    assert all(equal(a, b) for a, b in zip(plates_of(source), plates_of(tmp_path / "b.%03d.dpx"), strict=True))


def test_half_of_ten_bits_comes_back_to_the_same_codes(tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", "gbrp10le")
    copied(source, tmp_path / "b.%03d.exr")
    assert picture(tmp_path / "b.000.exr")[0].dtype == np.float16
    copied(tmp_path / "b.%03d.exr", tmp_path / "c.%03d.dpx", WriteSettings(depth="10"))
    assert all(equal(a, b) for a, b in zip(plates_of(source), plates_of(tmp_path / "c.%03d.dpx"), strict=True))


def test_alpha_is_associated_in_exr_and_straight_elsewhere(tmp_path: Path) -> None:
    rgba = shaded(1, alpha=True)
    for name, info in (("a.exr", described("rgb", 32, alpha=True, is_float=True)), ("a.png", described("rgb", 16, alpha=True))):
        with open_writer(tmp_path / name, info) as writer:
            writer.write(rgba)
    exr, _ = picture(tmp_path / "a.exr")
    assert np.abs(exr[..., :3] - rgba[..., :3] * rgba[..., 3:]).max() < 1e-6
    copied(tmp_path / "a.exr", tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        assert np.abs(picture(tmp_path / name, kind="uint16")[0] / 65535 - rgba).max() < 3e-5


def test_yuv_becomes_rgb_without_losing_codes(tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", "yuv444p10le")
    with open_plates(source) as plates, open_writer(tmp_path / "b.%03d.tif", plates.info) as writer:
        for plate in plates.frames():
            writer.write(plate)
        assert writer.pix_fmt.startswith("16-bit")


def test_holes_of_a_sequence_are_written_as_they_are_seen(tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", "gbrp16le", frames=5)
    copied(source, tmp_path / "b.%03d.png")
    for hole in (2, 3):
        (tmp_path / f"b.{hole:03d}.png").unlink()
    copied(tmp_path / "b.%03d.png", tmp_path / "c.mkv")
    one, two = plates_of(source), plates_of(tmp_path / "c.mkv")
    assert [equal(a, b) for a, b in zip(one, two, strict=True)] == [True, True, False, False, True]
    assert equal(one[1], two[2]) and equal(one[1], two[3])


def test_colour_tags_go_into_png(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.png", described("rgb", 16)) as writer:
        writer.write(shaded(0))
    with open_plates(tmp_path / "a.png") as plates:
        assert (plates.info.colour.primaries, plates.info.colour.transfer) == (1, 1)


def test_sample_aspect_goes_into_exr(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.exr", described("rgb", 16, is_float=True, sample_aspect=Fraction(2))) as writer:
        writer.write(shaded(0))
    assert picture(tmp_path / "a.exr")[1].get_float_attribute("PixelAspectRatio") == 2


@pytest.mark.parametrize(
    ("name", "told", "words"),
    [
        ("a.%04d.exr", {"depth": "10"}, "half and float, no integers"),
        ("a.%04d.png", {"depth": "12"}, "8, 16 bits"),
        ("a.%04d.png", {"compression": "dwaa"}, "not a compression of .png"),
    ],
)
def test_what_a_format_lacks_is_refused(name: str, told: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words), open_writer(tmp_path / name, described("rgb", 16), WriteSettings(**told)) as writer:
        writer.write(shaded(0))
    assert list(tmp_path.iterdir()) == []


def test_one_name_holds_one_picture(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one picture"), open_writer(tmp_path / "a.png", described("rgb", 16)) as writer:
        writer.write(shaded(0))
        writer.write(shaded(1))
    assert list(tmp_path.iterdir()) == []


def test_files_get_their_names_together_or_one_by_one(tmp_path: Path) -> None:
    for each, expected in ((False, 0), (True, 2)):
        with open_writer(tmp_path / f"{each}.%02d.exr", described("rgb", 16, is_float=True), WriteSettings(each=each)) as writer:
            writer.write(shaded(0))
            writer.write(shaded(1))
            assert len(list(tmp_path.glob(f"{each}.*"))) == expected
        assert len(list(tmp_path.glob(f"{each}.*"))) == 2
    assert len(list(tmp_path.iterdir())) == 4


def test_lossy_compression_is_not_done_twice(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.exr", described("rgb", 16, is_float=True), WriteSettings(compression="dwaa")) as writer:
        writer.write(shaded(3))
    copied(tmp_path / "a.exr", tmp_path / "b.exr")
    one, two = picture(tmp_path / "a.exr"), picture(tmp_path / "b.exr")
    assert one[0].tobytes() == two[0].tobytes() and two[1].get_string_attribute("compression") == "zip"
