"""One look at a file: what it keeps is right, is used again, and is gone where it should be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.core.errors import Cancelled
from genlock.core.media.cache import Cache
from genlock.core.media.footage import Footage, open_footage
from genlock.core.progress import Progress
from genlock.core.sync.analysis import Analysis, analyse, spread, thumb_size
from genlock.hosts.demo.cutting import variable
from genlock.hosts.demo.twin import Side, Twin
from genlock.tests.footage import Chart, number_on

FRAMES = 45


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """45 frames that carry their numbers, 160 x 96; beside it clip.mp4, the same at variable rate."""
    folder = tmp_path_factory.mktemp("film")
    Twin("film", Chart(frames=FRAMES), Side((variable(2),)), Side()).write(folder)
    return folder / "ref.mp4"


class Refusing:
    """Makes any reading of pictures fail."""

    def __init__(self, footage: Footage) -> None:
        self.footage = footage
        footage.frames = self._no  # type: ignore[method-assign]
        footage.at = self._no  # type: ignore[method-assign, assignment]

    def _no(self, *_: Any) -> Iterator[Any]:
        raise AssertionError(f"{self.footage.path} was read again")


def looked(path: Path, cache: Cache, progress: Progress = Progress()) -> tuple[Footage, Analysis]:
    footage = open_footage(path)
    return footage, analyse(footage, cache, "key", progress)


def test_what_a_killed_process_had_half_kept_goes_with_the_next_that_keeps_it(film, tmp_path):
    footage, first = looked(film, Cache(tmp_path))
    with footage:
        code = f"from genlock.core.leftovers import name_beside; print(name_beside({str(first.folder / 'full-5.bin')!r}))"
        left = Path(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
        left.write_bytes(b"half")
        first.hold(first.full([5]))
        assert not left.exists() and (first.folder / "full-5.bin").stat().st_size == 160 * 96


@pytest.mark.parametrize("frames", [1, 100, 2_800, 1_000_000])
@pytest.mark.parametrize("wh", [(1920, 1080), (720, 576), (641, 359), (3840, 2160), (64, 36), (8, 8), (500, 2000)])
def test_the_size_of_thumbs(wh, frames):
    """The frame's shape to a pixel's rounding, never larger than the frame, and within the budget a frame."""
    w, h = thumb_size(*wh, frames)
    assert 1 <= w <= wh[0] and 1 <= h <= wh[1]
    assert w * h <= 57_600 * 1.5
    if min(wh) > 300:
        assert w / h == pytest.approx(wh[0] / wh[1], rel=0.02)
        assert w * h >= 11_000 * 0.4


def test_long_footage_has_smaller_thumbs():
    areas = [np.prod(thumb_size(1920, 1080, n)) for n in (100, 5_000, 200_000)]
    assert areas[0] > areas[1] > areas[2]


def test_thumbs_are_the_frames(film, tmp_path):
    footage, seen = looked(film, Cache(tmp_path))
    with footage:
        w, h = seen.thumb_wh
        assert seen.frames == FRAMES and (w, h) == (160, 96)  # small enough to be kept as it is
        assert [number_on(t[:, :, None]) for t in seen.thumbs(0, FRAMES)] == list(range(FRAMES))
        assert [number_on(t[:, :, None]) for t in seen.thumbs(3, 5, 7)] == [3, 10, 17, 24, 31]
        assert [number_on(t[:, :, None]) for t in seen.thumbs_at([40, 2, 2])] == [40, 2, 2]
        numbers, pictures = seen.samples()
        assert len(numbers) >= 8 and all(number_on(p[:, :, None]) == n for n, p in zip(numbers, pictures, strict=True))
        assert {n: number_on(p[:, :, None]) for n, p in seen.full([44, 0, 17]).items()} == {0: 0, 17: 17, 44: 44}


def test_a_second_run_decodes_nothing(film, tmp_path):
    cache = Cache(tmp_path)
    footage, first = looked(film, cache)
    with footage:
        first.hold(first.full([5, 30]))
    with open_footage(film) as again:
        Refusing(again)
        second = analyse(again, cache, "key", Progress())
        assert (second.thumbs(0, FRAMES) == first.thumbs(0, FRAMES)).all()
        assert second.media == first.media and second.index == first.index
        assert {n: number_on(p[:, :, None]) for n, p in second.full([5, 30]).items()} == {5: 5, 30: 30}
        assert second.decoded == 0
        with pytest.raises(AssertionError, match="read again"):
            second.full([6])


def test_variable_rate_is_kept(film, tmp_path):
    cache, clip = Cache(tmp_path), film.with_name("clip.mp4")
    footage, first = looked(clip, cache)
    footage.close()
    with open_footage(clip) as again:
        Refusing(again)
        assert analyse(again, cache, "key", Progress()).media == first.media
    assert first.media.pts is not None


@pytest.mark.parametrize(
    ("spoil", "how"), [("thumbs.bin", "gone"), ("thumbs.bin", "short"), ("meta.json", "gone"), ("meta.json", "short"), ("samples.npz", "gone")]
)
def test_a_damaged_entry_is_made_anew(film, tmp_path, spoil, how):
    cache = Cache(tmp_path)
    footage, first = looked(film, cache)
    footage.close()
    path = first.folder / spoil
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20])
    footage, second = looked(film, cache)
    with footage:
        assert number_on(second.thumbs(41, 1)[0][:, :, None]) == 41
        assert len(second.samples()[0]) >= 8


def test_off_leaves_no_files(film, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    cache = Cache(None)
    footage, seen = looked(film, cache)
    with footage:
        assert seen.frames == FRAMES and list(tmp_path.iterdir())
    cache.close()
    assert list(tmp_path.iterdir()) == []


def test_stopped_in_the_middle_leaves_nothing(film, tmp_path):
    asked = []

    def wanted() -> bool:
        asked.append(1)
        return len(asked) < 4

    with open_footage(film) as footage:
        with pytest.raises(Cancelled):
            analyse(footage, Cache(tmp_path), "key", Progress(wanted=wanted))
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_its_end(film, tmp_path):
    told: list[float] = []
    footage, _ = looked(film, Cache(tmp_path), Progress(lambda done, what: told.append(done)))
    footage.close()
    assert told == sorted(told) and 0.8 < told[-1] <= 1


@pytest.mark.parametrize(("numbers", "count"), [(100, 7), (3, 10), (1, 1), (24, 24)])
def test_spread(numbers, count):
    found = list(spread(numbers, count))
    assert len(set(found)) == min(numbers, count) and 0 <= found[0] and found[-1] < numbers
