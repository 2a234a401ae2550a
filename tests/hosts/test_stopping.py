"""Ctrl-C, SIGTERM, the cancel file and kill -9: the command ends in time, and nothing half-written stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
ALIGN = ("align", "clip.mp4", "ref.mp4", "-o", "out.csv", "--job", "job")


def wait_for(path: Path, text: str, process: subprocess.Popen) -> None:
    """Until a file holds a text, ten seconds at most."""
    end = time.monotonic() + 10
    while not (path.exists() and text in path.read_text()):
        assert time.monotonic() < end and process.poll() is None, f"{path} never held {text!r}"
        time.sleep(0.02)


def ended(run: SimpleNamespace, began: float) -> tuple[int, float, str, str]:
    out, err = run.process.communicate(timeout=20)
    return run.process.returncode, time.monotonic() - began, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("manner", ["slow", "deaf"])
def test_stops_within_a_second(begun, folder, manner, number):
    (folder / "out.csv").write_text("older")
    run = begun(manner, *ALIGN)
    wait_for(folder / "job" / "events.jsonl", "progress", run.process)
    began = time.monotonic()
    run.process.send_signal(number)
    status, seconds, out, err = ended(run, began)
    assert status == 130
    assert seconds < 1.0
    assert (out, err) == ("", "genlock: stopped\n")
    assert {path.name for path in folder.iterdir()} == {"clip.mp4", "ref.mp4", "out.csv", "job"}
    assert (folder / "out.csv").read_text() == "older"
    assert list(run.scratch.iterdir()) == []
    last = json.loads((folder / "job" / "events.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["code"], last["exit_status"]) == ("failed", "cancelled", 130)


def test_a_second_ctrl_c_ends_it_at_once(begun, folder):
    run = begun("deaf", *ALIGN)
    wait_for(folder / "job" / "events.jsonl", "progress", run.process)
    began = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    run.process.send_signal(signal.SIGINT)
    status, seconds, _, err = ended(run, began)
    assert status == 130 and seconds < 0.6
    assert err == "genlock: stopped\n"
    assert list(run.scratch.iterdir()) == []


def test_many_ctrl_c_at_once(begun, folder):
    run = begun("deaf", *ALIGN)
    wait_for(folder / "job" / "events.jsonl", "progress", run.process)
    began = time.monotonic()
    for _ in range(20):
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    status, seconds, _, err = ended(run, began)
    assert (status, err) == (130, "genlock: stopped\n") and seconds < 1.0


def test_a_signal_before_the_job_begins(begun, folder):
    for wait_s in (0.02, 0.06, 0.1, 0.15):
        run = begun("slow", *ALIGN[:-2])
        time.sleep(wait_s)
        began = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        status, seconds, out, _ = ended(run, began)
        assert status in (130, -signal.SIGINT, 1), "before Python's own start-up is over, the system ends it"
        assert seconds < 1.0 and out == ""
        assert {path.name for path in folder.iterdir()} == {"clip.mp4", "ref.mp4"}


def test_ignored_where_the_parent_has_it_ignored(begun, folder):
    """As under nohup: SIGHUP does not end it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = begun("slow", *ALIGN)
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_for(folder / "job" / "events.jsonl", "progress", run.process)
    run.process.send_signal(signal.SIGHUP)
    time.sleep(0.4)
    assert run.process.poll() is None
    run.process.send_signal(signal.SIGINT)
    assert ended(run, time.monotonic())[0] == 130


def test_the_cancel_file(begun, folder):
    run = begun("slow", *ALIGN)
    wait_for(folder / "job" / "events.jsonl", "progress", run.process)
    began = time.monotonic()
    (folder / "job" / "cancel").touch()
    status, seconds, _, _ = ended(run, began)
    assert status == 130 and seconds < 1.0
    assert not (folder / "job" / "cancel").exists(), "heard: a second run must not stop at once"


def test_killed_between_two_outputs_neither_appears(begun, folder):
    (folder / "b.csv").write_text("older")
    run = begun("dying", "align", "clip.mp4", "ref.mp4", "-o", "a.csv", "-o", "b.csv")
    run.process.communicate(timeout=20)
    assert run.process.returncode == -signal.SIGKILL
    assert not (folder / "a.csv").exists()
    assert (folder / "b.csv").read_text() == "older"
