"""What is refused, and the one line that says so. No hostile file is opened by FFmpeg's playlist readers."""

from __future__ import annotations

import os
import sys

import av
import numpy as np
import pytest

from genlock.core.errors import MediaError
from genlock.core.media.footage import open_footage
from genlock.core.media.guard import open_options, text_kind

HLS = b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n"
DASH = (
    b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="video/mp4">'
    b'<Representation id="1" bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>'
)
CPL = b'<?xml version="1.0"?>\n<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:0</Id></CompositionPlaylist>'
TEXTS = {
    "HLS playlist": HLS,
    "DASH manifest": DASH,
    "IMF composition": CPL,
    "concat list": b"ffconcat version 1.0\nfile '{target}'\n",
    "concat": b"file {target}\n",
    "metadata": b";FFMETADATA1\ntitle=x\n",
    "SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5000 RTP/AVP 96\n",
    "timeline": b'<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5"></xmeml>',
    "edit decision list": b"TITLE: CUT 1\nFCM: NON-DROP FRAME\n",
    "text file": b"This is not a film.\n" * 30,
    "web page": b"<!DOCTYPE html><html><body>404</body></html>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
    "asset map": b'<?xml version="1.0"?><am:AssetMap xmlns:am="x"></am:AssetMap>',
}


def refusal(path) -> str:
    with pytest.raises(MediaError) as caught:
        open_footage(path)
    line = str(caught.value)
    assert "\n" not in line and caught.value.next_step, line
    return line


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("disguise", [b"", b"\xef\xbb\xbf", b"  \n", "utf-16"])
@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov"])
def test_texts_dressed_as_film(tmp_path, film, numbered, what, disguise, name):
    film(tmp_path / "private.mp4", numbered(3))
    body = TEXTS[what].replace(b"{target}", str(tmp_path / "private.mp4").encode())
    path = tmp_path / name
    path.write_bytes(body.decode().encode("utf-16") if disguise == "utf-16" else disguise + body)
    line = refusal(path)
    assert "not footage" in line
    if disguise != "utf-16":
        assert what.split()[0].lower() in line.lower() or "text file" in line


@pytest.mark.parametrize("what", ["HLS playlist", "DASH manifest", "concat list", "IMF composition", "SDP"])
def test_ffmpeg_itself_may_not_use_its_playlist_readers(tmp_path, film, numbered, what):
    """The second wall: even handed to FFmpeg, with our options, the text opens nothing."""
    film(tmp_path / "private.mp4", numbered(3))
    path = tmp_path / "clip.mp4"
    path.write_bytes(TEXTS[what].replace(b"{target}", b"private.mp4"))
    with pytest.raises((av.FFmpegError, OSError)):
        av.open(str(path), container_options=open_options())


def test_the_wall_stands_where_the_text_hides_behind_binary(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b'<MPD xmlns="x">' + bytes(range(256)) * 64)
    assert "DASH manifest" in refusal(path)


@pytest.mark.parametrize(
    "name",
    ["https://example.org/a.mp4", "concat:a.mp4|b.mp4", "subfile,,start,0,end,9,,:a.mp4", "data:video/mp4;base64,AAAA", "pipe:0", "rtmp://x/y"],
)
def test_addresses_and_protocols(name):
    assert "only local files" in refusal(name)


def test_a_file_whose_name_looks_like_a_protocol_is_a_file(tmp_path, film, numbered, monkeypatch):
    film(tmp_path / "plain.mp4", numbered(3)).rename(tmp_path / "concat:plain.mp4")
    monkeypatch.chdir(tmp_path)
    with open_footage("concat:plain.mp4") as footage:
        assert len(list(footage.frames())) == 3


def test_names_in_any_script(tmp_path, film, numbered):
    with open_footage(film(tmp_path / "Fünf Männer 50%d #2 映画.mp4", numbered(3))) as footage:
        assert len(list(footage.frames())) == 3


def test_folder_missing_empty(tmp_path):
    assert "is a folder" in refusal(tmp_path)
    assert "does not exist" in refusal(tmp_path / "nothing.mp4")
    (tmp_path / "empty.mp4").touch()
    assert "is empty (0 bytes)" in refusal(tmp_path / "empty.mp4")
    assert "not the name" in refusal("a\0b.mp4")


@pytest.mark.skipif(sys.platform == "win32", reason="no such files on Windows")
def test_pipes_and_devices(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "device or a pipe" in refusal(tmp_path / "pipe.mp4")
    assert "device or a pipe" in refusal("/dev/zero")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_permission(tmp_path, film, numbered, monkeypatch):
    path = film(tmp_path / "locked.mp4", numbered(2))
    path.chmod(0)
    if os.access(path, os.R_OK):

        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("builtins.open", refuse)
    assert "permission denied" in refusal(path)


def test_sound_alone(tmp_path):
    path = tmp_path / "music.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        block.sample_rate = 8000
        for packet in stream.encode(block):
            container.mux(packet)
    assert "sound alone" in refusal(path)


def test_header_cut_off_and_damaged(tmp_path, film, numbered):
    whole = film(tmp_path / "whole.mp4", numbered(30)).read_bytes()
    for name, body in {"cut.mp4": whole[: len(whole) // 2], "noise.mp4": bytes(range(1, 256)) * 40, "head.mp4": whole[:200]}.items():
        (tmp_path / name).write_bytes(body)
    assert "moov" in refusal(tmp_path / "cut.mp4")
    assert "moov" in refusal(tmp_path / "head.mp4")
    assert "not footage, or its header is damaged" in refusal(tmp_path / "noise.mp4")
    broken = bytearray(film(tmp_path / "a.mkv", numbered(30)).read_bytes())
    broken[:64] = bytes(64)
    (tmp_path / "head.mkv").write_bytes(broken)
    refusal(tmp_path / "head.mkv")


def test_no_frames_at_all(tmp_path, film, numbered):
    body = bytearray(film(tmp_path / "film.mp4", numbered(20), muxer={"movflags": "faststart"}).read_bytes())
    at = body.index(b"mdat") + 4
    body[at:] = bytes(len(body) - at)
    (tmp_path / "blank.mp4").write_bytes(body)
    assert "no frame that can be decoded" in refusal(tmp_path / "blank.mp4")


def test_pictures_of_absurd_size(tmp_path):
    """A PNG header of 60,000 x 60,000 pixels, and nothing behind it: refused, not allocated."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    assert "damaged picture" in refusal(path)


def test_binary_media_is_no_text():
    assert text_kind(b"\0\0\0\x20ftypisom" + bytes(200)) == ""
    assert text_kind(b"\x1aE\xdf\xa3" + bytes(range(256))) == ""
    assert text_kind(b"YUV4MPEG2 W4 H4 F25:1\nFRAME\n" + b"d" * 400) == ""
    assert text_kind("Grüße aus Köln\n".encode() * 20) == "a text file"


def test_film_of_absurd_size(tmp_path, film, numbered, monkeypatch):
    path = film(tmp_path / "film.mkv", numbered(3), codec="ffv1")
    monkeypatch.setattr("genlock.core.media.guard.MAX_PIXELS", 192 * 108 - 1)
    assert "no frame that can be decoded" in refusal(path)
    monkeypatch.setattr("genlock.core.media.guard.MAX_PIXELS", 192 * 108 * 2)
    with open_footage(path) as footage:
        assert len(list(footage.frames())) == 3
