"""genlock review as a person starts it: a link at once, the page behind it, an end by Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar

import pytest


def begin(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "genlock", "review", *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})


def test_it_tells_a_link_serves_and_ends(root):
    process = begin(root, "--no-open", "--json")
    try:
        assert process.stdout is not None
        lines = "".join(iter(process.stdout.readline, "}\n")) + "}"
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        link = json.loads(lines)["link"]
        with browser.open(link, timeout=20) as reply:
            assert "/login" not in reply.url and b"genlock review" in reply.read()
        with browser.open(link.partition("/login")[0] + "/api/state", timeout=20) as reply:
            assert json.load(reply)["name"] == root.name
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "for another browser: http://127.0.0.1:" in said
    assert "Traceback" not in said


def test_a_host_that_ends_it_at_once_hears_nothing_odd(root):
    process = begin(root, "--no-open")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("review: http://127.0.0.1:")
    process.terminate()
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.splitlines() in (["genlock: Ctrl-C ends it", "genlock: stopped"], ["genlock: stopped"])


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["nothing-there"], 1, "there is no nothing-there"),
        (["."], 2, "genlock.toml"),
        ([".", "-o", "x.otio"], 2, "leave -o out"),
        ([".", "--port", "99999"], 2, "port"),
    ],
)
def test_what_cannot_be_reviewed_is_said_in_one_line(tmp_path, words, status, says, monkeypatch):
    monkeypatch.chdir(tmp_path)
    process = begin(*words, "--no-open")
    out, said = process.communicate(timeout=30)
    assert (process.returncode, out) == (status, "")
    assert says in said and len(said.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_said(root):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = begin(root, "--no-open", "--port", taken.getsockname()[1])
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2 and "port" in said


def test_without_the_extra_it_says_what_to_install(root):
    code = "import sys; sys.modules['starlette'] = sys.modules['uvicorn'] = None; from genlock.hosts.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, "review", str(root)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "genlock[review]" in done.stderr and len(done.stderr.splitlines()) == 1
