"""The script from the menu, start to end: the real worker on made footage, a fake Resolve around it."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

from genlock import __version__
from genlock.core.settings import AlignSettings
from genlock.hosts import shelf
from genlock.hosts.demo.twin import Side
from genlock.hosts.installing import layout
from genlock.hosts.resolve import api, flow, menu
from genlock.hosts.resolve.console import Lines, carry
from genlock.hosts.resolve.run import run
from genlock.tests.footage import write_pair
from genlock.tests.hosts.resolve import fake_resolve
from genlock.tests.hosts.resolve.conftest import resolve_with, timelines
from genlock.tests.hosts.resolve.fake_resolve import Resolve
from genlock.tests.hosts.resolve.fake_window import Program

ROOT = Path(__file__).resolve().parents[3]
FREE = "DaVinci Resolve"


class TestLines:
    """Without a window, as on the free edition since 19.1."""

    def test_what_is_selected_is_aligned(self, pair, home):
        resolve, said = resolve_with(pair, FREE), []
        assert run(resolve, object(), object(), home, write=said.append) == 0, said
        assert timelines(resolve) == [[("ref.mp4", 0, 90, 0)], [("clip.mp4", 9, 52, 0)]]
        assert said[0].startswith("clip: clip.") and "selected in the media pool" in said[0]
        assert any("read back from Resolve" in line for line in said) and said[-1].startswith("report: ")
        assert resolve._world.modal == "", "the free edition was asked for something of Studio's"

    def test_swapped(self, pair, home):
        resolve, said = resolve_with(pair, FREE), []
        assert run(resolve, None, None, home, swapped=True, write=said.append) == 0, said
        assert [track[0][1:] for track in timelines(resolve)] == [(0, 52, 0), (0, 52, 9)]

    def test_nothing_is_picked(self, home):
        said = []
        assert run(Resolve(), None, None, home, write=said.append) == 1
        assert said == [
            "genlock: no two clips are picked; select two in the media pool, or lay them on two video tracks with the playhead over both, "
            "and run the script again"
        ]

    def test_started_from_outside_of_a_free_resolve(self, home):
        said = []
        assert run(None, None, None, home, write=said.append) == 1 and "Workspace > Scripts" in said[0]

    def test_the_worker_is_missing(self, pair, tmp_path, home):
        (Path(home) / "worker.json").write_text(json.dumps({"command": [str(tmp_path / "gone")]}))
        resolve, said = resolve_with(pair), []
        assert run(resolve, None, None, home, write=said.append) == 1
        assert said[-1].endswith("run: genlock hosts install") and resolve._manager._project._timelines == []

    def test_a_worker_that_dies_is_told(self, pair, home, monkeypatch):
        killer = [sys.executable, "-c", "import sys; print('genlock " + __version__ + "') if '--version' in sys.argv else sys.exit(9)"]
        (Path(home) / "worker.json").write_text(json.dumps({"command": killer}))
        resolve, said = resolve_with(pair), []
        began = time.monotonic()
        assert run(resolve, None, None, home, write=said.append) == 1
        assert "ended with status 9 before it could say why" in said[-1] and time.monotonic() - began < 10
        assert resolve._manager._project._timelines == []

    def test_not_the_same_footage(self, pair, home, tmp_path):
        write_pair(tmp_path, Side(), seed=77, lengths=(40,))
        other = next(tmp_path.glob("ref.*"))
        resolve, said = resolve_with({"clip": pair["clip"], "ref": other}), []
        assert run(resolve, None, None, home, write=said.append) == 1
        assert "do not show the same footage" in said[-2] and said[-1].startswith("report: ")

    def test_a_fault_of_our_own_leaves_resolve_standing(self, home):
        said = []
        assert run(object(), None, None, home, write=said.append) == 1
        assert said[0].startswith("genlock has an error of its own")


class TestBaked:
    def test_the_clip_is_rendered_beside_itself_and_laid_on_the_ref(self, pair, home, tmp_path):
        here = {role: Path(shutil.copy(path, tmp_path)) for role, path in pair.items()}
        (tmp_path / "clip_genlock_v001.mov").write_bytes(b"of the person")
        resolve, lines = resolve_with(here), Lines(lambda text: None)
        going = flow.Flow(
            resolve._manager._project, flow.Choice(str(here["clip"]), str(here["ref"]), {"quality": "draft"}, "baked"), lines.telling(), home
        )
        going.begin()
        carry(going, lines)
        assert going.failed is None and going.built is not None and going.built.differences == []
        assert (tmp_path / "clip_genlock_v001.mov").read_bytes() == b"of the person"
        assert timelines(resolve)[1] == [("clip_genlock_v002.mov", 0, 90, 0)]


class TestWindow:
    def test_align_report_and_redo(self, pair, home):
        seen: list[str] = []

        def play(program: Program) -> None:
            if not seen:
                assert program.item("clip").entries == [path.name for path in pair.values()]
                assert program.item("ref").CurrentIndex == 1 and not program.item("report").Enabled
                taken = {f.name: f for f in fields(AlignSettings)}
                for name in ("quality", "time", "space"):
                    assert program.item(name).entries == list(taken[name].metadata["choices"])
                    assert program.item(name).entries[program.item(name).CurrentIndex] == taken[name].default
                program.item("quality").CurrentIndex = 0
                program.click("align")
                seen.append("begun")
            elif program.item("align").Enabled:
                assert program.item("align").Text == "Redo" and program.item("report").Enabled
                seen.append(program.text("log"))
                if len(seen) == 2:
                    program.click("align")
                else:
                    program.close()

        resolve, program = resolve_with(pair), Program(play)
        assert run(resolve, program, program, home) == 0
        assert "the timeline ref_genlock_v001 is made" in seen[1] and "the timeline ref_genlock_v002 is made" in seen[2]
        assert not program.window.shown and program.text("state").endswith("done")

    @pytest.mark.skipif(os.name == "nt", reason="by signal")
    def test_a_worker_killed_in_the_middle_is_told_within_two_seconds_and_redo_works(self, pair, home):
        seen: list[str] = []
        killed: list[float] = []

        def play(program: Program) -> None:
            if not seen:
                program.click("align")
                seen.append("begun")
            elif not killed:
                for running in shelf.unfinished(flow.HOST):
                    os.kill(running._number, signal.SIGKILL)
                    killed.append(time.monotonic())
            elif program.item("align").Enabled:
                seen.append(program.text("log"))
                if len(seen) == 2:
                    assert time.monotonic() - killed[0] < 2
                    program.click("align")
                else:
                    program.close()

        resolve, program = resolve_with(pair), Program(play)
        assert run(resolve, program, program, home) == 0
        assert "was ended by signal 9 before it could say why" in seen[1] and "ref_genlock_v001 is made" in seen[2]

    def test_stop(self, pair, home):
        clicked = []

        def play(program: Program) -> None:
            if not clicked:
                program.click("swap")
                program.click("align")
                program.click("stop")
                clicked.append(program.text("log"))
            else:
                program.close()

        resolve, program = resolve_with(pair), Program(play)
        run(resolve, program, program, home)
        assert clicked == ["genlock: stopped"] and resolve._manager._project._timelines == []

    def test_the_same_file_twice(self, pair, home):
        def play(program: Program) -> None:
            program.item("ref").CurrentIndex = 0
            program.click("align")
            assert program.text("log").endswith("clip and ref are the same file; choose two")
            program.close()

        program = Program(play)
        assert run(resolve_with(pair), program, program, home) == 0

    @pytest.mark.parametrize(
        ("product", "version", "window"),
        [(FREE, (19, 0, 3), True), (FREE, (19, 1, 0), False), ("DaVinci Resolve Studio", (21, 0, 4), True)],
    )
    def test_a_window_only_where_the_edition_has_one(self, product, version, window):
        from genlock.hosts.resolve.window import may_show

        assert may_show(Resolve(product, version)) is window


def test_resolve_closed_while_it_aligns(pair, home):
    """The job runs on; the next start of the script finds it, and makes the timeline."""
    closed = resolve_with(pair, FREE)
    going = flow.Flow(closed._manager._project, flow.Choice(str(pair["clip"]), str(pair["ref"])), Lines(lambda text: None).telling(), home)
    going.begin()
    while not list(shelf.unfinished(flow.HOST)):
        assert not going.step()
    said: list[str] = []
    resolve = resolve_with({}, FREE)
    assert run(resolve, None, None, home, write=said.append) == 0, said
    assert said[0].startswith("an earlier alignment of ") and len(resolve._manager._project._timelines) == 1


class TestMenu:
    def test_the_script_runs_where_only_the_adapter_is_installed(self, tmp_path):
        """In a bare Python, from a folder with the adapter's files alone; without Resolve it says so and ends."""
        home = tmp_path / "a folder 'quoted'"
        for name, body in layout.mini_package("resolve").items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(body)
        for name, text in menu.scripts(str(home)).items():
            script = tmp_path / name
            script.write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, "-I", "-S", str(script)], capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0 and done.stderr == "" and done.stdout.startswith("genlock: Resolve gives no hold of itself"), done

    def test_what_each_entry_does(self):
        calls = [text.rstrip().splitlines()[-1].rpartition("HOME")[2] for text in menu.scripts("/h").values()]
        assert calls == [")", ", swapped=True)", ', what="publish")', ', what="retime")', ', what="inpaint")']


