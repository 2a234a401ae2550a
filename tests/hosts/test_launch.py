"""Jobs started from another program, with the real worker; found again; ended; and what is said where there is no worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from genlock import __version__
from genlock.hosts import launch, shelf
from genlock.hosts.jobs import Done, Failed, Job, JobError, Message, Request, Started, Tail, to_line

WORKER = [sys.executable, "-m", "genlock"]


def ended_process() -> int:
    """The id of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


class TestStart:
    """With the real worker; the timeline is missing, so the job fails at once and says why."""

    @pytest.fixture
    def job(self, tmp_path):
        return Job.create(tmp_path / "job", Request("verify", {"aligned": str(tmp_path / "none.json")}))

    def poll_all(self, running: launch.Running) -> list[Message]:
        messages, end = [], time.monotonic() + 30
        while not running.over:
            assert time.monotonic() < end
            messages += running.poll()
            time.sleep(0.02)
        return messages

    def test_a_failure_arrives_as_a_message(self, job, monkeypatch):
        monkeypatch.setenv("PYTHONHOME", "/a/host/of/its/own")
        messages = self.poll_all(launch.start(job, [sys.executable, "-m", "genlock"]))
        assert isinstance(messages[0], Started) and isinstance(messages[-1], Failed)
        assert messages[-1].exit_status == 1 and "none.json cannot be read: No such file" in messages[-1].message
        assert job.result()["error"]["code"] == messages[-1].code

    def test_a_second_run_is_heard_from_its_own_beginning(self, job):
        for _ in range(2):
            messages = self.poll_all(launch.start(job, [sys.executable, "-m", "genlock"]))
            assert [type(message) for message in messages].count(Started) == 1

    @pytest.mark.skipif(os.name == "nt", reason="kills itself by signal")
    def test_a_crash_is_a_message_too(self, job):
        messages = self.poll_all(launch.start(job, [sys.executable, "-c", "import os; os.kill(os.getpid(), 11)"]))
        assert messages == [Failed("crashed", f"genlock was ended by signal 11 before it could say why; read {job.log_path}")]

    def test_stop_ends_a_process_that_hears_nothing(self, job):
        running = launch.start(job, [sys.executable, "-c", "import time; time.sleep(60)"])
        began = time.monotonic()
        running.stop(grace_s=0.2)
        assert running.process.poll() is not None
        assert time.monotonic() - began < 3

    def test_a_program_that_is_not_there(self, job):
        with pytest.raises(JobError, match="GENLOCK_COMMAND"):
            launch.start(job, ["/no/such/genlock"])


class TestEnvironment:
    def test_the_hosts_python_is_left_behind(self):
        host = {
            "PATH": "/bin", "PYTHONHOME": "/h", "PYTHONPATH": "/p", "LD_LIBRARY_PATH": "/opt/host", "LD_LIBRARY_PATH_ORIG": "/mine",
            "LD_PRELOAD": "x.so", "QT_PLUGIN_PATH": "/q", "DYLD_LIBRARY_PATH": "/d", "OCIO": "/studio.ocio", "GENLOCK_CACHE": "/c",
        }  # fmt: skip
        assert launch.clean_environment(host) == {"PATH": "/bin", "LD_LIBRARY_PATH": "/mine", "OCIO": "/studio.ocio", "GENLOCK_CACHE": "/c"}

    def test_find_genlock(self, monkeypatch, tmp_path):
        monkeypatch.setenv("GENLOCK_COMMAND", "/opt/my genlock/bin/genlock")
        assert launch.find_genlock() == ["/opt/my genlock/bin/genlock"]
        monkeypatch.delenv("GENLOCK_COMMAND")
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(JobError, match="install it with pip"):
            launch.find_genlock()

    def test_the_installers_note_comes_before_path(self, monkeypatch, tmp_path):
        monkeypatch.delenv("GENLOCK_COMMAND", raising=False)
        note = tmp_path / launch.WORKER_FILE
        note.write_text(json.dumps({"command": WORKER}))
        assert launch.find_genlock(str(tmp_path)) == WORKER
        note.write_text(json.dumps({"command": ["/gone/genlock"]}))
        with pytest.raises(JobError, match="genlock hosts install"):
            launch.find_genlock(str(tmp_path))


