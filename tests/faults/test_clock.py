"""A clock that jumps a year ahead or back: nothing that is in use is taken for stale, and no estimate is nonsense."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from genlock.core.errors import GenlockError
from genlock.core.inpaint.project import lock as locks
from genlock.core.inpaint.project.lock import locked
from genlock.core.media.cache import Cache
from genlock.hosts.cli.bars import left_words
from genlock.hosts.jobs import Job, Progress, Request
from genlock.hosts.worker.desk import Answer, Desk
from genlock.hosts.worker.record import Record
from genlock.hosts.worker.run import run

YEAR_S = 365 * 86400


@pytest.fixture(params=[YEAR_S, -YEAR_S], ids=["ahead", "back"])
def jumped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = time.time
    monkeypatch.setattr(time, "time", lambda: plain() + request.param)
    monkeypatch.setattr(time, "time_ns", lambda: int((plain() + request.param) * 1e9))


def test_a_lock_that_is_held_stays_held(jumped: None, tmp_path: Path) -> None:
    with locked(tmp_path / "lock", "the project"):
        os.utime(tmp_path / "lock", (0, 0))
        with pytest.raises(GenlockError, match=f"in use by process {os.getpid()}"), locked(tmp_path / "lock", "the project"):
            pass


def test_a_lock_that_is_about_to_be_filled_in_is_waited_for(jumped: None, tmp_path: Path) -> None:
    """It was made before the jump, and says nothing yet."""
    path = tmp_path / "lock"
    path.touch()
    os.utime(path, (0, 0))
    filled = threading.Timer(0.2, lambda: path.write_text('{"pid": 1, "host": "another"}'))
    filled.start()
    with pytest.raises(GenlockError, match="in use by process 1 on another"), locked(path, "the project"):
        pass
    filled.join()


def test_a_lock_that_is_never_filled_in_is_broken(jumped: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_FRESH_S", 0.1)
    (tmp_path / "lock").touch()
    with locked(tmp_path / "lock", "the project"):
        assert "pid" in (tmp_path / "lock").read_text()


def test_the_cache_drops_nothing_that_is_written_or_in_hand(jumped: None, tmp_path: Path) -> None:
    cache = Cache(tmp_path, max_bytes=150)
    writing = cache.begin()
    (writing / "half").write_bytes(b"x" * 500)
    os.utime(writing, (1, 1))
    made = cache.begin()
    (made / "thumbs.bin").write_bytes(b"x" * 400)
    assert cache.commit(made, "key").is_dir() and writing.is_dir() and cache.find("key") is not None


def test_how_long_it_took_and_what_is_left_are_never_negative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps while a job runs."""
    plain = time.time

    def work(desk: Desk) -> Answer:
        monkeypatch.setattr(time, "time", lambda: plain() - YEAR_S)
        desk.progress.at(0.5, "half")
        return Answer("done.")

    outcome = run(Job.create(tmp_path / "job", Request("odd", {})).folder, kinds={"odd": work})
    assert outcome.exit_status == 0 and 0 <= outcome.result["seconds"] < 60
    heard: list[object] = []
    record = Record(Job(tmp_path / "job"), heard.append)
    for done in (0.5, 0.2, 0.6):
        record.progress(done, f"at {done}")
    assert [message.done for message in heard if isinstance(message, Progress)] == [0.5, 0.5, 0.6]
    assert all("-" not in left_words(done / 100, elapsed_s) for done in range(101) for elapsed_s in (0.0, 3.0, 1e7))
