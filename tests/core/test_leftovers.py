"""What killed processes leave goes; what lives, what another machine made, and what a person made with a name much like it, stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genlock.core.leftovers import mark, name_beside, new_folder, sweep_beside
from genlock.hosts import jobs


def said_by_one_that_ended(code: str) -> str:
    """What a process says that is over then."""
    words = [sys.executable, "-c", f"from genlock.core.leftovers import *; {code}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def test_beside_an_output(tmp_path: Path) -> None:
    place = str(tmp_path / "out.mov")
    left = [said_by_one_that_ended(f"print(name_beside({place!r}, {ending!r}))") for ending in ("part", "old", "part")]
    Path(left[0]).write_text("half")
    Path(left[1]).write_text("what was there before")
    os.makedirs(left[2] + ".gone/inside")
    mine = Path(name_beside(place))
    mine.write_text("being written")
    other = Path(said_by_one_that_ended(f"print(name_beside({str(tmp_path / 'other.mov')!r}))"))
    other.write_text("of another output")
    sweep_beside([place])
    assert set(tmp_path.iterdir()) == {mine, other}


def test_what_only_looks_like_it_stays(tmp_path: Path) -> None:
    """A person's own hidden files, another program's, those of another machine, of a shorter mark: none is known to be ours and dead."""
    number, _, tags = said_by_one_that_ended("print(mark())").partition("-")
    names = [
        ".out.mov.part", ".out.mov.backup", ".out.mov.1234.part", f".out.mov.{number}-ffffff{tags[6:]}abcdef.part", f".out.mov.{number}-{tags}.part",
        f"out.mov.{number}-{tags}abcdef.part", f".out.mov.{number}-{tags}abcdef.part.mine", ".out.mov.pieces", "out.mov.old",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).write_text("precious")
    for name in ("genlock-website", "genlock-12345678", f"genlock-{number}-{tags}", "new-holidays"):
        (tmp_path / name).mkdir()
    before = set(tmp_path.iterdir())
    sweep_beside([str(tmp_path / "out.mov")])
    made = new_folder("genlock-", str(tmp_path))
    assert set(tmp_path.iterdir()) == before | {Path(made)}


def test_a_folder_of_one_that_was_killed_goes_when_the_next_is_made(tmp_path: Path) -> None:
    left = Path(said_by_one_that_ended(f"print(new_folder('genlock-', {str(tmp_path)!r}))"))
    (left / "job").mkdir()
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "shot.mov").write_text("precious")
    (left / "link").symlink_to(tmp_path / "films")
    made = Path(new_folder("genlock-", str(tmp_path)))
    assert made.is_dir() and not left.exists() and (tmp_path / "films" / "shot.mov").exists()


def test_a_link_with_such_a_name_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "shot.mov").write_text("precious")
    left = Path(said_by_one_that_ended(f"print(name_beside({str(tmp_path / 'out.mov')!r}))"))
    left.symlink_to(tmp_path / "films")
    sweep_beside([str(tmp_path / "out.mov")])
    assert not left.is_symlink() and (tmp_path / "films" / "shot.mov").read_text() == "precious"


def test_a_living_process_keeps_its_own_and_a_number_that_is_given_away_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = subprocess.Popen(
        [sys.executable, "-c", f"from genlock.core.leftovers import *; print(new_folder('genlock-', {str(tmp_path)!r}), flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert alive.stdout is not None
    theirs = Path(alive.stdout.readline().strip())
    try:
        monkeypatch.setattr(time, "time", lambda: 4e9)
        os.utime(theirs, (0, 0))
        new_folder("genlock-", str(tmp_path))
        assert theirs.exists()
        number, _, tags = theirs.name.removeprefix("genlock-").partition("-")
        before = theirs.rename(tmp_path / f"genlock-{number}-{tags[:6]}{'0000' if tags[6:10] != '0000' else '1111'}{tags[10:]}")
        new_folder("genlock-", str(tmp_path))
        assert not before.exists()
    finally:
        alive.communicate("\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_one_that_has_ended_and_that_nobody_has_asked_about_is_gone(tmp_path: Path) -> None:
    """As in a container whose first process takes its time."""
    code = f"from genlock.core.leftovers import *; print(new_folder('genlock-', {str(tmp_path)!r}), flush=True)"
    ended = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert ended.stdout is not None
    left = Path(ended.stdout.readline().strip())
    assert ended.stdout.read() == ""
    until = time.monotonic() + 10
    while left.exists() and time.monotonic() < until:
        os.rmdir(new_folder("genlock-", str(tmp_path)))
    assert not left.exists()
    ended.wait()


def test_jobs_has_marks_of_its_own_that_know_the_same(tmp_path: Path) -> None:
    """hosts/jobs.py stands alone inside hosts; it tells the living from the dead as well."""
    code = "from genlock.hosts.jobs import mark; print(mark())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert jobs.is_left(dead) and not jobs.is_left(jobs.mark()) and not jobs.is_left(dead[:-1] + "x")
    assert not jobs.is_left(mark()) and not jobs.is_left("holidays") and not jobs.is_left(f"{10**30}-{'0' * 8}")


def test_a_job_that_was_killed_while_it_was_laid_out_is_laid_out_again(tmp_path: Path) -> None:
    code = "from genlock.hosts.jobs import mark; print(mark())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / f".request.json.{dead}.part").write_text('{"genl')
    jobs.Job.create(tmp_path, jobs.Request("align", {"clip": "/a.mov", "ref": "/b.mov"}))
    assert [path.name for path in tmp_path.iterdir()] == ["request.json"]
