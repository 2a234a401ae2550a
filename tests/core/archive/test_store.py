"""The archive's file: whole whatever happens, safe with two processes, refused where it is not ours."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.archive.store import VERSION, Archive, Known, remove
from genlock.core.errors import FormatError, GenlockError, OutputError, UsageError
from genlock.tests.core.archive.footage import MEDIA, prints

ADDING = """
import sys
from fractions import Fraction
from genlock.tests.core.archive.footage import MEDIA, prints
from genlock.core.archive.store import Archive
with Archive(sys.argv[1], make=True) as archive:
    print("open", flush=True)
    for n in range(int(sys.argv[3])):
        archive.add(f"{sys.argv[2]}{n}", prints(50, n), MEDIA)
"""
def one(path: Path) -> str:
    """An archive of one file."""
    with Archive(str(path), make=True) as archive:
        number = archive.add("key", prints(), MEDIA)
        archive.remember("/films/a.mp4", Known(10, 20, number, ""))
    return str(path)


def begun(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", ADDING, str(path), name, str(count)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "open\n"
    return process


class TestKept:
    def test_what_is_added_comes_back(self, tmp_path: Path) -> None:
        path = one(tmp_path / "deep" / "er" / "a.genlock")
        with Archive(path) as archive:
            codes = archive.entries()
            (entry,) = codes.entries
            assert (entry.count, entry.frames, entry.rate, entry.end_s) == (4, 600, Fraction(24), 25.0)
            assert codes.whole.tolist() == prints().codes[:, 0].tolist() and codes.middle.tolist() == prints().codes[:, 1].tolist()
            assert archive.paths_of(entry.id) == ["/films/a.mp4"] and archive.known("/films") == {"/films/a.mp4": Known(10, 20, entry.id, "")}
            assert archive.known("/film") == {} and archive.print_of("key") == entry.id and archive.size() == (1, 25.0)
        assert os.listdir(tmp_path / "deep" / "er") == ["a.genlock"]

    def test_a_name_that_is_no_text_is_kept(self, tmp_path: Path) -> None:
        name = os.fsdecode(b"/films/\xff\n.mp4")
        with Archive(str(tmp_path / "a"), make=True) as archive:
            archive.remember(name, Known(1, 2, None, "why"))
            assert archive.known("/films") == {name: Known(1, 2, None, "why")}

    def test_the_first_of_two_stays_and_what_nobody_has_is_dropped(self, tmp_path: Path) -> None:
        with Archive(one(tmp_path / "a"), make=True) as archive:
            assert archive.add("key", prints(7, 9), MEDIA) == archive.print_of("key")
            assert archive.entries().entries[0].count == 4
            assert archive.add("key", prints(7, 9), MEDIA, anew=True) == archive.print_of("key")  # other paths go on pointing to it
            assert archive.entries().entries[0].count == 7 and archive.paths_of(archive.print_of("key") or 0) == ["/films/a.mp4"]
            archive.drop(["/films/a.mp4"])
            assert archive.entries().entries == [] and archive.known("/films") == {}


class TestProcesses:
    def test_two_write_and_one_reads(self, tmp_path: Path) -> None:
        path = tmp_path / "a.genlock"
        one(path)
        writers = [begun(path, name, 12) for name in "xy"]
        seen = []
        while any(writer.poll() is None for writer in writers):
            with Archive(str(path)) as archive:
                codes = archive.entries()
                assert len(codes.whole) == sum(entry.count for entry in codes.entries)
                seen.append(len(codes.entries))
        assert [writer.wait() for writer in writers] == [0, 0] and seen == sorted(seen)
        with Archive(str(path)) as archive:
            assert len(archive.entries().entries) == 25

    def test_killed_at_any_time_it_is_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "a.genlock"
        one(path)
        for turn, wait_s in enumerate((0.0, 0.04)):
            writer = begun(path, f"k{turn}-", 5000)
            time.sleep(wait_s)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            with Archive(str(path)) as archive:
                codes = archive.entries()
                assert all(archive.rest_of(entry.id) is not None for entry in codes.entries)
                assert len(codes.whole) == sum(entry.count for entry in codes.entries)
            base = sqlite3.connect(path)
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            base.close()

    def test_a_full_disk_leaves_what_was_there(self, tmp_path: Path) -> None:
        resource = pytest.importorskip("resource")
        path = one(tmp_path / "a")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        with Archive(path, make=True) as archive:
            resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
            try:
                with pytest.raises(OutputError, match="archive"):
                    for n in range(40):
                        archive.add(f"big{n}", prints(50, n), MEDIA)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
        with Archive(path) as archive:
            codes = archive.entries()
            assert archive.print_of("key") is not None and all(archive.rest_of(entry.id) for entry in codes.entries)


class TestRefused:
    def test_where_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no archive"):
            Archive(str(tmp_path / "none"))
        assert not (tmp_path / "none").exists()

    def test_what_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "film.mp4").write_bytes(b"\0\0\0 ftypisom" * 20)
        other = sqlite3.connect(tmp_path / "other.db")
        other.execute("CREATE TABLE mine (a)")
        other.commit()
        other.close()
        for name in ("film.mp4", "other.db"):
            before = (tmp_path / name).read_bytes()
            for make in (False, True):
                with pytest.raises(FormatError, match="not an archive"):
                    Archive(str(tmp_path / name), make)
            assert (tmp_path / name).read_bytes() == before
        with pytest.raises(UsageError, match="not an archive"):
            remove(str(tmp_path / "film.mp4"))
        with pytest.raises(UsageError, match="is a folder"):
            Archive(str(tmp_path))

    def test_another_version(self, tmp_path: Path) -> None:
        path = one(tmp_path / "a")
        base = sqlite3.connect(path)
        base.execute(f"PRAGMA user_version = {VERSION + 1}")
        base.close()
        with pytest.raises(FormatError, match=rf"format {VERSION + 1}.*--rebuild"):
            Archive(path)

    @pytest.mark.parametrize(
        "change",
        [
            "CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM prints; END",
            "CREATE VIEW v AS SELECT 1",
            "DROP TABLE rest",
            "ALTER TABLE files ADD COLUMN more TEXT",
        ],
    )
    def test_a_schema_that_is_not_ours(self, tmp_path: Path, change: str) -> None:
        path = one(tmp_path / "a")
        base = sqlite3.connect(path)
        base.execute(change)
        base.commit()
        base.close()
        for make in (False, True):
            with pytest.raises(FormatError, match="damaged"):
                Archive(path, make)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE prints SET count = 1000000000000",
            "UPDATE prints SET count = 5",
            "UPDATE prints SET count = 'four'",
            "UPDATE prints SET rate_den = 0",
            "UPDATE prints SET end_ms = -1",
            "UPDATE prints SET frames = 1e300",
            "UPDATE prints SET timecode = x'00'",
            "UPDATE codes SET whole = 'text'",
            "UPDATE codes SET middle = zeroblob(8)",
            "UPDATE codes SET turns = zeroblob(3)",
        ],
    )
    def test_figures_that_cannot_be(self, tmp_path: Path, change: str) -> None:
        path = one(tmp_path / "a")
        base = sqlite3.connect(path)
        base.execute(change)
        base.commit()
        base.close()
        with Archive(path) as archive, pytest.raises(FormatError, match="damaged"):
            archive.entries()

    def test_bytes_that_were_turned(self, tmp_path: Path) -> None:
        """Anything may come of it but something that is not of our errors."""
        path = one(tmp_path / "a")
        whole = Path(path).read_bytes()
        rng = np.random.default_rng(8)
        refused = 0
        for turn in range(60):
            body = bytearray(whole)
            for at in rng.integers(100, len(whole), 12):
                body[at] = int(rng.integers(0, 256))
            bad = tmp_path / f"bad{turn}"
            bad.write_bytes(bytes(body[: int(rng.integers(200, len(body)))] if turn % 3 == 0 else body))
            try:
                with Archive(str(bad)) as archive:
                    for entry in archive.entries().entries:
                        archive.rest_of(entry.id)
                        archive.paths_of(entry.id)
                    archive.known("/")
            except GenlockError:
                refused += 1
        assert refused >= 20

    def test_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError):
            Archive(str(tmp_path / "file" / "a.genlock"), make=True)

    def test_a_read_only_archive_is_read(self, tmp_path: Path) -> None:
        path = one(tmp_path / "a")
        os.chmod(path, 0o444)
        shutil.copy(path, tmp_path / "b")
        with Archive(str(tmp_path / "b")) as archive:
            assert archive.size()[0] == 1