def test_only_calls_that_blackmagic_documents():
    """Against the README that comes with Resolve; GENLOCK_RESOLVE_README names a copy."""
    readme = Path(os.environ.get("GENLOCK_RESOLVE_README", "/opt/resolve/Developer/Scripting/README.txt"))
    if not readme.exists():
        pytest.skip("Resolve's scripting README is not here; GENLOCK_RESOLVE_README names a copy")
    documented: dict[str, set[str]] = {}
    kind = ""
    for line in readme.read_text(encoding="utf-8", errors="replace").splitlines():
        if re.fullmatch(r"[A-Z]\w+", line.strip()) and not line.startswith(" "):
            kind = line.strip()
        elif found := re.match(r"  ([A-Z]\w+)\(", line):
            documented.setdefault(kind, set()).add(found.group(1))
    ours = {name: [call for call in vars(thing) if call[0].isupper()] for name, thing in vars(api).items() if getattr(thing, "_is_protocol", False)}
    assert set(ours) >= {"Resolve", "Project", "MediaPool", "Timeline", "TimelineItem"}
    assert not [f"{name}.{call}" for name, calls in ours.items() for call in calls if name != "Protocol" and call not in documented[name]]


def test_the_fake_knows_what_is_called_and_no_more():
    for name, thing in vars(api).items():
        if getattr(thing, "_is_protocol", False) and name != "Protocol":
            called = {call for call in vars(thing) if call[0].isupper()}
            known = {call for call in vars(getattr(fake_resolve, name)) if not call.startswith("_")}
            assert called - {"SetStartTimecode"} <= known, name


def test_the_adapter_is_in_the_package():
    cfg = configparser.ConfigParser()
    cfg.read(ROOT / "setup.cfg", encoding="utf-8")
    assert "genlock.hosts.resolve" in cfg["options"]["packages"].split()
