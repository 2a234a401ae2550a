"""Check and Publish in Resolve: pyblish in the script, the worker outside, a timeline of what was published in a fake Resolve."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from genlock.hosts.jobs import Started, Tail
from genlock.hosts.resolve import publishing
from genlock.hosts.resolve.console import Lines, carry
from genlock.hosts.resolve.flow import Choice
from genlock.hosts.resolve.run import run
from genlock.tests.hosts.resolve.conftest import resolve_with, timelines
from genlock.tests.hosts.resolve.fake_window import Program


@pytest.fixture
def here(pair, tmp_path) -> dict[str, Path]:
    """The pair in a folder that may be written."""
    return {role: Path(shutil.copy(path, tmp_path)) for role, path in pair.items()}


def test_from_the_menu_without_a_window(here, home):
    resolve, said = resolve_with(here, "DaVinci Resolve"), []
    assert run(resolve, object(), object(), home, write=said.append, what="publish") == 0, said
    version = here["ref"].parent / "published" / "ref" / "v001"
    assert {path.name for path in version.iterdir()} == {"ref.json", "ref.html", "ref.otio"}, "compositions are not written among them"
    assert timelines(resolve) == [[("ref.mp4", 0, 90, 0)], [("clip.mp4", 9, 52, 0)]]
    assert f"published: {version}" in said and said[-1] == f"report: {version / 'ref.html'}"
    assert any(line.startswith("well: Readable, ") for line in said)


def test_baked(here, home):
    resolve, lines = resolve_with(here), Lines(lambda text: None)
    choice = Choice(str(here["clip"]), str(here["ref"]), {"quality": "draft"}, "baked")
    going = publishing.Publishing(resolve._manager._project, choice, lines.telling(), home, str(here["ref"].parent / "out"))
    going.begin()
    carry(going, lines)
    assert going.failed is None and going.built is not None and going.built.differences == []
    assert timelines(resolve)[1] == [("ref_clip.mov", 0, 90, 0)]


class TestWindow:
    def test_check_publish_and_what_is_wrong(self, here, home):
        (here["clip"].parent / "notes.mov").write_text("a list of things to do\n" * 40)
        seen: list[str] = []
        resolve = resolve_with({**here, "notes": here["clip"].parent / "notes.mov"})
        resolve._manager._project._pool._selected.pop()

        def play(program: Program) -> None:
            if not program.item("check").Enabled:
                return
            if seen:
                seen[-1] = program.text("log")
            turn = len(seen)
            seen.append("")
            if turn == 0:
                assert program.text("folder") == str(here["ref"].parent / "published")
                program.item("quality").CurrentIndex = 0
                program.item("clip").CurrentIndex = 2
                program.click("check")
            elif turn == 1:
                program.item("clip").CurrentIndex = 0
                program.item("folder").Text = ""
                program.click("publish")
            elif turn == 2:
                program.item("folder").Text = str(here["ref"].parent / "out")
                program.click("publish")
            else:
                program.close()

        program = Program(play)
        assert run(resolve, program, program, home) == 0
        assert seen[0].startswith(f"Readable: clip {here['clip'].parent / 'notes.mov'}: ") and "give the media file itself" in seen[0]
        assert seen[0].endswith("genlock: what stands against it is told above")
        assert seen[1] == f"{seen[0]}\nno folder is named to publish to; write its whole path"
        assert "the timeline ref_genlock_v001 is made" in seen[2] and (here["ref"].parent / "out" / "ref" / "v001" / "ref.otio").exists()

    @pytest.mark.skipif(os.name == "nt", reason="by signal")
    def test_a_killed_worker_is_told_within_two_seconds_and_stop_ends_one(self, here, home, monkeypatch):
        room = here["ref"].parent / "tmp"
        room.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(room))
        ended: list[float] = []
        seen: list[str] = []

        def play(program: Program) -> None:
            if program.item("check").Enabled:
                if ended:
                    assert time.monotonic() - ended[-1] < 2
                    seen.append(program.text("log"))
                if len(seen) == 3:
                    program.close()
                elif len(ended) == 2:
                    ended.append(time.monotonic() + 60)
                    program.click("publish")
                else:
                    program.click("check")
            elif len(ended) == len(seen):
                logs = [message for path in room.glob("genlock-publish-*/job/events.jsonl") for message in Tail(str(path)).read()]
                for worker in [message.process for message in logs if isinstance(message, Started)][:1]:
                    ended.append(time.monotonic())
                    program.click("stop") if seen else os.kill(worker, signal.SIGKILL)

        program, resolve = Program(play), resolve_with(here)
        assert run(resolve, program, program, home) == 0
        assert "was ended by signal 9" in seen[0] and "log.txt" not in seen[0] and seen[1] == "genlock: stopped"
        assert (here["ref"].parent / "published" / "ref" / "v001" / "ref.otio").exists() and len(timelines(resolve)) == 2, "and again works"
        assert not list(room.iterdir())


def test_without_pyblish_a_line_says_how_to_get_it(here, home, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyblish.api", None)
    said: list[str] = []
    resolve = resolve_with(here, "DaVinci Resolve")
    assert run(resolve, None, None, home, write=said.append, what="publish") == 1
    assert said[-1].startswith("genlock: pyblish: is not in the Python of Resolve") and "pip install --target" in said[-1]
