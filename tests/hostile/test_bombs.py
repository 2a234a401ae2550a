"""Little files that claim to be large, and texts that nest or repeat without end: refused at once, and no memory is taken for them."""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib

import numpy as np
import pytest

DEEP = 100_000


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks)


def head(width: int, height: int, depth: int = 16, kind: int = 6) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)


def exr(width: int, height: int) -> bytes:
    """A header, and nothing after it: every line's offset is missing."""

    def attribute(name: str, kind: str, body: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(body)) + body

    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    channels = b"".join(name + b"\0" + struct.pack("<4I", 2, 0, 1, 1) for name in (b"B", b"G", b"R")) + b"\0"
    parts = (
        attribute("channels", "chlist", channels), attribute("compression", "compression", b"\3"), attribute("dataWindow", "box2i", window),
        attribute("displayWindow", "box2i", window), attribute("lineOrder", "lineOrder", b"\0"), attribute("pixelAspectRatio", "float", b"\0\0\x80?"),
        attribute("screenWindowCenter", "v2f", bytes(8)), attribute("screenWindowWidth", "float", b"\0\0\x80?"),
    )  # fmt: skip
    return b"\x76\x2f\x31\x01\2\0\0\0" + b"".join(parts) + b"\0" + bytes(64)


ZEROS = zlib.compress(bytes(1 << 26), 9)
PICTURES = {
    "wide.png": png(head(60_000, 60_000), (b"IDAT", ZEROS), (b"IEND", b"")),
    "text.png": png(head(8, 8, 8, 2), (b"zTXt", b"a\0\0" + ZEROS), (b"IDAT", zlib.compress(bytes(200))), (b"IEND", b"")),
    "profile.png": png(head(8, 8, 8, 2), (b"iCCP", b"a\0\0" + ZEROS), (b"IDAT", zlib.compress(bytes(200))), (b"IEND", b"")),
    "wide.exr": exr(16_000, 16_000),
    "huge.exr": exr(2_000_000, 2_000_000),
    "wide.tif": b"II*\0\x08\0\0\0\5\0" + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in ((256, 60_000), (257, 60_000), (258, 16), (273, 100), (279, 10))
    ) + bytes(200),
    "wide.dpx": b"SDPX" + struct.pack(">I", 2048) + bytes(760) + struct.pack(">HHII", 0, 1, 65_000, 65_000) + bytes(3000),
    "wide.hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n" + bytes(100),
    "wide.bmp": b"BM" + struct.pack("<IIIIiiHHII", 200, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0) + bytes(200),
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(stage, footage, name):
    (stage.inside / name).write_bytes(PICTURES[name])
    for words in (["retime", stage.inside / name, "--rate", "50", "-o", stage.out / "r.mov"], ["align", stage.inside / name, footage / "ref.mp4"]):
        ended = stage.genlock(*words)
        assert ended.kind in ("refused", "accepted") and ended.grown_mb < 1200, ended


def test_films_and_sounds(stage, footage):
    """65535 x 65535 in a header of MP4; a WAV that claims four gigabytes, a thousand channels, or a rate of four thousand million."""
    film = bytearray((footage / "clip.mp4").read_bytes())
    at = film.find(b"avc1") + 28
    film[at : at + 4] = b"\xff\xff\xff\xff"
    (stage.inside / "wide.mp4").write_bytes(film)
    assert stage.genlock("retime", stage.inside / "wide.mp4", "--rate", "50", "-o", stage.out / "r.mov").kind in ("refused", "accepted")
    for n, (channels, rate, size) in enumerate(((2, 48_000, 0xFFFFFFFF), (1000, 48_000, 4000), (2, 0xFFFFFFFF, 4000), (0, 0, 4000))):
        sound = b"fmt " + struct.pack("<IHHIIHH", 16, 1, channels, rate, 0, (4 * channels) & 0xFFFF, 16)
        sound += b"data" + struct.pack("<I", size) + bytes(4000)
        (stage.inside / f"{n}.wav").write_bytes(b"RIFF" + struct.pack("<I", len(sound) + 4) + b"WAVE" + sound)
        stage.refused("align", stage.inside / f"{n}.wav", footage / "ref.mp4", "-o", stage.out / "a.otio")


def test_a_bundle_that_unpacks_a_thousandfold(stage):
    with zipfile.ZipFile(stage.inside / "a.otioz", "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", "[" + "[]," * (50 << 20) + "[]]")
    ended = stage.genlock("convert", stage.inside / "a.otioz", "-o", stage.out / "a.json")
    assert ended.kind == "refused" and "unpacks to 150 MiB" in ended.stderr and ended.grown_mb < 200


def test_members_of_a_bundle_that_lead_out(stage, footage):
    """A bundle's timeline is read and nothing is unpacked, whatever its members are called."""
    with zipfile.ZipFile(stage.inside / "a.otioz", "w") as bundle:
        bundle.writestr("content.otio", (footage / "a.otio").read_text())
        for name in ("../escaped.txt", "/tmp/genlock-escaped.txt", "media/../../escaped.txt"):
            bundle.writestr(name, "x")
        link = zipfile.ZipInfo("media/clip.mp4")
        link.external_attr = 0o120777 << 16
        bundle.writestr(link, "/etc/passwd")
    assert stage.genlock("convert", stage.inside / "a.otioz", "-o", stage.out / "a.json").kind == "accepted"


