"""From two files to a published version, with the real worker; repairs; failures that are told and raised; hosts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.alignment import Alignment
from genlock.hosts.demo import cutting
from genlock.hosts.demo.twin import Side
from genlock.hosts.publishing import publish as loop
from genlock.hosts.publishing import working
from genlock.hosts.publishing.problems import Problem
from genlock.otio_adapters.formats import read
from genlock.tests.footage import write_pair
from genlock.tests.hosts.resolve.fake_resolve import MediaPoolItem, Resolve

COMMAND = [sys.executable, "-m", "genlock"]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, str]:
    """The clip is ref frames 9 to 60."""
    folder = tmp_path_factory.mktemp("pair")
    write_pair(folder, Side(time=(cutting.trim(9, 61),)))
    return {role: str(next(folder.glob(f"{role}.*"))) for role in ("clip", "ref")}


@pytest.fixture
def sequence(tmp_path) -> str:
    """Twelve pictures of noise from 1001 on; 1005 is missing."""
    rng = np.random.default_rng(1)
    for number in range(1001, 1013):
        if number != 1005:
            cv2.imwrite(str(tmp_path / f"s.{number}.png"), rng.integers(0, 255, (90, 121, 3), np.uint8))
    return str(tmp_path / "s.%04d.png")


def run(pair, **more) -> loop.Published:
    data = {"genlock.pairs": [pair], "genlock.command": COMMAND, **more.pop("data", {})}
    return loop.publish(data, **more)


def genlock(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, "publish", *map(str, words)], capture_output=True, text=True, timeout=120, cwd=cwd, check=False)


class TestCommand:
    def test_a_version_appears_whole(self, made, tmp_path):
        words = (made["clip"], made["ref"], "-o", tmp_path / "out", "--name", "shot 010", "--as", ".otio", "--as", "nk", "--render", ".%04d.png")
        done = genlock(*words, "--json")
        assert done.returncode == 0 and done.stderr == "", done
        told = json.loads(done.stdout)
        home = tmp_path / "out" / "shot 010" / "v001"
        assert told["pairs"][0]["published"] == str(home) and {row["state"] for row in told["rows"]} == {"ok"}
        assert sorted(path.name for path in home.iterdir() if "clip" not in path.name) == [f"shot 010.{s}" for s in ("html", "json", "nk", "otio")]
        assert len(list(home.glob("shot 010_clip.*.png"))) == 90
        frames = read(str(home / "shot 010.otio")).clip_frames()
        assert frames == [None] * 9 + list(range(52)) + [None] * 29 == Alignment.load(home / "shot 010.json").clip_frames()
        again = genlock(*words[:-2])
        assert again.returncode == 0 and f"published: {tmp_path / 'out' / 'shot 010' / 'v002'}" in again.stdout

    def test_a_check_alone_makes_nothing(self, made, tmp_path):
        done = genlock(made["clip"], made["ref"], cwd=tmp_path)
        assert done.returncode == 0 and "nothing stands against aligning them" in done.stdout
        assert "name a folder with -o" in done.stderr and list(tmp_path.iterdir()) == []

    def test_what_cannot_be_read(self, made, tmp_path):
        done = genlock(made["clip"], "/etc/passwd", "-o", tmp_path / "out")
        assert done.returncode == 1
        assert done.stderr == "genlock: ref /etc/passwd: /etc/passwd is a text file, not footage; give the media file itself\n"
        assert done.stdout.splitlines()[0].startswith("failed    Readable") and "Traceback" not in done.stdout
        assert len(done.stdout.splitlines()) == 1, "nothing more is asked of what cannot be read"
        assert not (tmp_path / "out").exists()

    def test_not_the_same_footage(self, made, tmp_path):
        write_pair(tmp_path, Side(), seed=77, lengths=(40,))
        done = genlock(made["clip"], next(tmp_path.glob("ref.*")), "-o", tmp_path / "out")
        assert done.returncode == 3 and "failed    Same footage" in done.stdout and not (tmp_path / "out").exists()

    @pytest.mark.parametrize(("words", "says"), [(("--as", ".doc"), "says nothing that genlock writes"), (("--name", "../up"), "no plain name")])
    def test_wrong_usage(self, made, words, says):
        done = genlock(made["clip"], made["ref"], *words)
        assert done.returncode == 2 and says in done.stderr and len(done.stderr.splitlines()) == 1


class TestRepair:
    def test_a_sequence_without_a_rate_and_with_a_hole(self, made, sequence, tmp_path):
        pair = {"clip": made["clip"], "ref": sequence, "suffixes": [".edl"]}
        failed = {row.label: row.said for row in run(pair, only_check=True).failures}
        assert set(failed) == {"Frame rates", "Lengths"} and "pictures are missing: 1005" in failed["Lengths"]
        done = run(pair, only_check=True, repair=True)
        assert [row.label for row in done.rows if row.state == "repaired"] == ["Lengths", "Frame rates"]
        assert done.instances[0]["settings"]["ref_rate"] == "24" and done.instances[0]["accept"] == ["holes"]
        assert [row.code for row in done.failures] == ["not-same-footage"], "what is left is true: noise is not the clip"

    def test_odd_sides_and_an_edl_that_cannot_count(self, sequence):
        pair = {"clip": sequence, "ref": sequence, "render": ".mov", "accept": ["holes"], "settings": {"clip_rate": "12", "ref_rate": "12"}}
        done = run(pair, only_check=True, repair=True)
        assert {row.label for row in done.rows if row.state == "repaired"} == {"Frame rates", "Resolution"}
        assert done.instances[0]["suffixes"] == [".otio"] and done.instances[0]["render_settings"] == {"odd": "pad"}

    def test_the_button_of_any_pyblish_window(self, made):
        """Without the loop of our own: pyblish's action on the plug-in."""
        import pyblish.api
        import pyblish.plugin

        context = pyblish.api.Context()
        context.data.update({"genlock.pairs": [{**made, "settings": {"space": "off"}}], "genlock.command": COMMAND})
        by_name = {plugin.__name__: plugin for plugin in loop.discover("genlock")}
        with loop.quiet():
            pyblish.plugin.process(by_name["CollectGenlockPair"], context)
            pyblish.plugin.process(by_name["CollectGenlockDefaults"], context, context[0])
            pyblish.plugin.process(by_name["CollectGenlockFacts"], context, context[0])
            context[0].data["facts"]["clip"]["width"] = 100
            plugin = by_name["ValidateGenlockAspect"]
            assert not pyblish.plugin.process(plugin, context, context[0])["success"]
            assert pyblish.plugin.process(plugin, context, context[0], action=loop.Repair.id)["success"]
            assert context[0].data["settings"]["space"] == "auto"
            assert pyblish.plugin.process(plugin, context, context[0])["success"]


