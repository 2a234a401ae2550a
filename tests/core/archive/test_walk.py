"""What in a folder is footage."""

from __future__ import annotations

from pathlib import Path

import pytest

from genlock.core.archive.walk import LEAST_PICTURES, walk


def touch(folder: Path, *names: str, body: bytes = b"x") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)


def test_videos_at_any_depth_and_the_rest_is_counted(tmp_path: Path) -> None:
    touch(tmp_path, "b.MOV", "a/deep/c.mkv", "notes.txt", "sound.wav", ".hidden.mp4", "._b.mov", ".git/x.mp4", "one.png", "app.ts", "mine.genlock")
    touch(tmp_path, "stream.ts", body=b"\x47" + bytes(300))
    (tmp_path / "link.mp4").symlink_to(tmp_path / "b.MOV")
    (tmp_path / "round").symlink_to(tmp_path)
    found = walk(str(tmp_path), str(tmp_path / "mine.genlock"))
    assert [item.path for item in found.items] == [str(tmp_path / name) for name in ("a/deep/c.mkv", "b.MOV", "stream.ts")]
    assert found.passed == 8 and found.unread == []


@pytest.mark.parametrize(
    ("numbers", "pattern"),
    [
        ([f"{n:04d}" for n in range(9996, 10006)], "%d"),
        ([f"{n:05d}" for n in range(9996, 10006)], "%05d"),
        ([str(n) for n in range(95, 105)], "%d"),
        ([str(n) for n in range(1001, 1011)], "%04d"),
        ([f"{n:02d}" for n in range(1, 12)], "%02d"),
    ],
)
def test_numbered_pictures_are_one_sequence(tmp_path: Path, numbers: list[str], pattern: str) -> None:
    touch(tmp_path, *[f"sh010_v2.{n}.png" for n in numbers])
    (item,) = walk(str(tmp_path)).items
    assert item.path == str(tmp_path / f"sh010_v2.{pattern}.png") and item.sequence and item.size == 2 * len(numbers)


def test_a_few_pictures_are_photographs(tmp_path: Path) -> None:
    touch(tmp_path, *[f"IMG_{n:04d}.jpg" for n in range(LEAST_PICTURES - 1)], *[f"a%d#_{n:02d}.png" for n in range(20)])
    found = walk(str(tmp_path))
    assert found.items == [] and found.passed == LEAST_PICTURES - 1 + 20
