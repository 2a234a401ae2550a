"""Image sequences and stills: found by pattern, numbered as on disk, holes and broken files filled and counted."""

from __future__ import annotations

import struct
import subprocess
import sys
from fractions import Fraction

import cv2
import numpy as np
import pytest

from genlock.core.errors import MediaError
from genlock.core.media.exr import picture_layer
from genlock.core.media.footage import ReadOptions, open_footage
from genlock.core.media.sequence import find_sequence


@pytest.fixture
def shot(tmp_path, numbered):
    """shot.1001.png … shot.1020.png"""
    for k, picture in enumerate(numbered(20)):
        assert cv2.imwrite(str(tmp_path / f"shot.{1001 + k}.png"), picture)
    return tmp_path


@pytest.mark.parametrize("pattern", ["shot.%04d.png", "shot.####.png", "shot.%d.png", "shot.#.png"])
def test_a_sequence_by_its_pattern(shot, read_number, pattern):
    (shot / "shot.final.png").write_bytes(b"x")
    (shot / "shot.1001.png.bak").write_bytes(b"x")
    with open_footage(shot / pattern) as footage:
        info = footage.info
        assert (info.kind, info.start_frame, info.frames, info.rate) == ("sequence", 1001, 20, 24)
        assert [(frame.number, read_number(frame.luma())) for frame in footage.frames()] == [(k, k) for k in range(20)]
        media = footage.media()
        assert (media.frames, media.start_frame, media.rate, media.pts, media.lost) == (20, 1001, 24, None, 0)
        assert [(frame.number, read_number(frame.luma((96, 54)))) for frame in footage.at([19, 3, 4])] == [(3, 3), (4, 4), (19, 19)]
        assert len(footage.files) == 20
        assert list(footage.sound()) == []


def test_the_rate_that_is_asked_for(shot):
    with open_footage(shot / "shot.%04d.png", ReadOptions(rate="23.976")) as footage:
        list(footage.frames())
        assert footage.media().rate == Fraction(24000, 1001)
        assert footage.media().duration_s == 20 * Fraction(1001, 24000)


def test_holes_keep_their_numbers(shot, read_number):
    for number in (1003, 1004, 1011):
        (shot / f"shot.{number}.png").unlink()
    (shot / "shot.1016.png").write_bytes((shot / "shot.1016.png").read_bytes()[:60])
    (shot / "shot.1017.png").write_bytes(b"")
    with open_footage(shot / "shot.####.png") as footage:
        seen = [(frame.number, read_number(frame.luma())) for frame in footage.frames()]
        held = {2: 1, 3: 1, 10: 9, 15: 14, 16: 14}
        assert seen == [(k, held.get(k, k)) for k in range(20)]
        assert (footage.lost, footage.media().lost, footage.media().frames) == (5, 5, 20)
        assert [(frame.number, read_number(frame.luma())) for frame in footage.at([3, 16, 17])] == [(3, 1), (16, 14), (17, 17)]


def test_the_first_file_is_broken(shot, read_number):
    (shot / "shot.1001.png").write_bytes((shot / "shot.1001.png").read_bytes()[:50])
    with open_footage(shot / "shot.####.png") as footage:
        seen = [read_number(frame.luma()) for frame in footage.frames()]
    assert seen == [1, *range(1, 20)] and footage.lost == 1


@pytest.mark.parametrize("threads", ["1", "2", "8"])
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_damage_near_the_end_hides_nothing_behind_it(tmp_path, numbered, read_number, monkeypatch, suffix, threads):
    """However many are decoded at once."""
    monkeypatch.setenv("GENLOCK_THREADS", threads)
    for k, picture in enumerate(numbered(12)):
        assert cv2.imwrite(str(tmp_path / f"shot.{k:03d}.{suffix}"), picture)
    damaged = tmp_path / f"shot.008.{suffix}"
    damaged.write_bytes(damaged.read_bytes()[:300])
    with open_footage(tmp_path / f"shot.%03d.{suffix}") as footage:
        assert [read_number(frame.luma()) for frame in footage.frames()] == [*range(8), 7, 9, 10, 11]
        assert footage.lost == 1


