"""Reading that is killed goes on where it was, and ends with what it would have ended with."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.errors import Cancelled
from genlock.core.media.cache import Cache
from genlock.core.media.footage import open_footage
from genlock.core.progress import Progress
from genlock.core.sync import analysis, reading
from genlock.core.sync.analysis import analyse
from genlock.tests.core.media.conftest import barcode, write_film

N = 150


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> dict[str, Path]:
    """The same pictures with sound at 23.976, at a rate that varies, and as files."""
    folder = tmp_path_factory.mktemp("films")
    pictures = [barcode(k, (96, 54)) for k in range(N)]
    options = {"preset": "veryfast", "x264-params": "keyint=10:scenecut=0:bframes=2:open-gop=1"}
    uneven = [40 * k + 300 * (k > 60) for k in range(N)]
    sound = np.sin(np.arange(6 * 48000) / 20).astype(np.float32) / 2
    import cv2

    for k, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"shot.{k:04d}.png"), picture)
    return {
        "sound": write_film(folder / "a.mov", pictures, rate=Fraction(24000, 1001), options=options, sound=sound),
        "varies": write_film(folder / "b.mkv", pictures, options=options, pts=uneven, time_base=Fraction(1, 1000)),
        "files": folder / "shot.%04d.png",
    }


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """A checkpoint every eight frames, of footage however short."""
    monkeypatch.setattr(reading, "EVERY_S", 0)
    monkeypatch.setattr(reading, "SHARE", 1e9)
    monkeypatch.setattr(analysis, "KEEP_BYTES", 0)


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "samples.npz"}


def read_all(path: Path, cache: Path, tell=lambda done, what: None, wanted=lambda: True):
    """(media, index, small pictures, larger ones, files of the entry, first frame decoded)."""
    with open_footage(path) as footage:
        seen = analyse(footage, Cache(cache), "key", Progress(tell, wanted))
        numbers, pictures = seen.samples()
        out = (seen.media, seen.index, seen.thumbs(0, seen.frames).tobytes(), numbers, [p.tobytes() for p in pictures], content(seen.folder))
        seen.close()
        return out, seen.resumed_at


def stopping_at(share: float):
    now = [0.0]
    return (lambda done, what: now.__setitem__(0, done)), (lambda: now[0] < share)


@pytest.mark.parametrize("which", ["sound", "varies", "files"])
def test_stopped_again_and_again(films, tmp_path, which):
    """Stopped twice, then left to go on: each time from where it was, and nothing is left behind."""
    whole, began = read_all(films[which], tmp_path / "whole")
    assert began == 0
    cache = tmp_path / "cache"
    for share in (0.35, 0.6):
        with pytest.raises(Cancelled):
            read_all(films[which], cache, *stopping_at(share))
        assert [path.name for path in cache.iterdir()] == ["half-key"]
    told: list[float] = []
    found, began = read_all(films[which], cache, lambda done, what: told.append(done))
    assert found == whole and began > 0.3 * N
    assert told[0] >= 0.55, "progress begins where it was left"
    assert [path.name for path in cache.iterdir()] == ["key"]


KILLED = """
import os, signal, sys
from pathlib import Path
from genlock.core.media.cache import Cache
from genlock.core.media.footage import open_footage
from genlock.core.progress import Progress
from genlock.core.sync import analysis, reading
reading.EVERY_S, reading.SHARE, analysis.KEEP_BYTES = 0, 1e9, 0
def tell(done, what):
    if done >= float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
with open_footage(sys.argv[1]) as footage:
    analysis.analyse(footage, Cache(Path(sys.argv[2])), "key", Progress(tell))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_killed_at_several_places(films, tmp_path):
    whole, _ = read_all(films["sound"], tmp_path / "whole")
    cache = tmp_path / "cache"
    for share in (0.05, 0.6, 0.85):
        done = subprocess.run([sys.executable, "-c", KILLED, str(films["sound"]), str(cache), str(share)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert len(list(cache.iterdir())) == 1, "the one before is gone on with"
    found, began = read_all(films["sound"], cache)
    assert found == whole and began > 0.5 * N
    assert [path.name for path in cache.iterdir()] == ["key"]


@pytest.mark.parametrize("spoil", ["thumbs changed", "thumbs short", "checkpoint changed", "checkpoint short", "another film", "checkpoint gone"])
def test_what_is_not_as_it_was_is_not_gone_on_with(films, tmp_path, spoil):
    whole, _ = read_all(films["sound"], tmp_path / "whole")
    cache = tmp_path / "cache"
    with pytest.raises(Cancelled):
        read_all(films["varies" if spoil == "another film" else "sound"], cache, *stopping_at(0.7))
    half = cache / "half-key"
    path = half / ("thumbs.bin" if spoil.startswith("thumbs") else reading.NAME)
    body = bytearray(path.read_bytes())
    if spoil.endswith("changed"):
        body[len(body) // 2] ^= 255
        path.write_bytes(body)
    elif spoil.endswith("short"):
        path.write_bytes(body[: len(body) // 2])
    elif spoil.endswith("gone"):
        path.unlink()
    found, began = read_all(films["sound"], cache)
    assert found == whole and began == 0


def test_two_at_the_same_file_never_share_a_folder(films, tmp_path):
    """Both take up; one gets what was left, the other begins anew; what both end with is the same."""
    cache = Cache(tmp_path)
    with pytest.raises(Cancelled):
        read_all(films["sound"], tmp_path, *stopping_at(0.7))
    one, two = cache.take_up("key"), cache.take_up("key")
    assert one != two and (one / reading.NAME).exists() and not (two / reading.NAME).exists()
    cache.put_down(two, "key")
    cache.put_down(one, "key")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half-key"], "the second one put down is dropped"


def test_short_footage_and_a_cache_that_keeps_nothing_have_no_checkpoints(films, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_footage(films["sound"]) as footage:
        cache = Cache(None)
        with pytest.raises(Cancelled):
            analyse(footage, cache, "key", Progress(*stopping_at(0.7)))
        assert list(cache.root.iterdir()) == []
        cache.close()
    monkeypatch.setattr(analysis, "KEEP_BYTES", 1 << 30)
    with pytest.raises(Cancelled):
        read_all(films["sound"], tmp_path / "cache", *stopping_at(0.7))
    assert list((tmp_path / "cache").iterdir()) == []
