"""A source that changes while it is read: the job says so at its end, nothing is written, and nothing of the change is kept for the next run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from genlock.core.media.cache import Cache
from genlock.core.media.steady import Changed, Steady
from genlock.core.settings import AlignSettings
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run


def grown(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 2 // 3)


def replaced(path: Path) -> None:
    """By another file of the same size and time, as a copying program does it."""
    stat, other = path.stat(), path.with_suffix(".other")
    other.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.replace(other, path)


def overwritten(path: Path) -> None:
    """In place, with as many bytes, and the time set back."""
    stat, body = path.stat(), bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    with open(path, "r+b") as file:
        file.write(body)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def gone(path: Path) -> None:
    path.unlink()


WAYS = (grown, cut_short, replaced, overwritten, gone)


@pytest.mark.parametrize("change", WAYS)
def test_every_way_is_seen(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "film.mov"
    path.write_bytes(os.urandom(5000))
    steady = Steady([path, tmp_path / "not there.mov"])
    steady.check()
    change(path)
    with pytest.raises(Changed, match=r"film\.mov has changed while it was read; run it again"):
        steady.check()
    assert not steady.holds()


def test_what_changes_nothing_of_it_is_no_change(tmp_path: Path) -> None:
    """Another name for it, other rights, somebody who reads it: backups do that."""
    path = tmp_path / "film.mov"
    path.write_bytes(b"x" * 5000)
    steady = Steady([path])
    os.link(path, tmp_path / "backup.mov")
    path.chmod(0o600)
    path.read_bytes()
    steady.check()


def changing(job: Job, path: Path, change: Callable[[Path], None], when: str) -> dict:
    """Run a job; the file changes when it first tells of `when`. What it says in the end."""
    done: list[bool] = []

    def listen(message: object) -> None:
        if not done and when in getattr(message, "what", ""):
            done.append(True)
            change(path)

    outcome = run(job.folder, listen=listen)
    assert done, "it was to change in the middle"
    return {**outcome.result, "status": outcome.exit_status}


@pytest.mark.parametrize("change", [cut_short, overwritten])
def test_an_alignment_is_refused_and_the_cache_knows_nothing_of_it(
    stock: Path, tmp_path: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENLOCK_CACHE", str(tmp_path / "cache"))
    for name in ("clip.mp4", "ref.mp4"):
        shutil.copy(stock / name, tmp_path)
    before = (tmp_path / "clip.mp4").read_bytes()
    inputs = {"clip": str(tmp_path / "clip.mp4"), "ref": str(tmp_path / "ref.mp4")}
    job = Job.create(tmp_path / "job", Request("align", inputs, (str(tmp_path / "out.csv"),), {"quality": "draft"}))
    told = changing(job, tmp_path / "clip.mp4", change, "reading")
    assert told["status"] == 1 and told["error"]["code"] == "media" and "clip.mp4 has changed while it was read" in told["sentence"]
    assert not (tmp_path / "out.csv").exists()
    shutil.copy(stock / "clip.mp4", tmp_path)
    assert (tmp_path / "clip.mp4").read_bytes() == before
    assert run(job.folder).exit_status == 0
    straight = Job.create(tmp_path / "straight", Request("align", inputs, (str(tmp_path / "straight.csv"),), {"quality": "draft", "cache": "off"}))
    assert run(straight.folder).exit_status == 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "straight.csv").read_bytes(), "the first run has left nothing wrong in the cache"


def test_a_retime_is_refused_and_its_pieces_go(stock: Path, tmp_path: Path) -> None:
    shutil.copy(stock / "ref.mp4", tmp_path / "in.mp4")
    settings = {"times": 2, "method": "plain", "encoder": "software"}
    job = Job.create(tmp_path / "job", Request("retime", {"footage": str(tmp_path / "in.mp4")}, (str(tmp_path / "out.mkv"),), settings))
    told = changing(job, tmp_path / "in.mp4", grown, "making")
    assert told["status"] == 1 and "in.mp4 has changed while it was read" in told["sentence"]
    assert not list((tmp_path / "job").glob("work/**/*.piece")) and not [path for path in tmp_path.iterdir() if path.name.startswith((".", "out"))]
    assert run(job.folder).exit_status == 0


def test_a_change_between_two_runs_is_another_file(stock: Path, tmp_path: Path) -> None:
    """Kept under what it holds: the same bytes under another name are found again, other bytes under the same name are not."""
    from genlock.core.align import align

    settings = AlignSettings(cache=str(tmp_path / "cache"), quality="draft")
    shutil.copy(stock / "clip.mp4", tmp_path / "a.mp4")
    align(tmp_path / "a.mp4", stock / "ref.mp4", settings)
    entries = {path.name for path in Cache(tmp_path / "cache").root.iterdir()}
    shutil.copy(stock / "ref.mp4", tmp_path / "a.mp4")
    align(tmp_path / "a.mp4", stock / "ref.mp4", settings)
    assert {path.name for path in (tmp_path / "cache").iterdir()} == entries and len(entries) == 2
