"""A worker that hangs: it is noticed, ended hard, run again, and told of where that does not help; a host can always end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genlock.core.processes import alive
from genlock.hosts import launch
from genlock.hosts.batch import pool
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processor time is read from /proc")


@pytest.fixture
def batch(stock: Path, tmp_path: Path) -> Job:
    (tmp_path / "pairs.csv").write_text(f"clip,ref,out\n{stock}/clip.mp4,{stock}/ref.mp4,one\n")
    settings = {"as": [".csv"], "quality": "draft", "jobs": 1}
    return Job.create(tmp_path / "job", Request("batch", {"pairs": str(tmp_path / "pairs.csv")}, (str(tmp_path / "all"),), settings))


def stopping(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """So many of the batch's processes are stopped as soon as they have begun; their numbers."""
    plain, stopped = pool._started, list[int]()

    def started(*args, **more):
        running = plain(*args, **more)
        if len(stopped) < times:
            os.kill(running.process.pid, signal.SIGSTOP)
            stopped.append(running.process.pid)
        return running

    monkeypatch.setattr(pool, "_started", started)
    monkeypatch.setattr(pool, "PATIENCE_S", 0.6)
    return stopped


def test_a_pair_that_hangs_is_run_again(batch: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = stopping(monkeypatch, times=1)
    monkeypatch.setattr(pool, "PATIENCE_S", 3.0)
    outcome = run(batch.folder)
    assert outcome.exit_status == 0 and (tmp_path / "all" / "one.csv").exists()
    assert len(stopped) == 1 and not alive(stopped[0])


def test_a_pair_that_hangs_twice_has_failed_and_says_so(batch: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = stopping(monkeypatch, times=2)
    outcome = run(batch.folder)
    row = outcome.result["figures"]["rows"][0]
    assert outcome.exit_status == 1 and row["state"] == "failed" and "log.txt" in row["sentence"]
    assert "no sign of life" in (tmp_path / "all" / row["log"]).read_text()
    assert len(stopped) == 2 and not any(map(alive, stopped))
    monkeypatch.undo()
    assert not (tmp_path / "all" / "one.csv").exists()


def test_a_host_ends_a_worker_that_hears_nothing_and_runs_it_again(stock: Path, tmp_path: Path) -> None:
    inputs = {"clip": str(stock / "clip.mp4"), "ref": str(stock / "ref.mp4")}
    job = Job.create(tmp_path / "job", Request("align", inputs, (str(tmp_path / "out.csv"),), {"quality": "draft", "cache": "off"}))
    running = launch.start(job, [sys.executable, "-m", "genlock"])
    while not os.path.exists(job.events_path):
        time.sleep(0.01)
    assert running.process is not None
    os.kill(running.process.pid, signal.SIGSTOP)
    began = time.monotonic()
    running.stop(grace_s=0.2)
    assert time.monotonic() - began < 5 and not running.alive()
    assert not (tmp_path / "out.csv").exists()
    os.unlink(job.cancel_path)
    again = launch.start(job, [sys.executable, "-m", "genlock"])
    while not again.over:
        messages = again.poll()
        time.sleep(0.02)
    assert type(messages[-1]).__name__ == "Done" and (tmp_path / "out.csv").exists()


def test_a_job_that_is_tied_ends_with_who_waits_for_it(stock: Path, tmp_path: Path) -> None:
    """As the pairs of a batch, and a publisher's job, when the one that started them is killed: no orphan works on."""
    request = {"genlock": 1, "kind": "retime", "inputs": {"footage": str(stock / "ref.mp4")}, "outputs": [str(tmp_path / "out.mkv")]}
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "request.json").write_text(json.dumps({**request, "settings": {"times": 500, "method": "plain"}}))
    starting = f"launch.start(jobs.Job({str(tmp_path / 'job')!r}), [sys.executable, '-m', 'genlock'], tied=True)"
    code = f"import sys, time; from genlock.hosts import jobs, launch; r = {starting}; print(r.process.pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    events = tmp_path / "job" / "events.jsonl"
    until = time.monotonic() + 30
    while not (events.exists() and "progress" in events.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    assert alive(child)
    parent.kill()
    parent.communicate()
    while alive(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(child) and '"cancelled"' in events.read_text().splitlines()[-1]
