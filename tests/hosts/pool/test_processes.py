"""Real processes at one job: killed, stopped in their tracks, left alone; the same pictures come out, and nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from genlock.hosts.jobs import Job, Progress, Request, Tail
from genlock.hosts.worker.desk import Desk
from genlock.hosts.worker.pool.crew import Rules, Workers
from genlock.hosts.worker.pool.local import LocalWorkers
from genlock.hosts.worker.pool.places import Place
from genlock.hosts.worker.pool.together import run_together
from genlock.hosts.worker.run import Outcome, run
from genlock.tests.core.render.made import charts, film

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
PICTURES = 110
SETTINGS = {"method": "plain", "times": 11}


def request(folder: Path, name: str) -> Request:
    source = folder / "in.mkv"
    if not source.exists():
        film(source, charts(range(10), (64, 48)), Fraction(24))
    return Request("retime", {"footage": str(source)}, (str(folder / f"{name}.%04d.png"),), SETTINGS)


def pictures(folder: Path, name: str) -> list[bytes]:
    return [(folder / f"{name}.{n:04d}.png").read_bytes() for n in range(PICTURES)]


class Pool:
    """A job in a folder, with two processes that are met as they begin."""

    def __init__(self, folder: Path, meet: Callable[[int, int], None] = lambda count, number: None) -> None:
        self.job = Job.create(folder / "job", request(folder, "out"))
        self.begun: list[int] = []
        self._meet = meet

    def hire(self, desk: Desk, units: int) -> Workers:
        assert units == 5, "110 pictures, 24 a unit"
        workers = LocalWorkers([Place(1)] * 2, 1 << 20, desk.note)
        plain = workers.start

        def start(task: object) -> None:
            plain(task)  # type: ignore[arg-type]
            for number in workers.numbers:
                if number not in self.begun:
                    self.begun.append(number)
                    self._meet(len(self.begun), number)

        workers.start = start  # type: ignore[method-assign]
        return workers

    def run(self, **rules: float) -> Outcome:
        return run_together(self.job.folder, self.hire, rules=Rules(**rules))  # type: ignore[arg-type]


def gone(number: int) -> bool:
    """Whether a process has ended; one whose parent has not asked counts as ended."""
    try:
        return (Path("/proc") / str(number) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_one_is_killed_and_one_hangs_and_the_pictures_are_the_same(tmp_path):
    def meet(count: int, number: int) -> None:
        if count < 3:
            os.kill(number, signal.SIGKILL if count == 1 else signal.SIGSTOP)

    straight = run(Job.create(tmp_path / "straight", request(tmp_path, "alone")).folder)
    assert straight.exit_status == 0
    pool = Pool(tmp_path, meet)
    outcome = pool.run(patience_s=6.0, retries=4)
    assert outcome.exit_status == 0, outcome.result
    assert len(pool.begun) >= 3 and all(map(gone, pool.begun))
    assert pictures(tmp_path, "out") == pictures(tmp_path, "alone")
    told = [message.done for message in Tail(pool.job.events_path).read() if isinstance(message, Progress)]
    assert told == sorted(told) and told[-1] == 1.0
    assert any("a process was killed" in note for note in outcome.result["notes"])
    assert sorted(os.listdir(pool.job.folder)) == ["events.jsonl", "log.txt", "request.json", "result.json"]


def test_a_process_that_always_dies_is_told_in_one_line_and_the_job_goes_on_later(tmp_path, monkeypatch):
    (tmp_path / "dies").mkdir()
    (tmp_path / "dies" / "sitecustomize.py").write_text("import os, sys\nprint('no licence left', file=sys.stderr, flush=True)\nos._exit(7)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "dies"))
    pool = Pool(tmp_path)
    outcome = pool.run()
    error = outcome.result["error"]
    assert outcome.exit_status == 1 and error["code"] == "crashed" and "\n" not in outcome.result["sentence"]
    assert "share 1/5 was lost: its process ended with status 7: no licence left" in error["what"] and len(pool.begun) >= 3
    assert "run the job again" in error["next_step"] and not list(tmp_path.glob("out.*"))
    monkeypatch.delenv("PYTHONPATH")
    assert run(pool.job.folder).exit_status == 0


def test_what_another_try_cannot_help_is_told_as_it_is(tmp_path):
    """The share's own error is the job's: the same words as one process says."""
    pool = Pool(tmp_path)

    def spoil(count: int, number: int) -> None:
        (tmp_path / "in.mkv").write_bytes(b"no film any more")

    pool._meet = spoil
    outcome = pool.run()
    assert outcome.exit_status == 1 and outcome.result["error"]["code"] == "media" and "in.mkv" in outcome.result["sentence"]
    assert len(pool.begun) <= 2, "nobody is begun anew"


def session_of(number: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "stat").read_text().rsplit(")", 1)[1].split() if entry.name.isdigit() else []
        except OSError:
            continue
        if words and int(words[3]) == number and words[0] != "Z":
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", ["ctrl-c", "ctrl-c twice", "killed"])
def test_the_command_ends_with_all_of_its_processes(tmp_path, how):
    work, scratch = tmp_path / "work", tmp_path / "scratch"
    work.mkdir()
    scratch.mkdir()
    film(work / "in.mkv", charts(range(10), (64, 48)), Fraction(24))
    words = [sys.executable, "-m", "genlock", "retime", "in.mkv", "--times", "400", "--method", "plain", "-o", "o.%04d.png", "--workers", "2"]
    env = {**os.environ, "TMPDIR": str(scratch)}
    process = subprocess.Popen(words, cwd=work, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    until = time.monotonic() + 40
    while not list(work.glob(".o.*.pieces/job/work/pieces/0/*.png")) and time.monotonic() < until:
        time.sleep(0.01)
    assert len(session_of(process.pid)) == 3, "the command and its two workers"
    if how == "killed":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)
        if how == "ctrl-c twice":
            time.sleep(0.1)
            os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=20)[1].decode()
    until = time.monotonic() + 10
    while session_of(process.pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not session_of(process.pid)
    if how == "killed":
        made = [path.read_bytes() for path in work.glob(".o.*.pieces/job/work/pieces/0/*.png")]
        assert made and all(picture[-8:-4] == b"IEND" for picture in made), "whole pictures, to go on from"
        return
    assert process.returncode == 130 and said.rstrip().endswith("genlock: stopped") and "Traceback" not in said
    assert sorted(os.listdir(work)) == ["in.mkv"] and os.listdir(scratch) == []


def test_the_command_writes_with_several_what_it_writes_with_one(genlock, folder):
    film(folder / "in.mkv", charts(range(10), (64, 48)), Fraction(24))
    for name, count in (("one", 1), ("two", 2)):
        words = ("retime", "in.mkv", "--times", 5, "--method", "plain", "-o", f"{name}.%04d.png", "-o", f"{name}.mov", "--workers", count, "--json")
        told = genlock(*words)
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["figures"]["frames"] == 50
        assert "stand" not in str(json.loads(told.stdout)["notes"]), "what its own processes made is nothing to be told"
    for n in range(50):
        assert (folder / f"one.{n:04d}.png").read_bytes() == (folder / f"two.{n:04d}.png").read_bytes()
    assert (folder / "one.mov").read_bytes() == (folder / "two.mov").read_bytes()
    assert not [name for name in os.listdir(folder) if name.startswith(".")]


def test_wrong_numbers(genlock, folder):
    for words in (("--workers", "0"), ("--workers", "two"), ("--retries", "-1")):
        told = genlock("run", ".", *words)
        assert told.returncode == 2 and words[0] in told.stderr and len(told.stderr.splitlines()) == 1


def test_a_worker_refuses_what_is_no_task():
    told = subprocess.run([sys.executable, "-m", "genlock", "run", "-"], input="hello\n", capture_output=True, text=True, timeout=60)
    assert told.returncode == 2 and "no task" in told.stderr and len(told.stderr.splitlines()) == 1
