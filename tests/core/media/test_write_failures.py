"""What happens when an output cannot be written: one line, and nothing of it left."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genlock.core.errors import OutputError, UsageError
from genlock.core.media.write import abandon_all, open_writer

from .pictures import described, shaded


@pytest.fixture
def small_files() -> Iterator[None]:
    """The system refuses files beyond 200 kB, as a full disk does: in the middle of writing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


NOISE = np.random.default_rng(5).random((240, 320, 3)).astype(np.float32)


@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv", "a.%04d.exr", "a.%04d.png", "a.%04d.tif", "a.%04d.dpx"])
def test_a_full_disk_leaves_what_was_there(name: str, tmp_path: Path, small_files: None) -> None:
    old = tmp_path / name.replace("%04d", "0000")
    old.write_bytes(b"older")
    info = described("rgb", 16, width=320, height=240) if "%" in name else described(width=320, height=240)
    with pytest.raises(OutputError, match="cannot be written") as caught, open_writer(tmp_path / name, info) as writer:
        for number in range(12):
            writer.write(np.roll(NOISE, 37 * number, axis=1))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [old.name] and old.read_bytes() == b"older"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_the_reason_is_the_systems(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "a.mkv", described())
    sink = writer._sink  # type: ignore[attr-defined]
    sink.file.close()
    sink.file = open("/dev/full", "r+b", buffering=0)
    with pytest.raises(OutputError, match=r"No space left on device; free some space"):
        for number in range(4):
            writer.write(shaded(number))
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "no" / "a.mov", "no folder"), (tmp_path / "no" / "a.%04d.exr", "no folder")):
        with pytest.raises(OutputError, match=words):
            open_writer(path, described("rgb", 16))
    (tmp_path / "a.mov").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        open_writer(tmp_path / "a.mov", described())
    if os.geteuid() != 0:
        (tmp_path / "shut").mkdir(mode=0o500)
        with pytest.raises(OutputError, match="cannot be written"):
            open_writer(tmp_path / "shut" / "a.mov", described())


@pytest.mark.parametrize("name", ["a.mov", "a.%04d.exr"])
def test_an_error_on_the_way_leaves_nothing(name: str, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), open_writer(tmp_path / name, described()) as writer:
        writer.write(shaded(0))
        raise Stopped
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mov", "a.%04d.exr"])
def test_a_process_that_ends_at_once_takes_its_traces_along(name: str, tmp_path: Path) -> None:
    writer = open_writer(tmp_path / name, described())
    writer.write(shaded(0))
    assert len(list(tmp_path.iterdir())) == 1
    abandon_all()
    assert list(tmp_path.iterdir()) == []
    writer.abandon()


@pytest.mark.parametrize("shape", [(64, 96), (64, 95, 3), (64, 96, 2)])
def test_a_picture_that_does_not_fit(shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not fit 96 x 64"), open_writer(tmp_path / "a.mov", described()) as writer:
        writer.write(np.zeros(shape, np.float32))
    assert list(tmp_path.iterdir()) == []
