"""The real command, as a person types it: help, wrong usage, doctor, job folders, start-up."""

from __future__ import annotations

import ast
import json
import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from genlock.core.settings import AlignSettings
from genlock.hosts import jobs
from genlock.hosts.cli.terminal import COMMANDS
from genlock.hosts.worker.checkup import MISSING, OK, Finding, examine, look


class TestHelp:
    def test_version(self, genlock):
        done = genlock("--version")
        assert (done.returncode, done.stderr) == (0, "")
        assert re.fullmatch(r"genlock \d+\.\d+\.\d+\S*\n", done.stdout)

    def test_lists_every_command(self, genlock):
        done = genlock("--help")
        assert done.returncode == 0 and done.stderr == ""
        for name in COMMANDS:
            assert f"\n  {name} " in done.stdout

    @pytest.mark.parametrize("name", COMMANDS)
    def test_of_a_command(self, genlock, name):
        done = genlock(name, "--help")
        assert done.returncode == 0 and done.stderr == ""
        assert done.stdout.startswith(f"usage: genlock {name}")
        assert genlock("help", name).stdout == done.stdout

    def test_every_setting_has_its_flag(self, genlock):
        text = genlock("align", "--help").stdout
        for f in fields(AlignSettings):
            assert f"--{f.name.replace('_', '-')} " in text

    def test_the_documents_name_every_flag(self, genlock):
        page = (Path(jobs.__file__).parents[1] / "docs" / "cli.md").read_text(encoding="utf-8")
        for name in COMMANDS:
            for flag in re.findall(r"--[a-z-]+", genlock(name, "--help").stdout.split("options:")[-1]):
                assert flag in page, f"docs/cli.md does not tell of {flag} of {name}"


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ([], "no command is given"),
            (["algin", "a", "b"], "did you mean align?"),
            (["xyz"], "commands are align, verify"),
            (["--frob"], "there is no flag --frob"),
            (["align"], "missing: CLIP, REF; see genlock align --help"),
            (["align", "a"], "missing: REF"),
            (["align", "a", "b", "c"], "not understood: c"),
            (["align", "a", "b", "--frob"], "not understood: --frob"),
            (["align", "a", "b", "--qual", "draft"], "not understood: --qual"),
            (["align", "a", "b", "--quality", "best"], "invalid choice: 'best'"),
            (["align", "a", "b", "-o"], "expected one argument"),
            (["align", "a", "b", "-o", "out.mov"], "known are .otio"),
            (["convert", "a.otio"], "missing: -o"),
            (["convert", "a.edl", "-o", "b.otio"], "does not say its frame rate"),
            (["verify"], "missing: ALIGNED"),
            (["verify", "a.mov"], "cannot be read back"),
            (["run"], "missing: JOB"),
            (["doctor", "--cure"], "not understood: --cure"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else None,
    )
    def test_two_and_one_line(self, genlock, words, says):
        done = genlock(*words)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1 and says in done.stderr
        assert done.stdout == "" or not words


class TestRun:
    def test_a_folder_that_is_no_job(self, genlock, folder):
        done = genlock("run", folder)
        assert done.returncode == 1
        assert done.stderr == f"genlock: {folder} is not a job: there is no request.json in it\n"
        assert {path.name for path in folder.iterdir()} == {"clip.mp4", "ref.mp4"}

    def test_no_folder_at_all(self, genlock):
        done = genlock("run", "nowhere")
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1

    def test_another_version(self, genlock, folder):
        job = folder / "job"
        job.mkdir()
        (job / "request.json").write_text('{"genlock": 7, "kind": "align"}')
        done = genlock("run", "job", "--json")
        assert done.returncode == 1
        assert "has version 7, and this genlock runs 1" in done.stderr
        assert json.loads(done.stdout)["error"]["code"] == "job"
        last = (job / "events.jsonl").read_text().splitlines()[-1]
        assert isinstance(jobs.from_line(last), jobs.Failed)

    def test_a_job_that_the_command_line_has_kept(self, fake, folder):
        assert fake("good", "align", "clip.mp4", "ref.mp4", "-o", "out.csv", "--job", "job").returncode == 0
        (folder / "out.csv").unlink()
        done = fake("good", "run", "job")
        assert done.returncode == 0 and f"written: {folder / 'out.csv'}" in done.stdout
        assert (folder / "out.csv").exists()

    def test_a_job_folder_is_not_used_for_another_job(self, fake, folder):
        fake("good", "align", "clip.mp4", "ref.mp4", "--job", "job")
        done = fake("good", "align", "clip.mp4", "ref.mp4", "--quality", "draft", "--job", "job")
        assert done.returncode == 1 and "holds another job" in done.stderr

    def test_a_job_folder_that_cannot_be_made(self, fake):
        done = fake("good", "align", "clip.mp4", "ref.mp4", "--job", "clip.mp4/job")
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1 and "cannot be written" in done.stderr


class TestDoctor:
    def test_this_machine(self, genlock, tmp_path):
        done = genlock("doctor")
        assert done.returncode == 0, done.stdout
        for name in ("python", "av", "numpy", "cv2", "opentimelineio", "PyOpenColorIO", "codecs"):
            assert re.search(rf"^(ok|note) +{name} ", done.stdout, re.M), name
        assert re.search(rf"^ok +cache +{re.escape(str(tmp_path / 'cache'))}, 0 B kept", done.stdout, re.M)

    def test_json(self, genlock):
        body = json.loads(genlock("doctor", "--json").stdout)
        assert body["exit_status"] == 0
        assert {finding["state"] for finding in body["findings"]} <= {"ok", "note"}

    def test_something_missing_is_one(self):
        answer = examine(lambda: [Finding("av", MISSING, "not installed", "install it with: pip install av"), Finding("numpy", OK, "2")])
        assert answer.exit_status == 1
        assert answer.sentence == "missing or not usable: av"
        assert answer.lines[0] == "missing av     not installed; install it with: pip install av"

    def test_a_package_that_is_not_there(self, monkeypatch):
        """As where av is not installed: found missing, with what to type, and no traceback."""
        import importlib.util

        plain = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None if name in ("av", "torch") else plain(name, package))
        found = {finding.name: finding for finding in look()}
        assert found["av"].state == MISSING and found["av"].next_step == "install it with: pip install av"

    def test_a_cache_that_cannot_be_written(self, monkeypatch, folder):
        monkeypatch.setenv("GENLOCK_CACHE", str(folder / "clip.mp4" / "cache"))
        monkeypatch.setitem(sys.modules, "torch", None)
        found = {finding.name: finding for finding in look()}
        assert found["cache"].state == "note" and "set GENLOCK_CACHE" in found["cache"].next_step
        assert found["torch"].state == "note"


class TestStartUp:
    def test_nothing_heavy_before_the_aligner(self, fake):
        done = fake("early", "align", "a.mp4", "b.mp4", "-o", "out.otio", "-o", "out.html")
        match = re.search(r"CPU seconds ([\d.]+), heavy \[\]", done.stderr)
        assert match, done.stderr
        assert float(match[1]) < 0.25, "about 0.1 s where this was written; the limit leaves room for slow machines"


class TestDemo:
    def test_a_folder_that_cannot_be_written(self, genlock):
        done = genlock("demo", "--out", "clip.mp4/demo")
        assert done.returncode == 1 and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and "cannot be written" in done.stderr


def test_the_terminal_goes_through_the_worker():
    """hosts/worker is the one place that knows core and the formats."""
    files = sorted((Path(jobs.__file__).parent / "cli").glob("*.py"))
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(("core", "otio_adapters", "genlock")), f"{file.name} imports {node.module}"