def test_padding(tmp_path):
    picture = np.zeros((4, 4), np.uint8)
    for name in ("a.7.png", "a.08.png", "a.9.png", "a.10.png", "a.011.png", "a.100.png", "a.\N{FULLWIDTH DIGIT ONE}.png"):
        cv2.imwrite(str(tmp_path / "x.png"), picture)
        (tmp_path / "x.png").rename(tmp_path / name)
    assert list(find_sequence(str(tmp_path / "a.%02d.png")).files) == [8, 10, 100]
    assert list(find_sequence(str(tmp_path / "a.%03d.png")).files) == [11, 100]
    assert 7 in find_sequence(str(tmp_path / "a.#.png")).files


@pytest.mark.parametrize("suffix", ["png", "tiff", "bmp", "jpg", "webp", "ppm", "jp2", "hdr"])
def test_one_picture_is_a_still(tmp_path, read_number, numbered, suffix):
    picture = np.dstack([numbered(50)[37]] * 3)
    path = tmp_path / f"still.0042.{suffix}"
    if not cv2.imwrite(str(path), picture.astype(np.float32) / 255 if suffix == "hdr" else picture):
        pytest.skip(f"OpenCV writes no {suffix} here")
    with open_footage(path) as footage:
        assert (footage.info.kind, footage.info.frames, footage.info.start_frame) == ("still", 1, 0)
        frames = list(footage.frames())
        assert [(frame.number, frame.key, read_number(frame.luma())) for frame in frames] == [(0, True, 37)]
        assert frames[0].luma().shape == (108, 192)
        assert footage.media().frames == 1


def test_a_picture_by_its_content_whatever_its_suffix(tmp_path, numbered):
    cv2.imwrite(str(tmp_path / "a.png"), numbered(1)[0])
    (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    with open_footage(tmp_path / "a.mp4") as footage:
        assert (footage.info.kind, footage.info.codec) == ("still", "png")


def test_pictures_of_other_sizes_are_brought_to_the_first(tmp_path, read_number, numbered):
    for k, size in enumerate([(192, 108), (96, 54), (384, 216)]):
        cv2.imwrite(str(tmp_path / f"a{k}.png"), cv2.resize(numbered(9)[k + 5], size))
    with open_footage(tmp_path / "a%d.png") as footage:
        assert [(frame.luma().shape, read_number(frame.luma())) for frame in footage.frames()] == [((108, 192), k) for k in (5, 6, 7)]


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix", "options"),
    [
        ("exr", "gbrpf32le", "exr", {}),
        ("exr", "gbrpf32le", "exr", {"format": "half"}),
        ("dpx", "gbrp10be", "dpx", {}),
        ("dpx", "gbrp12be", "dpx", {}),
        ("png", "rgb48be", "png", {}),
        ("tiff", "rgb48le", "tif", {}),
    ],
)
def test_deep_sequences(tmp_path, numbered, read_number, write_picture, codec, pix_fmt, suffix, options):
    for k, picture in enumerate(numbered(6)):
        rgb = np.dstack([picture] * 3)
        deep = (rgb / 255.0).astype(np.float32) ** 2.4 if codec == "exr" else rgb.astype(np.uint16) * 257
        write_picture(tmp_path / f"f.{k + 7:05d}.{suffix}", deep, codec, pix_fmt, options)
    with open_footage(tmp_path / f"f.%05d.{suffix}") as footage:
        assert footage.info.bits > 8 and footage.info.start_frame == 7
        assert [read_number(frame.luma()) for frame in footage.frames()] == list(range(6))
        assert [read_number(frame.luma((96, 54))) for frame in footage.at([2, 5])] == [2, 5]
        assert next(footage.at([5])).rgb().shape == (108, 192, 3)


def test_what_is_no_sequence(tmp_path, numbered):
    for name in ("shot_0001.png", "shot_0002.png"):
        cv2.imwrite(str(tmp_path / name), numbered(1)[0])
    for name, says in {
        "shot.%04d.png": "did you mean shot_%04d.png",
        "shot.%04d.exr": "no picture on disk",
        "gone/shot.%04d.exr": "the folder of",
    }.items():
        with pytest.raises(MediaError, match=says):
            open_footage(tmp_path / name)
    for k in range(3):
        (tmp_path / f"t.{k}.exr").write_text("not a picture at all, only text\n")
    with pytest.raises(MediaError, match="text file"):
        open_footage(tmp_path / "t.%d.exr")
    cv2.imwrite(str(tmp_path / "n.1.png"), numbered(1)[0])
    cv2.imwrite(str(tmp_path / "n.999999.png"), numbered(1)[0])
    with pytest.raises(MediaError, match="only 2 pictures"):
        open_footage(tmp_path / "n.%d.png")