class TestVersion:
    def test_the_same_version_is_fine_up_to_the_last_number(self):
        launch.check_worker(WORKER, __version__, "nuke")
        launch.check_worker(WORKER, ".".join(__version__.split(".")[:2]) + ".99", "nuke")

    def test_another_version_names_the_command_that_mends_it(self):
        with pytest.raises(JobError, match=r"this adapter is of 99\.1\.0; mend it with: genlock hosts install nuke$"):
            launch.check_worker(WORKER, "99.1.0", "nuke")

    def test_no_worker(self):
        with pytest.raises(JobError, match=r"No such file.*pip install genlock==1\.2\.3"):
            launch.check_worker(["/no/such/genlock"], "1.2.3", "nuke")

    def test_a_worker_that_is_broken(self):
        with pytest.raises(JobError, match=r"No module named .* mend it with: pip install --force-reinstall"):
            launch.check_worker([sys.executable, "-m", "no_such_module"], "1.2.3", "nuke")


class TestFoundAgain:
    @pytest.fixture
    def job(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GENLOCK_JOBS", str(tmp_path))
        return Job.create(shelf.new_folder("nuke", "verify"), Request("verify", {"aligned": str(tmp_path / "none.json")}))

    def say(self, job: Job, *messages: Message) -> None:
        with open(job.events_path, "a", encoding="utf-8") as file:
            file.writelines(to_line(message) + "\n" for message in messages)

    def test_a_job_that_still_runs_is_heard_and_ended(self, job):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        self.say(job, Started("verify", "1", child.pid))
        (running,) = shelf.unfinished("nuke")
        assert running.job.folder == job.folder
        assert running.poll() == [Started("verify", "1", child.pid)] and not running.over
        self.say(job, Done("all claims hold"))
        assert running.poll() == [Done("all claims hold")] and running.over
        assert not list(shelf.unfinished("nuke"))
        child.kill()
        child.wait()

    def test_a_worker_that_died_meanwhile_is_a_crash(self, job):
        self.say(job, Started("verify", "1", ended_process()))
        (running,) = shelf.unfinished("nuke")
        *_, last = running.poll()
        assert last == Failed("crashed", f"genlock is gone before it could say why; read {job.log_path}")

    @pytest.mark.skipif(os.name == "nt", reason="ends by signal")
    def test_stop_ends_a_worker_that_another_process_started(self, job):
        code = (
            "import subprocess as s, sys; "  # its output is its own: else run() would wait for its end
            "print(s.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], stdout=s.DEVNULL, stderr=s.DEVNULL).pid)"
        )
        number = int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        self.say(job, Started("verify", "1", number))
        (running,) = shelf.unfinished("nuke")
        assert running.alive()
        running.stop(grace_s=0.2)
        assert job.cancelled()
        end = time.monotonic() + 10
        while os.path.exists(f"/proc/{number}") and open(f"/proc/{number}/stat").read().split()[2] != "Z":
            assert time.monotonic() < end
            time.sleep(0.02)

    def test_a_job_that_never_began_or_is_over_is_not_unfinished(self, job):
        assert not list(shelf.unfinished("nuke"))
        self.say(job, Started("verify", "1", os.getpid()), Failed("media", "gone"))
        assert not list(shelf.unfinished("nuke"))
        assert Tail(job.events_path).read()[-1] == Failed("media", "gone")

    def test_only_old_jobs_that_are_over_are_forgotten(self, job, tmp_path):
        self.say(job, Started("verify", "1", os.getpid()))
        os.utime(job.events_path, (0, 0))
        assert shelf.forget_old("nuke") == 0
        self.say(job, Done("all claims hold"))
        assert shelf.forget_old("nuke") == 0
        os.utime(job.events_path, (0, 0))
        assert shelf.forget_old("nuke") == 1
        assert not os.path.exists(job.folder)
        assert shelf.folders("nuke") == []
