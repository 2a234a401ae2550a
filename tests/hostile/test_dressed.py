"""Texts that name other files, dressed as film, pictures or sound: refused, and what they name is not opened."""

from __future__ import annotations

import gzip

import pytest

TEXTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{private}\n#EXT-X-ENDLIST\n",
    "hls key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://{private}"\n#EXT-X-MAP:URI="{private}"\n#EXTINF:9,\nfile:{private}\n#EXT-X-ENDLIST\n',
    "hls by address": "#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/{private}\n#EXT-X-ENDLIST\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Period><AdaptationSet '
    'mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>file://{private}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "imf": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:0</Id></CompositionPlaylist>',
    "ffconcat": "ffconcat version 1.0\nfile '{private}'\nduration 1\n",
    "concat": "file '{private}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5000 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "ass": "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,{private}\n",
    "srt": "1\n00:00:00,000 --> 00:00:09,000\n{private}\n",
    "vpy": "import vapoursynth as vs\nopen('escaped.txt', 'w')\n",
    "avs": 'FFVideoSource("{private}")\n',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{private}"/></svg>',
    "m3u": "{private}\n",
    "smil": '<smil><body><video src="{private}"/></body></smil>',
    "metadata": ";FFMETADATA1\ntitle=x\n[CHAPTER]\nSTART=0\nEND=1\n",
}
COATS = {
    "bare": lambda text: text,
    "mark": lambda text: b"\xef\xbb\xbf" + text,
    "blanks": lambda text: b" \r\n\t" * 50 + text,
    "far": lambda text: b"\n" * 5000 + text,
    "zeros": lambda text: bytes(5000) + text,
    "noise": lambda text: text + bytes(range(256)) * 40,
    "wide": lambda text: text.decode().encode("utf-16"),
    "gzip": gzip.compress,
}
NAMES = ("clip.mp4", "clip.mkv", "clip", "clip.%04d.mp4", "clip.wav", "clip.exr")


def dress(text: str, coat: str, private: object) -> bytes:
    return COATS[coat](text.replace("{private}", str(private)).encode())


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_under_any_name_is_refused_and_opens_nothing(stage, private, what):
    """Every coat, each under one or two names, so that all names come up with all texts."""
    path, opened = private
    at = list(TEXTS).index(what)
    for n, coat in enumerate(COATS):
        name = NAMES[(n + at) % len(NAMES)]
        (stage.inside / name).write_bytes(dress(TEXTS[what], coat, path))
        (stage.inside / "private.mp4").write_bytes(b"")
        line = stage.refused("retime", stage.inside / name, "--rate", "50", "-o", stage.out / "r.mov")
        assert name in line and not opened(), (coat, line)


@pytest.mark.parametrize("what", ["hls", "ffconcat", "dash", "concat"])
def test_whoever_hands_it_over(stage, private, footage, what):
    """As clip and as ref, as a project's shot and its matte, and as the sound beside a film."""
    path, opened = private
    bad = stage.inside / "film.mov"
    bad.write_bytes(dress(TEXTS[what], "bare", path))
    stage.refused("align", bad, footage / "ref.mp4", "-o", stage.out / "a.otio")
    stage.refused("align", footage / "ref.mp4", bad, "-o", stage.out / "a.otio")
    stage.refused("inpaint", "init", stage.out / "p1", "--video", bad)
    stage.refused("inpaint", "init", stage.out / "p2", "--video", footage / "ref.mp4", "--mask", bad)
    assert not opened()


def test_no_pattern_leads_ffmpeg_to_pictures(stage, footage):
    """A name with a pattern is looked for by genlock itself: a text in it is refused, whatever its suffix."""
    for n in range(3):
        (stage.inside / f"s.{n:04d}.png").write_bytes(dress(TEXTS["hls"], "bare", "x"))
    assert "an HLS playlist" in stage.refused("retime", stage.inside / "s.%04d.png", "--rate", "50", "-o", stage.out / "r.mov")
