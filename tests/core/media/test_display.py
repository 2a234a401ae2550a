"""Depth, range and curves: what a sample looks like on a screen, against the standards' own figures."""

from __future__ import annotations

import av
import numpy as np
import pytest

from genlock.core.errors import MediaError, UsageError
from genlock.core.media.display import HLG, LINEAR, PQ, eetf, hlg_to_nits, luma_table, nits_to_pq, pq_to_nits, shown
from genlock.core.media.footage import ReadOptions, open_footage
from genlock.core.media.frame import Frame, View
from genlock.core.media.layout import converted, layout_of

RAMP = np.tile(np.linspace(0, 1, 256), (40, 1))


def test_the_standards_own_figures():
    """BT.2408 table 1: reference white of 203 cd/m2 is 58 % PQ and 75 % HLG; ST 2084: 100 cd/m2 is 50.8 %, 10,000 is 100 %."""
    assert abs(nits_to_pq(np.array(203.0)) - 0.58) < 0.002
    assert abs(nits_to_pq(np.array(100.0)) - 0.508) < 0.001
    assert nits_to_pq(np.array(10_000.0)) == 1
    assert abs(hlg_to_nits(np.array(0.75)) - 203) < 1
    assert abs(hlg_to_nits(np.array(1.0)) - 1000) < 1
    signal = np.linspace(0, 1, 400)
    assert np.allclose(nits_to_pq(pq_to_nits(signal)), signal, atol=1e-6)


def test_the_knee():
    nits = np.linspace(0, 1500, 4000)
    out = eetf(nits)
    assert np.all(np.diff(out) >= -1e-9) and abs(out[-1] - 203) < 0.01
    assert np.allclose(out[nits < 60], nits[nits < 60], atol=1e-6), "shadows and mid-tones stay"


@pytest.mark.parametrize("transfer", [LINEAR, PQ, HLG, 1, 2])
def test_every_curve_is_monotone_and_safe(transfer):
    values = np.concatenate([[-np.inf, -5, -1e-9], np.linspace(0, 1, 500), [2, 100, 1e30, np.inf]])
    out = shown(values, transfer)
    assert np.isfinite(out).all() and out.min() >= 0 and out.max() <= 1
    assert np.all(np.diff(out) >= -1e-6)
    assert out[0] == out[3] == 0
    assert shown(np.array([np.nan]), transfer)[0] == 0


def test_linear_grey_card_is_mid_grey():
    assert 0.45 < shown(np.array(0.18), LINEAR) < 0.52
    assert 0.85 < shown(np.array(1.0), LINEAR) < 0.95


@pytest.mark.parametrize(("bits", "full_range"), [(8, False), (10, False), (10, True), (12, False), (16, True)])
def test_tables_end_where_the_range_ends(bits, full_range):
    table = luma_table(bits, PQ, full_range)
    black, white = (0, 2**bits - 1) if full_range else (16 << bits - 8, 235 << bits - 8)
    assert table[black] == 0 and table[0] == 0 and table[white] == 255 and table[65535] == 255
    assert table.dtype == np.uint8 and np.all(np.diff(table.astype(int)) >= 0)


@pytest.mark.parametrize(
    "pix_fmt",
    "gray yuv444p yuv420p10le yuv422p10le yuv444p12le gray10le gray12le gray16le bgr0 gbrp10le gbrp12le".split(),
)
def test_depths_look_alike(tmp_path, film, pix_fmt):
    """One grey ramp in many formats: within one and a half grey levels of what was drawn, limited range or full."""
    ramp = (RAMP * 255).astype(np.uint8)
    path = film(tmp_path / "ramp.mkv", [ramp], codec="ffv1", pix_fmt=pix_fmt)
    with open_footage(path) as footage:
        assert footage.info.pix_fmt == pix_fmt
        frame = next(footage.frames())
        full, small = frame.luma().astype(float), frame.luma((64, 10)).astype(float)
    rgb_or_grey = "yuv" not in pix_fmt
    truth = ramp.astype(float) if rgb_or_grey else 16 + ramp.astype(float) * 219 / 255
    assert np.abs(full - truth).max() <= 1.5
    assert np.abs(small - truth.reshape(10, 4, 64, 4).mean(axis=(1, 3))).max() <= 1.5


