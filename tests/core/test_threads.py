"""How many threads are used: who says it, and who is told."""

import os
import subprocess
import sys
import threading

import pytest

from genlock.core import threads
from genlock.core.errors import UsageError


def told(tmp_path, code, **environment):
    """What a fresh interpreter prints."""
    clean = {name: value for name, value in os.environ.items() if name not in (threads.NAME, "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], env={**clean, **environment}, cwd=tmp_path, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "²", "1025", "9" * 5000, "2 3"])
def test_a_wrong_number_is_refused_in_one_line(monkeypatch, said):
    monkeypatch.setenv(threads.NAME, said)
    with pytest.raises(UsageError) as refused:
        threads.limit()
    assert threads.NAME in str(refused.value)
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)


def test_without_a_word_it_is_the_cores_that_may_be_used(monkeypatch):
    monkeypatch.setenv(threads.NAME, " ")
    assert threads.limit() == threads.cores() >= 1
    assert threads.of_codec() == 0, "FFmpeg chooses itself"


def test_a_pool_has_no_more_threads_than_it_may(monkeypatch):
    monkeypatch.setenv(threads.NAME, "3")
    assert threads.of_codec() == threads.limit() == 3
    with threads.pool(8) as wide, threads.pool(2) as narrow:
        assert (wide._max_workers, narrow._max_workers) == (3, 2)


def test_where_there_may_be_one_whoever_hands_out_work_does_it(monkeypatch):
    def broken(number: int) -> int:
        return 1 // number

    for number in ("1", "2"):
        monkeypatch.setenv(threads.NAME, number)
        with threads.hands(8) as hands:
            there = set(hands.map(lambda n: threading.get_ident(), range(4)))
            assert (there == {threading.get_ident()}) == (number == "1")
            assert list(hands.map(abs, (-3, 2))) == [3, 2]
            with pytest.raises(ZeroDivisionError):
                list(hands.map(broken, (1, 0)))


def test_every_library_hears_it(tmp_path):
    code = "from genlock.core import threads; threads.begin(); import cv2, torch; print(cv2.getNumThreads(), torch.get_num_threads())"
    assert told(tmp_path, code, GENLOCK_THREADS="1") == ["1", "1"]


def test_the_command_refuses_it_in_one_line(tmp_path):
    words = [sys.executable, "-m", "genlock", "doctor"]
    done = subprocess.run(words, env={**os.environ, threads.NAME: "two"}, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert threads.NAME in done.stderr
