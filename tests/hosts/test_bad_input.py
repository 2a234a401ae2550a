"""Files that are no footage: the real command says what is wrong in one line, exits with 1, and writes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genlock.hosts.demo import cutting
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> Path:
    """A small pair to put beside what is bad: clip.mp4 and ref.mp4."""
    made = tmp_path_factory.mktemp("footage")
    Twin("pair", reel(5, (30,), size_wh=(192, 108)), clip=Side(time=(cutting.trim(5, 25),))).write(made)
    return made


def sound_only(path: Path) -> None:
    import av
    import numpy as np

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        for n in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48000, n * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def truncated(path: Path, whole: Path) -> None:
    """Without its end, where an MP4 written in one go keeps its index."""
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) // 2])


BAD = {
    "missing": lambda path, footage: None,
    "empty": lambda path, footage: path.touch(),
    "text": lambda path, footage: path.write_text("This is a text.\n" * 100),
    "playlist": lambda path, footage: path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
    "concat": lambda path, footage: path.write_text(f"ffconcat version 1.0\nfile '{footage / 'ref.mp4'}'\n"),
    "manifest": lambda path, footage: path.write_text('<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>\n'),
    "folder": lambda path, footage: path.mkdir(),
    "sound": lambda path, footage: sound_only(path),
    "truncated": lambda path, footage: truncated(path, footage / "ref.mp4"),
    "noise": lambda path, footage: path.write_bytes(os.urandom(100_000)),
    "pipe": lambda path, footage: os.mkfifo(path),
}


@pytest.mark.parametrize(("sort", "side"), [*((sort, "clip") for sort in BAD), ("missing", "ref"), ("sound", "ref"), ("truncated", "ref")])
def test_one_line_and_one(genlock, folder, footage, sort, side):
    BAD[sort](folder / "bad.mp4", footage)
    (folder / "out.csv").write_text("older")
    pair = [folder / "bad.mp4", footage / "ref.mp4"]
    done = genlock("align", *(pair if side == "clip" else pair[::-1]), "-o", "out.csv", "-o", "report.html", "--quiet")
    assert done.returncode == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("genlock: ") and "bad.mp4" in done.stderr
    assert "fault" not in done.stderr
    assert done.stdout == ""
    assert (folder / "out.csv").read_text() == "older" and not (folder / "report.html").exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.mp4", "file:///etc/hostname", "concat:a.mp4|b.mp4", "udp://127.0.0.1:9"])
def test_an_address_is_no_file(genlock, footage, address):
    done = genlock("align", address, footage / "ref.mp4", "-o", "out.csv", "--quiet")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "fault" not in done.stderr
