"""Outputs appear all or not at all, whatever the disk says and whenever it says so."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from genlock.core.errors import OutputError
from genlock.hosts.worker import outputs
from genlock.hosts.worker.outputs import File, check_places, write_together


def files(folder: Path, *names: str) -> list[File]:
    return [File(str(folder / name), f"new {name}".encode()) for name in names]


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_all_appear(tmp_path):
    write_together(files(tmp_path, "a.csv", "b.csv"))
    assert texts(tmp_path) == {"a.csv": "new a.csv", "b.csv": "new b.csv"}


def test_older_ones_are_replaced(tmp_path):
    (tmp_path / "a.csv").write_text("old")
    write_together(files(tmp_path, "a.csv", "b.csv"))
    assert texts(tmp_path) == {"a.csv": "new a.csv", "b.csv": "new b.csv"}


@pytest.mark.parametrize("fails_at", [1, 2, 3])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fills_while_writing(tmp_path, monkeypatch, fails_at, code):
    (tmp_path / "b.csv").write_text("old")
    plain, count = os.fsync, 0

    def fsync(handle: int) -> None:
        nonlocal count
        count += 1
        if count == fails_at:
            raise OSError(code, os.strerror(code))
        plain(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OutputError, match=os.strerror(code)):
        write_together(files(tmp_path, "a.csv", "b.csv", "c.csv"))
    assert texts(tmp_path) == {"b.csv": "old"}


@pytest.mark.parametrize("fails_at", [1, 2, 3])
@pytest.mark.parametrize("links", [True, False])
def test_a_rename_that_fails_puts_everything_back(tmp_path, monkeypatch, fails_at, links):
    (tmp_path / "a.csv").write_text("old a")
    (tmp_path / "c.csv").write_text("old c")
    plain, count = os.replace, 0

    def replace(a: str, b: str) -> None:
        nonlocal count
        if a.endswith(".part"):
            count += 1
            if count == fails_at:
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        plain(a, b)

    def link(a: str, b: str) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "replace", replace)
    if not links:
        monkeypatch.setattr(os, "link", link)
    with pytest.raises(OutputError, match="Permission denied"):
        write_together(files(tmp_path, "a.csv", "b.csv", "c.csv"))
    assert texts(tmp_path) == {"a.csv": "old a", "c.csv": "old c"}


def test_interrupted_between_two_renames(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("old a")
    plain = os.replace

    def replace(a: str, b: str) -> None:
        if b.endswith("b.csv"):
            raise KeyboardInterrupt
        plain(a, b)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_together(files(tmp_path, "a.csv", "b.csv"))
    assert texts(tmp_path) == {"a.csv": "old a"}


def test_abandon_takes_away_what_stands_beside(tmp_path, monkeypatch):
    """As when the process is ended at once while the second file is being written."""

    class Ended(BaseException):
        pass

    def fsync(handle: int) -> None:
        if len(outputs._beside) == 2:
            outputs.abandon()
            raise Ended

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(outputs, "_CHANGING", threading.Lock())
    (tmp_path / "a.csv").write_text("old a")
    with pytest.raises(Ended):
        write_together(files(tmp_path, "a.csv", "b.csv"))
    assert texts(tmp_path) == {"a.csv": "old a"}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.csv").write_text("old")
    (tmp_path / "a.csv").symlink_to(tmp_path / "far" / "a.csv")
    write_together(files(tmp_path, "a.csv"))
    assert (tmp_path / "a.csv").is_symlink()
    assert (tmp_path / "far" / "a.csv").read_text() == "new a.csv"


def test_permissions_are_those_of_any_new_file_or_of_the_older_one(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("")
    (tmp_path / "old.csv").write_text("old")
    os.chmod(tmp_path / "old.csv", 0o640)
    write_together(files(tmp_path, "old.csv", "new.csv"))
    assert stat.S_IMODE((tmp_path / "old.csv").stat().st_mode) == 0o640
    assert (tmp_path / "new.csv").stat().st_mode == plain.stat().st_mode


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: os.path.realpath(path) != str(tmp_path))
    with pytest.raises(OutputError, match="cannot be written; change its permissions"):
        check_places([str(tmp_path / "a.csv")], [])


def test_a_protected_file(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("old")
    monkeypatch.setattr(os, "access", lambda path, mode: not path.endswith("a.csv"))
    with pytest.raises(OutputError, match="write-protected"):
        check_places([str(tmp_path / "a.csv")], [])


def test_a_link_that_leads_nowhere_may_be_written(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    check_places([str(tmp_path / "a.csv")], [])
    write_together(files(tmp_path, "a.csv"))
    assert (tmp_path / "b.csv").read_text() == "new a.csv"
