"""The same input and the same settings give the same bits: whatever the threads, the hash seed, the language, the clock, the folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from genlock.core.dis import searcher
from genlock.core.media.plates import open_plates
from genlock.core.media.write import WriteSettings, open_writer
from genlock.hosts.demo.placing import scale
from genlock.hosts.demo.twin import Side
from genlock.tests.contracts.made import DROP, Recipe, Track, make
from genlock.tests.core.inpaint.made_shots import shot, write_film
from genlock.tests.core.render.made import aligned, media
from genlock.tests.footage import write_pair

WAYS: dict[str, tuple[dict[str, str], int]] = {
    "one thread": ({"GENLOCK_THREADS": "1", "PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"}, 0o022),
    "many threads": (
        {"GENLOCK_THREADS": "5", "PYTHONHASHSEED": "77", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo", "OPENBLAS_NUM_THREADS": "6",
         "OMP_NUM_THREADS": "3", "PYTHONDONTWRITEBYTECODE": "1"},
        0o077,
    ),
}  # fmt: skip
"""What surrounds a command, and its umask."""


def digests(folder: Path, words: list[str], way: str) -> dict[str, str]:
    """Run a command in a fresh process and read its outputs; what a run has measured of itself is left out."""
    told, mask = WAYS[way]
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("GENLOCK", "LC_", "LANG", "OMP", "OPENBLAS"))}
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    words = [sys.executable, "-m", "genlock", *words, "--quiet"]
    told = {**keep, "GENLOCK_CACHE": f"{folder}.cache.{way}", **told}
    done = subprocess.run(words, cwd=folder, env=told, umask=mask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.name: hashlib.sha1(_timeless(path)).hexdigest() for path in sorted(folder.iterdir())}


def _timeless(path: Path) -> bytes:
    body = path.read_bytes()
    return re.sub(rb'times_s[\\"]*: ?\{[^}]*\}', b"", body) if path.suffix in (".json", ".otio") else body


def alike(folder: Path, words: list[str], count: int) -> None:
    one, other = (digests(folder, words, way) for way in WAYS)
    assert len(one) == count
    assert one == other


def test_align(tmp_path: Path) -> None:
    write_pair(tmp_path, Side(space=(scale(0.9),)))
    names = [f"a{suffix}" for suffix in (".json", ".otio", ".edl", ".nk", ".csv", ".html")]
    alike(tmp_path / "out", ["align", str(tmp_path / "clip.mp4"), str(tmp_path / "ref.mp4"), *(f"-o{name}" for name in names)], len(names))


def test_render(tmp_path: Path) -> None:
    recipe = Recipe(size_wh=(160, 96), tracks=(Track(F(1, 4)),))
    said = media(make(recipe, tmp_path), recipe.count, recipe.size_wh, recipe.rate, sound=True)
    (tmp_path / "a.json").write_text(json.dumps(aligned(said, said, list(range(7)), (1.01, 0, -1, 0, 0.99, 2, 0, 0, 1)).to_json()))
    names = ["r.mkv", "r.mp4", "r.mov", "r.%04d.exr", "r.%04d.png", "r.%04d.tif"]
    alike(tmp_path / "out", ["render", str(tmp_path / "a.json"), *(f"-o{name}" for name in names)], 3 + 3 * 7)


def test_frames_in_between(tmp_path: Path) -> None:
    film = write_film(tmp_path / "in.mkv", shot(5, (192, 128))[1])
    alike(tmp_path / "out", ["retime", str(film), "--fps", "60", "-o", "t.mkv", "-o", "t.csv"], 2)


@pytest.mark.parametrize(
    ("name", "told"),
    [("a.mp4", {"codec": "h264"}), ("a.mov", {"codec": "h265"}), ("a.mkv", {"codec": "h264", "quality": "lossless"}), ("a.webm", {"codec": "vp9"}),
     ("b.mov", {"codec": "prores"}), ("b.mkv", {"codec": "ffv1"})],
)  # fmt: skip
def test_encoders_do_not_count_threads(name: str, told: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = set()
    source = make(Recipe(size_wh=(192, 128), rate=DROP, count=9), tmp_path)
    for threads in ("1", "6"):
        monkeypatch.setenv("GENLOCK_THREADS", threads)
        with open_plates(source) as plates, open_writer(tmp_path / name, plates.info, WriteSettings(encoder="software", **told)) as writer:
            for plate in plates.frames():
                writer.write(plate)
        made.add((tmp_path / name).read_bytes())
    assert len(made) == 1


def test_a_flow_is_the_same_with_any_number_of_threads() -> None:
    a, b = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in shot(2, (320, 240), pan=5)[1])
    before, found = cv2.getNumThreads(), set()
    try:
        for threads in (1, 2, 3, 8):
            cv2.setNumThreads(threads)
            found.add(np.asarray(searcher(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(a, b, None)).tobytes())  # type: ignore[call-overload]
    finally:
        cv2.setNumThreads(before)
    assert len(found) == 1
