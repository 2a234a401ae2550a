"""genlock conform on real footage: an edit of one version plays the same pictures from the other."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

from genlock.hosts.demo import cutting
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin

T = otio.opentime.RationalTime


@pytest.fixture
def versions(folder: Path) -> Path:
    """old.mp4, and new.mp4, which begins 7 frames later in it, at a larger size."""
    story = reel(5, (30, 24), size_wh=(240, 136), rate=Fraction(24))
    Twin("pair", story, clip=Side(time=(cutting.trim(7, 54),))).write(folder / "made")
    (folder / "made" / "clip.mp4").rename(folder / "new.mp4")
    (folder / "made" / "ref.mp4").rename(folder / "old.mp4")
    return folder


def an_edit(folder: Path, first: int, count: int) -> Path:
    available = otio.opentime.TimeRange(T(0, 24), T(54, 24))
    reference = otio.schema.ExternalReference(str(folder / "old.mp4"), available)
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Clip("late", reference.clone(), otio.opentime.TimeRange(T(first, 24), T(count, 24))))
    track.append(otio.schema.Clip("soon", reference.clone(), otio.opentime.TimeRange(T(35, 24), T(10, 24))))
    timeline = otio.schema.Timeline("edit", tracks=[track])
    otio.adapters.write_to_file(timeline, str(folder / "edit.otio"))
    return folder / "edit.otio"


def pictures(path: str, first: int, count: int) -> np.ndarray:
    with av.open(path) as file:
        frames = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    return np.stack(frames[first : first + count]).astype(float)


def test_pictures_stay_the_same(genlock, versions: Path) -> None:
    an_edit(versions, 20, 8)
    done = genlock("conform", "edit.otio", "--from", "old.mp4", "--to", "new.mp4", "-o", "online.otio", "--quality", "draft", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"] == {"events": 2, "moved": 2, "missing": []}
    for before, after in zip(_clips(versions / "edit.otio"), _clips(versions / "online.otio"), strict=True):
        assert before[0].endswith("old.mp4") and after[0].endswith("new.mp4") and after[1:] == (before[1] - 7, before[2])
        assert np.abs(pictures(*before) - pictures(*after)).mean() < 4


def _clips(path: Path) -> list[tuple[str, int, int]]:
    timeline = otio.adapters.read_from_file(str(path))
    return [(c.media_reference.target_url, int(c.source_range.start_time.value), int(c.source_range.duration.value)) for c in timeline.find_clips()]


def test_strict_writes_nothing_where_something_is_missing(genlock, versions: Path) -> None:
    an_edit(versions, 2, 10)
    words = ("conform", "edit.otio", "--from", "old.mp4", "--to", "new.mp4", "-o", "online.otio", "--quality", "draft")
    strict = genlock(*words, "--strict")
    assert strict.returncode == 1 and not (versions / "online.otio").exists()
    assert "5 of 10 frames are not found in new.mp4; they stay on old.mp4" in strict.stdout
    loose = genlock(*words)
    assert loose.returncode == 0 and [c[0][-7:] for c in _clips(versions / "online.otio")] == ["old.mp4", "new.mp4", "new.mp4"]


def test_an_alignment_and_folders(genlock, versions: Path) -> None:
    an_edit(versions, 20, 8)
    assert genlock("align", "new.mp4", "old.mp4", "-o", "known.json", "-o", "known.otioz", "--quality", "draft").returncode == 0
    with zipfile.ZipFile(versions / "known.otioz") as bundle:
        assert bundle.read("media/new.mp4") == (versions / "new.mp4").read_bytes()
    given = genlock("conform", "edit.otio", "--aligned", "known.json", "-o", "a.otio")
    assert given.returncode == 0 and _clips(versions / "a.otio")[0] == (str(versions / "new.mp4"), 13, 8)
    for name in ("old", "new"):
        (versions / f"{name}s").mkdir()
        (versions / f"{name}.mp4").rename(versions / f"{name}s" / "old.mp4")
    found = genlock("conform", "edit.otio", "--from", "olds", "--to", "news", "-o", "b.otio", "--quality", "draft")
    assert found.returncode == 0, found.stderr
    assert _clips(versions / "b.otio")[0] == (str(versions / "news" / "old.mp4"), 13, 8)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("x.nk", "--from", "clip.mp4", "--to", "ref.mp4", "-o", "y.nk"), 2, "no edit that can be re-pointed"),
        (("x.otio", "--from", "clip.mp4", "--to", "ref.mp4", "-o", "y.edl"), 2, "its own format"),
        (("x.otio", "-o", "y.otio"), 2, "told no footage"),
        (("x.otio", "--from", "clip.mp4", "-o", "y.otio"), 2, "one --to for each --from"),
        (("x.otio", "--from", "clip.mp4", "--to", "ref.mp4", "-o", "y.otio"), 1, "cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line(genlock, words: tuple[str, ...], status: int, says: str) -> None:
    done = genlock("conform", *words)
    assert (done.returncode, done.stdout) == (status, "") and says in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_list_is_converted(genlock, folder: Path) -> None:
    (folder / "cut.edl").write_text("TITLE: t\n001  AX  V  C  00:00:01:00 00:00:02:00 01:00:00:00 01:00:01:00\nM2  AX  050.0  00:00:01:00\n")
    done = genlock("convert", "cut.edl", "--rate", "25", "-o", "cut.otio", "-o", "cmx.edl")
    assert done.returncode == 0, done.stderr
    (clip,) = otio.adapters.read_from_file(str(folder / "cut.otio")).find_clips()
    assert clip.effects[0].time_scalar == 2.0 and clip.source_range.start_time.value == 25
    assert "00:00:01:00 00:00:03:00 01:00:00:00 01:00:01:00" in (folder / "cmx.edl").read_text()