DOCUMENTS = {
    "deep.json": b"[" * DEEP + b"]" * DEEP,
    "deep.otio": b'{"OTIO_SCHEMA":' * DEEP,
    "number.json": b'{"genlock_alignment": 1e999999999}',
    "digits.json": b'{"genlock_alignment": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(stage, name):
    (stage.inside / name).write_bytes(DOCUMENTS[name])
    stage.refused("convert", stage.inside / name, "-o", stage.out / "a.csv")


@pytest.mark.parametrize("suffix", ["json", "otio", "xml"])
def test_documents_of_very_many_very_small_values(stage, footage, suffix):
    """What is parsed takes ten times the memory of the text and more."""
    body = b"<xmeml>" + b"<a/>" * 8_000_000 + b"</xmeml>" if suffix == "xml" else b'{"OTIO_SCHEMA":"Timeline.1","a":[' + b"0," * 40_000_000 + b"0]}"
    bomb = stage.inside / f"bomb.{suffix}"
    bomb.write_bytes(body)
    words = ["convert", bomb] if suffix == "json" else ["conform", bomb, "--aligned", footage / "a.json"]
    ended = stage.genlock(*words, "-o", stage.out / f"c.{suffix}")
    assert ended.kind == "refused" and "more than" in ended.stderr and ended.grown_mb < 400, ended


@pytest.mark.parametrize("frames", [10**9, 40_000_000, 1.5, "9" * 30, -1])
@pytest.mark.parametrize("suffix", ["csv", "nk", "otio"])
def test_an_alignment_of_more_frames_than_a_day_has(stage, footage, frames, suffix):
    """One line of JSON must not become a table of a thousand million lines."""
    body = json.loads((footage / "a.json").read_text())
    body["ref"]["frames"] = frames
    body["runs"][-1]["ref_count"] = frames if not isinstance(frames, int) else frames - body["runs"][-1]["ref_first"]
    (stage.inside / "a.json").write_text(json.dumps(body))
    ended = stage.genlock("convert", stage.inside / "a.json", "-o", stage.out / f"a.{suffix}")
    assert ended.kind in ("refused", "accepted") and ended.grown_mb < 1200, ended


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'lol'>" + "".join(f"<!ENTITY {chr(c + 1)} '{('&' + chr(c) + ';') * 10}'>" for c in range(97, 110)) + "]>"
OUTSIDE = "<!DOCTYPE x SYSTEM 'file://{private}' [<!ENTITY n SYSTEM 'file://{private}'>]>"
PARAMETER = "<!DOCTYPE x [<!ENTITY % p SYSTEM 'file://{private}'> %p; <!ENTITY n 'x'>]>"


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE, PARAMETER], ids=["laughs", "outside", "parameter"])
@pytest.mark.parametrize("suffix", ["xml", "fcpxml"])
def test_entities(stage, private, footage, doctype, suffix):
    path, opened = private
    text = re.sub(r"<!DOCTYPE[^>]*>", "", (footage / f"a.{suffix}").read_text())
    text = text.replace("?>", "?>" + doctype.replace("{private}", str(path)), 1)
    (stage.inside / f"a.{suffix}").write_text(re.sub(r"clip\.mp4", "&n;", text, count=1))
    line = stage.refused("conform", stage.inside / f"a.{suffix}", "--aligned", footage / "a.json", "-o", stage.out / f"a.{suffix}")
    assert "entities" in line and not opened()


@pytest.mark.parametrize("suffix", ["xml", "fcpxml"])
def test_xml_that_nests_or_includes(stage, private, footage, suffix):
    path, opened = private
    text = (footage / f"a.{suffix}").read_text()
    at = text.index(">", text.index("<", text.index("?>") + 30)) + 1
    edit = stage.inside / f"a.{suffix}"
    edit.write_text(text[:at] + "<d>" * DEEP + "</d>" * DEEP + text[at:])
    assert "nests" in stage.refused("conform", edit, "--aligned", footage / "a.json", "-o", stage.out / edit.name)
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{path}" parse="text"/>'
    edit.write_text(text[:at] + include + text[at:])
    assert stage.genlock("conform", edit, "--aligned", footage / "a.json", "-o", stage.out / edit.name).kind in ("accepted", "refused")
    assert not opened()


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "1e400", "-inf", "nan", "9" * 20_000, '"' + "x" * 10**6 + '"', "a." * 5000 + "a = 1"])
def test_a_project_of_strange_values(stage, value):
    root = stage.root / "project"
    root.mkdir()
    (root / "genlock.toml").write_text(f"schema_version = 1\n[inpaint]\nseeds = {value}\n")
    stage.refused("inpaint", "run", root, made=("project",))


LONG = {
    "blanks": " " * 200_000 + "x", "digits": "0" * 200_000, "event": "001  AX " + "V " * 100_000,
    "name": "* FROM CLIP NAME:" + " " * 200_000 + "\t" * 1000,
    "speed": "M2 " * 60_000,
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=list(LONG))
def test_lines_on_which_a_pattern_could_go_astray(stage, text):
    """An .edl and a .nk of one long line are read in a moment: no pattern tries every way to split it."""
    (stage.inside / "a.edl").write_text(f"TITLE: x\n{text}\n{text}\n")
    ended = stage.genlock("convert", stage.inside / "a.edl", "--rate", "25", "-o", stage.out / "a.otio")
    assert ended.kind in ("refused", "accepted"), ended
    (stage.inside / "a.nk").write_text(f"Read {{\n{text}\n" * 3)
    assert stage.genlock("host", stage.inside / "a.nk").kind in ("refused", "accepted")


def test_numpy_agrees_about_the_bomb():
    """The zeros are as many as they are said to be: the bombs above are real."""
    assert len(zlib.decompress(ZEROS)) == 1 << 26 and len(ZEROS) < 70_000 and not np.frombuffer(zlib.decompress(ZEROS), np.uint8).any()
