"""The job folder, as a host sees it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genlock.hosts import jobs
from genlock.hosts.jobs import Done, Failed, Job, JobError, Note, Progress, Request, Started, Tail

SOURCE = Path(jobs.__file__)
REQUEST = Request("align", {"clip": "/a b/ü.mov", "ref": "/b.mov"}, ("/out.otio",), {"quality": "draft", "anchor": ["1=2"]})
MESSAGES = [
    Started("align", "0.1.0", 4711),
    Progress(0.25, "reading"),
    Note("3 frames of the clip are damaged"),
    Done("found", ("/out.otio",)),
    Failed("media", "no picture\nin it", 1),
]


def old_python() -> str | None:
    """A Python 3.9 that starts, or None."""
    for found in (shutil.which("python3.9"), *map(str, Path.home().glob(".pyenv/versions/3.9*/bin/python"))):
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    return None


class TestWhatHostsLoad:
    def test_nothing_heavy_is_imported(self):
        script = (
            "import sys\n"
            "class Refuse:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        if name.split('.')[0] in ('numpy', 'cv2', 'torch', 'opentimelineio', 'av', 'rich') or name.startswith('genlock.core'):\n"
            "            raise ImportError(f'a host reached for {name}')\n"
            "sys.meta_path.insert(0, Refuse())\n"
            "import genlock.hosts.jobs\n"
            "outside = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
            "print(sorted(name for name in outside if 'genlock' == name or not name.startswith(('_', 'sitecustomize', 'distutils-'))))\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "['genlock']"

    def test_an_old_python_runs_it(self, tmp_path):
        """With Python 3.9 where there is one."""
        old = old_python()
        if old is None:
            pytest.skip("no python3.9 on PATH; install one to run this")
        script = (
            "import importlib.util, sys\n"
            f"spec = importlib.util.spec_from_file_location('jobs', {str(SOURCE)!r})\n"
            "jobs = importlib.util.module_from_spec(spec); sys.modules['jobs'] = jobs; spec.loader.exec_module(jobs)\n"
            f"job = jobs.Job.create({str(tmp_path / 'job')!r}, jobs.Request('align', {{'clip': '/a', 'ref': '/b'}}))\n"
            "print(job.request().kind, jobs.from_line(jobs.to_line(jobs.Progress(0.5, 'x'))))\n"
        )
        done = subprocess.run([old, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "align Progress(done=0.5, what='x')"


class TestMessages:
    @pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
    def test_round_trip_on_one_line(self, message):
        line = jobs.to_line(message)
        assert "\n" not in line
        assert jobs.from_line(line) == message

    def test_what_a_newer_worker_adds_is_passed_over(self):
        assert jobs.from_line('{"genlock": 1, "event": "note", "text": "x", "colour": "red"}') == Note("x")
        assert jobs.from_line('{"genlock": 1, "event": "preview", "path": "/x.png"}') is None

    def test_another_version_is_refused_with_both_numbers(self):
        with pytest.raises(JobError, match=r"version 2 .* reads 1; use matching versions"):
            jobs.from_line('{"genlock": 2, "event": "note", "text": "x"}')

    @pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"genlock": 1}', '{"genlock": 1, "event": "note"}', '{"genlock": 1, "event": []}'])
    def test_what_is_no_message(self, line):
        with pytest.raises(JobError, match="not a message"):
            jobs.from_line(line)


class TestRequest:
    def test_round_trip(self, tmp_path):
        job = Job.create(tmp_path / "new" / "job", REQUEST)
        assert job.request() == REQUEST
        assert os.listdir(job.folder) == ["request.json"]

    def test_a_request_is_small(self, tmp_path):
        job = Job.create(tmp_path / "job", REQUEST)
        with open(job.request_path, "a") as file:
            file.write(" " * (16 << 20))
        with pytest.raises(JobError, match="larger than 16 MiB"):
            job.request()

    def test_the_same_request_may_be_written_again(self, tmp_path):
        Job.create(tmp_path / "job", REQUEST)
        assert Job.create(tmp_path / "job", REQUEST).request() == REQUEST

    def test_another_job_is_not_overwritten(self, tmp_path):
        Job.create(tmp_path / "job", REQUEST)
        with pytest.raises(JobError, match="holds another job"):
            Job.create(tmp_path / "job", Request("verify", {"aligned": "/a.otio"}))
        assert Job(tmp_path / "job").request() == REQUEST

    def test_a_folder_of_something_else_is_left_alone(self, tmp_path):
        (tmp_path / "holiday.mov").touch()
        with pytest.raises(JobError, match="not empty"):
            Job.create(tmp_path, REQUEST)
        assert os.listdir(tmp_path) == ["holiday.mov"]

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ({"genlock": 2, "kind": "align"}, "version 2, and this genlock runs 1"),
            ({"kind": "align"}, "is not a request"),
            ([], "is not a request"),
            ({"genlock": 1}, 'no "kind"'),
            ({"genlock": 1, "kind": "align", "output": []}, "'output', which is not part"),
            ({"genlock": 1, "kind": "align", "inputs": ["/a"]}, "object of paths"),
            ({"genlock": 1, "kind": "align", "inputs": {"clip": 7}}, "object of paths"),
            ({"genlock": 1, "kind": "align", "outputs": "/a.otio"}, "list of paths"),
            ({"genlock": 1, "kind": "align", "settings": []}, "object of values"),
        ],
    )
    def test_refused(self, tmp_path, body, says):
        (tmp_path / "request.json").write_text(json.dumps(body))
        with pytest.raises(JobError, match=says):
            Job(tmp_path).request()

    def test_missing_or_damaged(self, tmp_path):
        with pytest.raises(JobError, match=r"there is no request\.json"):
            Job(tmp_path).request()
        (tmp_path / "request.json").write_text("{")
        with pytest.raises(JobError, match="is not JSON"):
            Job(tmp_path).request()
        (tmp_path / "request.json").write_text("[" * 100_000)
        with pytest.raises(JobError, match="is not JSON"):
            Job(tmp_path).request()
        with pytest.raises(JobError, match="is a file"):
            Job(tmp_path / "request.json").request()


class TestTail:
    def test_only_whole_lines(self, tmp_path):
        path = tmp_path / "events.jsonl"
        tail = Tail(str(path))
        assert tail.read() == []
        lines = [jobs.to_line(message) + "\n" for message in MESSAGES]
        path.write_text(lines[0] + lines[1][:20])
        assert tail.read() == MESSAGES[:1]
        with path.open("a") as file:
            file.write(lines[1][20:] + "".join(lines[2:]))
        assert tail.read() == MESSAGES[1:]
        assert tail.read() == []

    def test_a_line_torn_by_a_crash_is_passed_over(self, tmp_path):
        path = tmp_path / "events.jsonl"
        path.write_text('{"genlock": 1, "ev\n' + jobs.to_line(MESSAGES[0]) + "\n")
        assert Tail(str(path)).read() == MESSAGES[:1]