@pytest.mark.parametrize(
    "name",
    "yuv420p yuvj420p nv12 uyvy422 yuyv422 rgb24 bgra 0rgb gbrp gbrp14le p010le rgb48be rgba64le gray16be ya8 yuv420p16be".split(),
)
def test_views_agree_with_ffmpegs_own_conversion(name):
    """The view of each format's memory against swscale's conversion to 16-bit grey or RGB."""
    rng = np.random.default_rng(1)
    picture = np.repeat(np.repeat(rng.integers(30, 220, (6, 9, 3), np.uint8), 4, 0), 4, 1)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=name)
    layout = layout_of(frame.format.name)
    assert layout is not None
    view = layout.view(frame)
    assert view is not None and view.shape[:2] == (24, 36) and view.dtype.isnative
    value = view.astype(float) / (2.0**layout.bits - 1) * 255
    if layout.is_rgb:
        assert np.abs(value - picture).max() < 3
    else:
        grey = converted(frame, "gray16le").astype(float) / 257
        full = name.startswith(("gray", "ya", "yuvj"))
        assert np.abs(value - (grey if full else 16 + grey * 219 / 255)).max() < 2.5


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_film_is_brought_to_the_screen(tmp_path, film, transfer):
    """Code values of a 10-bit HDR ramp, limited range, against the curve computed from the standard's formula."""

    def setup(_, stream):
        stream.codec_context.color_trc, stream.codec_context.color_primaries, stream.codec_context.colorspace = transfer, 9, 9

    def paint(frame):
        codes = np.frombuffer(frame.planes[0], np.uint16).reshape(-1, frame.planes[0].line_size // 2).copy()
        codes[:40, :256] = np.round(64 + 876 * RAMP)
        frame.planes[0].update(codes.tobytes())

    path = film(tmp_path / "hdr.mkv", [np.zeros((40, 256), np.uint8)], codec="ffv1", pix_fmt="yuv420p10le", setup=setup, paint=paint)
    with open_footage(path) as footage:
        assert (footage.info.colour.transfer, footage.info.colour.full_range, footage.info.bits) == (transfer, False, 10)
        luma = next(footage.frames()).luma()
    signal = np.round(64 + 876 * RAMP[0]) - 64
    truth = shown(signal / 876, transfer) * 255
    assert np.abs(luma[7] - truth).max() <= 1
    reference_white = luma[7, round(0.58 * 255) if transfer == PQ else round(0.75 * 255)]
    assert 180 < reference_white < 245


def test_light_below_black_above_white_and_no_number(tmp_path, write_picture):
    picture = np.full((40, 60, 3), 0.18, np.float32)
    picture[:10, :20], picture[:10, 20:40], picture[:10, 40:] = -3.0, 1e6, np.nan
    picture[30:, :20], picture[30:, 20:40] = np.inf, -np.inf
    write_picture(tmp_path / "hard.exr", picture, "exr", "gbrpf32le")
    with open_footage(tmp_path / "hard.exr") as footage:
        assert footage.info.colour.transfer == LINEAR
        frame = next(footage.frames())
        luma, rgb = frame.luma(), frame.rgb()
    assert (luma[2, 5], luma[2, 30], luma[2, 50], luma[35, 5], luma[35, 30]) == (0, 255, 0, 255, 0)
    assert 110 < luma[20, 30] < 135 and (rgb[20, 30] == rgb[20, 30, 0]).all()
    assert abs(int(rgb[20, 30, 0]) - int(luma[20, 30])) <= 1


def test_ocio_space_by_name(tmp_path, write_picture, monkeypatch):
    """18 % grey of the built-in ACES config in two encodings of one light: the same picture on screen."""
    monkeypatch.delenv("OCIO", raising=False)
    write_picture(tmp_path / "linear.exr", np.full((20, 30, 3), 0.18, np.float32), "exr", "gbrpf32le")
    coded = (np.log2(0.18) + 9.72) / 17.52
    write_picture(tmp_path / "cct.exr", np.full((20, 30, 3), coded, np.float32), "exr", "gbrpf32le")
    seen = []
    for name, space in (("linear.exr", "ACEScg"), ("cct.exr", "ACEScct"), ("linear.exr", "acescg"), ("linear.exr", "scene_linear")):
        with open_footage(tmp_path / name, ReadOptions(space=space)) as footage:
            frame = next(footage.frames())
            seen.append(int(frame.luma((6, 4))[2, 2]))
            assert frame.luma().shape == (20, 30) and frame.rgb().dtype == np.uint8
    assert max(seen) - min(seen) <= 1 and 70 < seen[0] < 110
    with open_footage(tmp_path / "linear.exr") as footage:
        assert next(footage.frames()).luma()[2, 2] != seen[0], "the name changes what is seen"


def test_ocio_name_that_is_not_there(tmp_path, film, numbered, monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)
    path = film(tmp_path / "film.mp4", numbered(2))
    with pytest.raises(UsageError, match="ACEScg"):
        open_footage(path, ReadOptions(space="ACESgc"))
    with pytest.raises(UsageError, match="near it are"):
        open_footage(path, ReadOptions(space="zzzz"))
    monkeypatch.setenv("OCIO", str(tmp_path / "gone.ocio"))
    with pytest.raises(MediaError, match=r"\$OCIO"):
        open_footage(path, ReadOptions(space="ACEScg"))


def test_ocio_on_film(tmp_path, film, numbered, read_number, monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)
    path = film(tmp_path / "film.mp4", numbered(8))
    with open_footage(path, ReadOptions(space="sRGB Encoded Rec.709 (sRGB)")) as footage:
        assert [read_number(frame.luma()) for frame in footage.frames()] == list(range(8))


def test_ocio_is_not_imported_unasked(tmp_path, film, numbered):
    import subprocess
    import sys

    path = film(tmp_path / "film.mp4", numbered(2))
    program = (
        "import sys; from genlock.core.media.footage import open_footage\n"
        f"with open_footage({str(path)!r}) as footage: [frame.luma() for frame in footage.frames()]\n"
        "assert 'PyOpenColorIO' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("pix_fmt", ["pal8", "rgb565le", "x2rgb10le", "y210le", "monob", "xyz12le"])
def test_formats_without_a_view_are_converted(tmp_path, pix_fmt):
    """Left half black, right half white, in formats that pack their samples."""
    assert layout_of(pix_fmt) is None
    picture = np.zeros((16, 32, 3), np.uint8)
    picture[:, 16:] = 255
    source = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame = Frame(0, source.reformat(format="rgb8" if pix_fmt == "pal8" else pix_fmt), 0, View((32, 16)))
    luma = frame.luma((4, 2))
    assert luma.shape == (2, 4) and luma[:, 0].max() < 20 and luma[:, 3].min() > 230
