"""Films written and read back by others: depth, colour, HDR, time, chapters, shape."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.media.info import Colour
from genlock.core.media.plates import Chapter, LightLevel, Mastering, PictureInfo, PlateOptions, open_plates
from genlock.core.media.upright import Turn
from genlock.core.media.write import WriteSettings, open_writer

from .pictures import NTSC, described, equal, noise_film, plates_of, shaded
from .readback import film

DISPLAY = Mastering(
    tuple((Fraction(a, 50000), Fraction(b, 50000)) for a, b in ((34000, 16000), (13250, 34500), (7500, 3000))),  # type: ignore[arg-type]
    (Fraction(15635, 50000), Fraction(16450, 50000)),
    Fraction(1, 10000),
    Fraction(1000),
)
LIGHT = LightLevel(1000, 400)


def write(path: Path, info: PictureInfo, settings: WriteSettings = WriteSettings(), frames: int = 3, alpha: bool = False) -> list[str]:
    with open_writer(path, info, settings) as writer:
        for number in range(frames):
            writer.write(shaded(number, (info.width, info.height), alpha))
    return writer.notes


def worst(path: Path, alpha: bool = False) -> float:
    """Largest difference of all pictures to what went in."""
    return max(float(np.abs(plate.rgb(alpha) - shaded(plate.number, alpha=alpha)).max()) for plate in plates_of(path))


CASES = [
    ("a.mov", described(sub_wh=(2, 1)), {}, "prores", "yuv422p10le", 0.03),
    ("a.mov", described(), {}, "prores", "yuv444p1", 0.01),
    ("a.mp4", described(bits=8, sub_wh=(2, 2)), {}, "h264", "yuv420p", 0.06),
    ("a.mp4", described(sub_wh=(2, 2)), {}, "hevc", "yuv420p10le", 0.05),
    ("a.mp4", described(bits=12), {}, "hevc", "yuv444p12le", 0.05),
    ("a.mp4", described(bits=10, sub_wh=(2, 1)), {"codec": "h264"}, "h264", "yuv422p10le", 0.08),
    ("a.mkv", described(bits=12, sub_wh=(2, 1)), {}, "ffv1", "yuv422p12le", 0.03),
    ("a.mkv", described("rgb", 16), {}, "ffv1", "gbrp16le", 1e-5),
    ("a.mkv", described("gray", 16), {}, "ffv1", "gray16le", 2.0),
    ("a.webm", described(bits=8, sub_wh=(2, 2)), {}, "vp9", "yuv420p", 0.06),
    ("a.webm", described(sub_wh=(2, 2)), {}, "av1", "yuv420p10le", 0.07),
]


@pytest.mark.parametrize(("name", "info", "told", "codec", "pix_fmt", "off"), CASES, ids=lambda x: str(x) if isinstance(x, str) else "")
def test_depth_and_chroma_stay(name: str, info: PictureInfo, told: dict[str, str], codec: str, pix_fmt: str, off: float, tmp_path: Path) -> None:
    notes = write(tmp_path / name, info, WriteSettings(**told))
    seen = film(tmp_path / name)
    assert (codec in seen.codec or seen.codec == "libdav1d") and seen.pix_fmt.startswith(pix_fmt)
    assert seen.rate == NTSC and seen.frames == 3 and seen.tags == ("1", "1")
    assert worst(tmp_path / name) < off and notes == []


@pytest.mark.parametrize(
    ("pix_fmt", "size_wh"),
    [("yuv420p", (97, 65)), ("yuv420p10le", (96, 64)), ("yuv422p12le", (97, 65)), ("yuv444p16le", (96, 64)), ("gbrp10le", (96, 64)),
     ("gray16le", (96, 64)), ("yuva444p10le", (96, 64)), ("gbrap16le", (96, 64)), ("bgr0", (31, 17))],
)  # fmt: skip
def test_identity_is_bit_exact(pix_fmt: str, size_wh: tuple[int, int], tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", pix_fmt, size_wh=size_wh)
    with open_plates(source) as plates, open_writer(tmp_path / "b.mkv", plates.info) as writer:
        for plate in plates.frames():
            writer.write(plate)
    one, two = plates_of(source), plates_of(tmp_path / "b.mkv")
    assert len(one) == len(two) == 3 and writer.notes == []
    assert all(equal(a, b) for a, b in zip(one, two, strict=True))


def test_lossless_h264_is_bit_exact_and_a_shift_of_depth_is_exact(tmp_path: Path) -> None:
    source = noise_film(tmp_path / "a.mkv", "yuv420p")
    for name, settings in (("b.mp4", WriteSettings(quality="lossless")), ("c.mkv", WriteSettings(depth="10"))):
        with open_plates(source) as plates, open_writer(tmp_path / name, plates.info, settings) as writer:
            for plate in plates.frames():
                writer.write(plate)
    one, two, deep = plates_of(source), plates_of(tmp_path / "b.mp4"), plates_of(tmp_path / "c.mkv")
    assert all(equal(a, b) for a, b in zip(one, two, strict=True))
    assert all(np.array_equal(a.planes()[1].astype(int) * 4, b.planes()[1]) for a, b in zip(one, deep, strict=True))


def test_alpha_goes_through_prores_4444(tmp_path: Path) -> None:
    assert write(tmp_path / "a.mov", described(alpha=True), alpha=True) == []
    assert film(tmp_path / "a.mov").pix_fmt.startswith("yuva444p1")
    assert worst(tmp_path / "a.mov", alpha=True) < 0.01


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    notes = write(tmp_path / "a.mov", described("rgb", 16, alpha=True, is_float=True, colour=Colour()), alpha=True)
    assert any("10 bits" in note and "EXR" in note for note in notes) and any("scene-linear" in note for note in notes)
    for name, codec in (("a.mp4", "h264"), ("a.mp4", "h265"), ("b.webm", "av1")):
        notes = write(tmp_path / name, described(bits=10, sub_wh=(2, 2), alpha=True), WriteSettings(codec=codec))
        assert any("alpha" in note and "ProRes 4444" in note for note in notes)
    assert any("4:2:0" in note for note in write(tmp_path / "b.mp4", described("rgb", 8)))


@pytest.mark.parametrize(
    ("name", "info", "told", "words"),
    [
        ("a.webm", described(), {"codec": "vp9"}, "8 bits.*depth 8 agrees"),
        ("a.mp4", described(bits=8, sub_wh=(2, 2), alpha=True), {"alpha": "keep"}, "no alpha; ProRes 4444"),
        ("a.mov", described(), {"depth": "16"}, "at most 10 bits.*FFV1"),
        ("a.mov", described(), {"codec": "ffv1"}, "does not hold FFV1; write .mkv"),
        ("a.mov", described(), {"quality": "lossless"}, "never lossless"),
        ("a.mp4", described(bits=8, sub_wh=(2, 2), width=97), {}, "even size.*97 x 64.*odd pad"),
        ("a.mov", described(), {"codec": "dnxhr"}, "begins at 256 x 120"),
        ("a.xyz", described(), {}, "use one of .mov"),
        ("a", described(), {}, "no suffix"),
    ],
)
def test_what_cannot_be_had_is_refused_in_one_line(name: str, info: PictureInfo, told: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        open_writer(tmp_path / name, info, WriteSettings(**told))
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("odd", "size"), [("pad", (98, 66)), ("crop", (96, 64))])
def test_odd_sizes_are_filled_up_or_cut_at_the_far_edges(odd: str, size: tuple[int, int], tmp_path: Path) -> None:
    info = described(bits=8, sub_wh=(2, 2), width=97, height=65)
    notes = write(tmp_path / "a.mp4", info, WriteSettings(odd=odd, quality="lossless"), frames=1)
    assert film(tmp_path / "a.mp4").size_wh == size and "97 x 65" in notes[0]
    assert np.abs(plates_of(tmp_path / "a.mp4")[0].rgb()[:60, :90] - shaded(0, (97, 65))[:60, :90]).max() < 0.04


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "h265"), ("a.mov", "prores"), ("a.mov", "h265"), ("a.mkv", "h265"), ("a.mkv", "h264")])
def test_hdr10_goes_through(name: str, codec: str, tmp_path: Path) -> None:
    info = described(sub_wh=(2, 1) if codec == "prores" else (2, 2), colour=Colour(9, 16, 9, False), mastering=DISPLAY, light=LIGHT)
    assert write(tmp_path / name, info, WriteSettings(codec=codec)) == []
    assert film(tmp_path / name).tags == ("9", "16")
    with av.open(str(tmp_path / name)) as container:
        kinds = {data.type.name for data in next(container.decode(video=0)).side_data}
    assert {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} <= kinds
    with open_plates(tmp_path / name) as plates:
        assert plates.info.mastering == DISPLAY and plates.info.light == LIGHT and plates.info.hdr


def test_what_a_container_loses_is_said(tmp_path: Path) -> None:
    notes = write(tmp_path / "a.mkv", described(colour=Colour(9, 16, 9, False), mastering=DISPLAY, sample_aspect=Fraction(4, 3)))
    assert len(notes) == 2 and "4/3" in notes[0] and "mastering display" in notes[1]
    assert "woven" in write(tmp_path / "b.mkv", described(interlaced=True))[0]


@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv"])
def test_variable_rate_timecode_chapters_and_names(name: str, tmp_path: Path) -> None:
    pts = [1000, 4600, 5050, 20080, 25110, 60040]
    chapters = (Chapter(Fraction(0), Fraction(1, 4), "one"), Chapter(Fraction(1, 4), Fraction(1, 2), "two"))
    info = described(
        bits=8, sub_wh=(2, 2), time_base=Fraction(1, 90000), rate=Fraction(25), timecode="01:02:03:04", chapters=chapters,
        metadata={"title": "a film", "studio": "ours"},
    )  # fmt: skip
    with open_writer(tmp_path / name, info, WriteSettings(codec="h264")) as writer:
        for number, stamp in enumerate(pts):
            writer.write(shaded(number), stamp)
    slack = Fraction(1, 1900) if name == "a.mkv" else 0  # Matroska counts milliseconds
    for seen, wanted in zip(film(tmp_path / name).times_s, pts, strict=True):
        assert abs(seen - Fraction(wanted - 1000, 90000)) <= slack
    with open_plates(tmp_path / name) as plates:
        again = plates.info
    assert again.timecode == "01:02:03:04" and again.metadata["title"] == "a film"
    assert [chapter.title for chapter in again.chapters] == ["one", "two"] and again.chapters[1].start_s == Fraction(1, 4)
    assert {k.lower(): v for k, v in again.metadata.items()}["studio"] == "ours"


def test_times_that_do_not_rise_are_refused(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "a.mkv", described())
    writer.write(shaded(0), 5)
    with pytest.raises(UsageError, match="not after the one before"):
        writer.write(shaded(1), 5)
    assert list(tmp_path.iterdir()) == []


def test_seconds_and_the_length_of_the_last_picture(tmp_path: Path) -> None:
    info = replace(described(bits=8, sub_wh=(2, 2)), time_base=Fraction(1, 1000), rate=Fraction(25))
    with open_writer(tmp_path / "a.mp4", info) as writer:
        writer.write(shaded(0), Fraction(3, 2))
        writer.write(shaded(1), Fraction(17, 10), duration=700)
    assert film(tmp_path / "a.mp4").times_s == [0, Fraction(1, 5)]
    assert plates_of(tmp_path / "a.mp4")[1].duration == 700 * plates_of(tmp_path / "a.mp4")[1].pts // 200


@pytest.mark.parametrize("name", ["a.mov", "a.mkv"])
def test_a_rotation_flag_is_carried(name: str, tmp_path: Path) -> None:
    for turn in (Turn(True, True, False), Turn(False, True, False), Turn(True, False, False)):
        info = described(turn=turn)
        if not hasattr(av.video.stream.VideoStream, "set_display_matrix"):
            pytest.skip("this PyAV writes no rotation flag")
        write(tmp_path / name, info, frames=1)
        with open_plates(tmp_path / name, PlateOptions(upright=False)) as plates:
            assert plates.info.turn == turn
        assert np.abs(plates_of(tmp_path / name)[0].rgb() - turn.apply(shaded(0))).max() < 0.02


@pytest.mark.parametrize("name", ["a.mov", "a.mp4"])
@pytest.mark.skipif(not hasattr(av.video.codeccontext.VideoCodecContext, "field_order"), reason="this PyAV cannot write the order of fields")
def test_sample_aspect_and_fields_are_kept(name: str, tmp_path: Path) -> None:
    bits, sub = (10, (2, 1)) if name == "a.mov" else (8, (2, 2))
    write(tmp_path / name, described(bits=bits, sub_wh=sub, sample_aspect=Fraction(16, 11), interlaced=True, bottom_first=True))
    with open_plates(tmp_path / name) as plates:
        assert plates.info.sample_aspect == Fraction(16, 11) and plates.info.interlaced and plates.info.bottom_first


def test_a_film_of_one_picture_and_a_film_of_none(tmp_path: Path) -> None:
    write(tmp_path / "a.mov", described(), frames=1)
    assert film(tmp_path / "a.mov").frames == 1
    from genlock.core.errors import OutputError

    with pytest.raises(OutputError, match="no picture"):
        write(tmp_path / "b.mov", described(), frames=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mov"]


def test_an_encoder_that_does_not_work_here(tmp_path: Path) -> None:
    from genlock.core.errors import OutputError

    info = described(bits=8, sub_wh=(2, 2))
    for encoder in ("h264_v4l2m2m", "h264_nonsense"):
        with pytest.raises(OutputError, match=encoder):
            open_writer(tmp_path / "a.mp4", info, WriteSettings(codec="h264", encoder=encoder))
    with open_writer(tmp_path / "a.mp4", info) as writer:
        writer.write(shaded(0))
    assert film(tmp_path / "a.mp4").codec == "h264"


def test_dnxhr(tmp_path: Path) -> None:
    for sub, expected in (((2, 1), "yuv422p10le"), ((1, 1), "yuv444p10le")):
        info = described(sub_wh=sub, width=256, height=120)
        write(tmp_path / "a.mov", info, WriteSettings(codec="dnxhr"), frames=1)
        seen = film(tmp_path / "a.mov")
        assert (seen.codec, seen.pix_fmt) == ("dnxhd", expected)
        assert np.abs(plates_of(tmp_path / "a.mov")[0].rgb() - shaded(0, (256, 120))).max() < 0.06