def test_a_playlist_inside_a_sequence_is_lost_not_read(shot):
    (shot / "shot.1005.png").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    with open_footage(shot / "shot.####.png") as footage:
        assert len(list(footage.frames())) == 20 and footage.lost == 1


def layered_exr(channels: dict[str, np.ndarray]) -> bytes:
    """An uncompressed scan-line EXR with these float channels, (h, w) each, written after the file layout of OpenEXR."""
    h, w = next(iter(channels.values())).shape
    names = sorted(channels)

    def attribute(name: str, kind: str, body: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(body)) + body

    box = struct.pack("<4i", 0, 0, w - 1, h - 1)
    head = b"\x76\x2f\x31\x01" + struct.pack("<i", 2)
    head += attribute("channels", "chlist", b"".join(n.encode() + b"\0" + struct.pack("<iB3xii", 2, 0, 1, 1) for n in names) + b"\0")
    head += attribute("compression", "compression", b"\0") + attribute("dataWindow", "box2i", box) + attribute("displayWindow", "box2i", box)
    head += attribute("lineOrder", "lineOrder", b"\0") + attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
    head += attribute("screenWindowCenter", "v2f", bytes(8)) + attribute("screenWindowWidth", "float", struct.pack("<f", 1)) + b"\0"
    rows = []
    for y in range(h):
        body = b"".join(channels[n][y].astype("<f4").tobytes() for n in names)
        rows.append(struct.pack("<2i", y, len(body)) + body)
    starts = np.cumsum([len(head) + 8 * h, *(len(row) for row in rows[:-1])])
    return head + starts.astype("<u8").tobytes() + b"".join(rows)


@pytest.mark.parametrize("layer", ["ViewLayer.Combined", "rgba", "beauty", "left.main", ""])
def test_the_picture_among_an_exrs_layers(tmp_path, numbered, read_number, layer):
    """A render with its passes: the picture is found, not the albedo, the depth or the normals."""
    picture = (numbered(90)[77] / 255.0) ** 2.4
    prefix = f"{layer}." if layer else ""
    passes = {"crypto00.R": 0, "crypto00.G": 0, "Depth.Z": 9, "ViewLayer.Albedo.R": 1, "ViewLayer.Albedo.G": 1, "ViewLayer.Albedo.B": 1}
    channels = {name: np.full(picture.shape, float(value)) for name, value in passes.items()}
    channels |= {prefix + channel: picture for channel in "RGB"}
    (tmp_path / "render.exr").write_bytes(layered_exr(channels))
    with open_footage(tmp_path / "render.exr") as footage:
        assert read_number(next(footage.frames()).luma()) == 77


@pytest.mark.parametrize("head", [b"", b"\x76\x2f\x31\x01", b"\x76\x2f\x31\x01\2\0\0\0channels\0chlist\0\xff\xff\xff\x7fR\0", bytes(range(256)) * 9])
def test_exr_headers_that_end_early(head):
    assert picture_layer(head) == ""


def test_films_of_pictures_are_films(tmp_path, numbered, read_number, film):
    film(tmp_path / "film.mjpeg", numbered(12), codec="mjpeg", pix_fmt="yuvj420p", muxer={})
    film(tmp_path / "film.apng", numbered(12), codec="apng", pix_fmt="rgb24")
    for name in ("film.mjpeg", "film.apng"):
        with open_footage(tmp_path / name) as footage:
            assert footage.info.kind == "video"
            assert [read_number(frame.luma()) for frame in footage.frames()] == list(range(12))


def test_a_sequence_can_be_left_half_way(tmp_path):
    """In a process of its own, which a decoder that waits for its threads would never end."""
    code = f"""
import cv2, numpy as np
from genlock.core.media.plates import open_plates
pictures = np.random.default_rng(1).integers(0, 256, (8, 64, 96, 3), np.uint8)
for n, picture in enumerate(pictures):
    cv2.imwrite({str(tmp_path)!r} + f"/p.{{n:03d}}.png", picture)
for most in range(6):
    with open_plates({str(tmp_path / "p.%03d.png")!r}) as plates:
        for plate in plates.frames():
            if plate.number >= most:
                break
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