class TestFailures:
    def test_a_fault_in_a_plug_in_is_told_and_ends_the_publish(self, made, monkeypatch, capsys):
        from genlock.hosts.publishing import questions

        monkeypatch.setattr(questions, "timecode", lambda *given: 1 / 0)
        done = run(dict(made))
        assert [row.said for row in done.failures] == [
            "ValidateGenlockTimecode has a fault: ZeroDivisionError: division by zero; please report it"
        ]
        assert not [row for row in done.rows if row.stage in ("extract", "integrate")]
        assert capsys.readouterr() == ("", ""), "pyblish prints tracebacks of its own"

    def test_genlock_is_missing(self, made, tmp_path):
        done = run(dict(made), data={"genlock.command": [str(tmp_path / "gone")]})
        assert len(done.failures) == 1 and "cannot be started" in done.failures[0].said and done.failures[0].stage == "collect"

    def test_a_format_that_cannot_say_it_is_named_and_nothing_is_left(self, made, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        out = tmp_path / "out"
        done = run({**made, "suffixes": [".otio", ".aaf"], "folder": str(out)})
        assert [(row.label, row.code) for row in done.failures] == [("Timelines", "usage")]
        assert "ref.aaf: " in done.failures[0].said and not out.exists() and list(tmp_path.iterdir()) == []

    @pytest.mark.skipif(os.name == "nt", reason="by signal")
    def test_a_worker_that_does_not_hear_leaves_nothing(self, tmp_path, monkeypatch):
        """It is ended by force, so what it keeps for the time being is taken away for it."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        deaf = "import signal, tempfile, time; signal.signal(15, signal.SIG_IGN); tempfile.mkdtemp(prefix='deaf-'); time.sleep(60)"

        class Impatient:
            def __call__(self, done, what):
                pass

            def turn(self):
                if list(tmp_path.rglob("deaf-*")):
                    raise Problem("publish", "was stopped", "publish again", "cancelled")

        with pytest.raises(Problem, match="was stopped"):
            working.carry_out("align", {"clip": "c", "ref": "r"}, (), {}, "the pair", [sys.executable, "-c", deaf], Impatient())
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.skipif(os.name == "nt", reason="by signal")
    def test_ctrl_c_leaves_nothing(self, made, tmp_path):
        import signal

        env = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
        (tmp_path / "tmp").mkdir()
        words = [*COMMAND, "publish", made["clip"], made["ref"], "-o", str(tmp_path / "out")]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
        end = time.monotonic() + 30
        while not list((tmp_path / "tmp").rglob("genlock-publish-*")):
            assert time.monotonic() < end
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130 and said == "genlock: stopped\n"
        assert not (tmp_path / "out").exists() and not list((tmp_path / "tmp").iterdir())


class TestPipelines:
    def test_an_instance_that_a_pipeline_has_made_needs_clip_and_ref_alone(self, made, tmp_path):
        """As AYON's creators do: family genlock.pair, and what is known; the staging folder is the pipeline's own."""
        import pyblish.api
        import pyblish.util

        context = pyblish.api.Context()
        context.data["genlock.command"] = COMMAND
        context.create_instance("plateMain", family="genlock.pair", stagingDir=str(tmp_path), suffixes=[".otio"], render=".%04d.png", **made)
        with loop.quiet():
            results = list(pyblish.util.publish_iter(context, loop.discover("genlock")))
        assert all(result["success"] for result in results), [result["error"] for result in results]
        assert {path.name for path in tmp_path.iterdir() if "clip" not in path.name} == {f"plateMain{s}" for s in (".json", ".html", ".otio")}
        assert len(list(tmp_path.glob("plateMain_clip.*.png"))) == 90


class TestHosts:
    def test_resolve_hands_in_its_pair_and_takes_the_result(self, made, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # what a host has taken stays where it is
        resolve = Resolve()
        pool = resolve._manager._project._pool
        pool._selected = [MediaPoolItem(pool._world, path) for path in made.values()]
        taken: list[dict] = []
        data = {"genlock.command": COMMAND, "resolve": resolve, "genlock.integrate": taken.append}
        done = loop.publish(data, host="resolve")
        assert not done.failures and len(taken) == 1
        assert json.loads(Path(taken[0]["files"][".otio"]).read_text())["tracks"]["children"][0]["name"] == "Video 1"

    def test_a_host_that_fails_is_told(self, made, tmp_path, monkeypatch):
        def refuse(data):
            raise RuntimeError("no timeline is open")

        monkeypatch.setitem(sys.modules, "nuke", types.SimpleNamespace(selectedNodes=lambda kind: []))
        done = run({**made, "suffixes": [], "folder": str(tmp_path)}, host="nuke", data={"genlock.integrate": refuse})
        said = [row.said for row in done.failures]
        assert said == ["ref: the host did not take the result: no timeline is open; the files are published all the same"]
        assert (tmp_path / "ref" / "v001" / "ref.json").exists()

    def test_nuke_and_blender_hand_in_what_is_selected(self, monkeypatch):
        made = {"clip": "/none/clip.mov", "ref": "/none/ref.mov"}
        knob = lambda path: {"file": types.SimpleNamespace(value=lambda: path)}  # noqa: E731
        nuke = types.SimpleNamespace(selectedNodes=lambda kind: [knob(made["ref"]), knob(made["clip"])])
        strips = [types.SimpleNamespace(type="MOVIE", select=True, channel=n, filepath=made[role]) for n, role in ((3, "clip"), (1, "ref"))]
        editor = types.SimpleNamespace(strips=[*strips, types.SimpleNamespace(type="SOUND", select=True, channel=2)])
        bpy = types.SimpleNamespace(
            context=types.SimpleNamespace(scene=types.SimpleNamespace(sequence_editor=editor)), path=types.SimpleNamespace(abspath=lambda path: path)
        )
        monkeypatch.setitem(sys.modules, "nuke", nuke)
        monkeypatch.setitem(sys.modules, "bpy", bpy)
        for host in ("nuke", "blender"):
            done = loop.publish({"genlock.command": COMMAND}, host=host, only_check=True)
            assert [(data["clip"], data["ref"]) for data in done.instances] == [(made["clip"], made["ref"])], host
            assert [row.label for row in done.failures] == ["Readable"] and len(done.failures[0].said.splitlines()) == 2
