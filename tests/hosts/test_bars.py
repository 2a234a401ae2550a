"""What a person sees of progress: a bar on a terminal, few lines in a log."""

from __future__ import annotations

import io
import os
import select
import sys
import time
from pathlib import Path

import pytest

from genlock.hosts import jobs
from genlock.hosts.cli import bars

DRIVER = Path(__file__).with_name("driver.py")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(bars.time, "monotonic", clock.monotonic)
    return clock


def watch(view: bars.View, clock: Clock, seconds: float, of: float) -> None:
    """A job of `of` seconds, watched for some of them, twenty times a second."""
    for turn in range(int(seconds * 20)):
        clock.now += 0.05
        view.hear(jobs.Progress(turn / 20 / of, "reading"))
        view.draw()
    view.close()


def test_a_job_of_a_moment_writes_nothing(clock):
    stream = io.StringIO()
    watch(bars.Lines(stream), clock, 2.5, of=2.5)
    assert stream.getvalue() == ""


def test_a_long_job_writes_a_line_every_five_seconds(clock):
    stream = io.StringIO()
    watch(bars.Lines(stream), clock, 60, of=100)
    lines = stream.getvalue().splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[5].startswith("genlock: 28%, about 72 s left reading") or lines[5].startswith("genlock: 28%, about 71 s left reading")


def test_notes_come_at_once(clock):
    stream = io.StringIO()
    view = bars.Lines(stream)
    view.hear(jobs.Note("2 frames are damaged\x1b[2J"))
    view.draw()
    assert stream.getvalue() == "genlock: note: 2 frames are damaged\\x1b[2J\n"


def test_a_stream_that_closes_is_no_failure(clock):
    """The job goes on: what is told afterwards goes nowhere, and raises nothing."""
    stream = io.StringIO()
    view = bars.Lines(stream)
    watch(view, clock, 4, of=10)
    told = len(stream.getvalue().splitlines())
    stream.close()
    view.hear(jobs.Note("nobody reads this"))
    watch(view, clock, 6, of=10)
    view.close()
    assert (told, view.last.done, list(view.notes)) == (1, pytest.approx(0.6, abs=0.01), [])


@pytest.mark.parametrize(
    ("done", "elapsed_s", "says"),
    [(0.5, 1, ""), (0.01, 100, ""), (0.5, 60, ", about 60 s left"), (0.1, 60, ", about 9 min left"), (0.1, 3600, ", about 9.0 h left"), (1, 9, "")],
)
def test_time_left(done, elapsed_s, says):
    assert bars.left_words(done, elapsed_s) == says


def test_quiet_shows_nothing():
    assert isinstance(bars.view_for(sys.stderr, quiet=True), bars.Nothing)
    assert isinstance(bars.view_for(None, quiet=False), bars.Nothing)
    assert isinstance(bars.view_for(io.StringIO(), quiet=False), bars.Lines)


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_a_bar_on_a_terminal_and_ctrl_c_typed_on_it(folder, tmp_path):
    """The bar shows percents, goes away, and gives the cursor back."""
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", TMPDIR=str(tmp_path))
        os.execv(sys.executable, [sys.executable, str(DRIVER), "slow", "align", "clip.mp4", "ref.mp4", "-o", "out.csv"])
    seen, began, typed = b"", time.monotonic(), False
    while time.monotonic() - began < 20:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
        if b"3%" in seen and not typed:
            typed = True
            os.write(terminal, b"\x03")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert typed and b"reading" in seen
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
    assert seen.endswith(b"genlock: stopped\r\n")
