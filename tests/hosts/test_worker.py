"""The worker on a job folder, in this process: what it leaves in the folder, and what it refuses."""

from __future__ import annotations

import functools
import importlib.util
import json
import threading
import time
from pathlib import Path

import pytest

from genlock.core.alignment import Alignment
from genlock.core.errors import FormatError, GenlockError
from genlock.core.progress import Progress
from genlock.hosts import jobs
from genlock.hosts.worker import align, convert, verify
from genlock.hosts.worker.desk import Answer, Desk
from genlock.hosts.worker.run import Outcome, run

_spec = importlib.util.spec_from_file_location("driver", Path(__file__).with_name("driver.py"))
assert _spec and _spec.loader
driver = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(driver)


@pytest.fixture
def media(tmp_path):
    for name in ("clip.mov", "ref.mov"):
        (tmp_path / name).touch()
    return {"clip": str(tmp_path / "clip.mov"), "ref": str(tmp_path / "ref.mov")}


def run_align(folder: Path, request: jobs.Request, aligner=driver.good, **more) -> Outcome:
    job = jobs.Job.create(folder, request)
    return run(job.folder, kinds={"align": functools.partial(align.work, aligner=aligner)}, **more)


class TestFolder:
    def test_what_it_holds_afterwards(self, tmp_path, media):
        out = str(tmp_path / "out.csv")
        outcome = run_align(tmp_path / "job", jobs.Request("align", media, (out,)))
        assert outcome.exit_status == 0
        job = jobs.Job(tmp_path / "job")
        result = job.result()
        assert result == json.loads(json.dumps(outcome.result))
        assert result["genlock"] == 1 and result["outputs"] == [out] and result["inputs"] == media
        assert result["versions"]["genlock"] == result["version"]
        assert result["figures"]["clip"]["digest"] == "d"
        messages = jobs.Tail(job.events_path).read()
        assert isinstance(messages[0], jobs.Started) and messages[0].kind == "align"
        assert messages[-1] == jobs.Done(result["sentence"], (out,), 0)
        done = [message.done for message in messages if isinstance(message, jobs.Progress)]
        assert done == sorted(done) and done[-1] == 1.0
        assert result["sentence"] in (tmp_path / "job" / "log.txt").read_text()
        assert sorted(path.name for path in (tmp_path / "job").iterdir()) == ["events.jsonl", "log.txt", "request.json", "result.json"]

    def test_run_again_after_a_crash(self, tmp_path, media):
        """The torn last line of the run before does not swallow the first one of this run; its result is gone at once."""
        job = jobs.Job.create(tmp_path / "job", jobs.Request("align", media))
        Path(job.events_path).write_text('{"genlock": 1, "event": "prog')
        Path(job.result_path).write_text("{}")

        def aligner(*args):
            assert job.result() is None
            return driver.made(media["clip"], media["ref"])

        assert run_align(tmp_path / "job", job.request(), aligner).exit_status == 0
        assert isinstance(jobs.Tail(job.events_path).read()[0], jobs.Started)

    def test_a_failure_is_told_everywhere(self, tmp_path, media):
        outcome = run_align(tmp_path / "job", jobs.Request("align", media), driver.unreadable)
        assert outcome.exit_status == 1
        job = jobs.Job(tmp_path / "job")
        assert job.result()["error"]["code"] == "media"
        last = jobs.Tail(job.events_path).read()[-1]
        assert isinstance(last, jobs.Failed) and last.code == "media" and last.exit_status == 1
        log = (tmp_path / "job" / "log.txt").read_text()
        assert "has no picture" in log and "Traceback" in log

    def test_a_folder_that_is_no_job_is_left_alone(self, tmp_path):
        (tmp_path / "holiday.mov").touch()
        outcome = run(str(tmp_path))
        assert outcome.exit_status == 1 and "no request.json" in outcome.result["sentence"]
        assert [path.name for path in tmp_path.iterdir()] == ["holiday.mov"]

    def test_a_result_that_cannot_be_written_takes_the_outputs_with_it(self, tmp_path, media):
        out = tmp_path / "out.csv"

        def aligner(*args):
            (tmp_path / "job" / "result.json").mkdir()
            return driver.made(media["clip"], media["ref"])

        outcome = run_align(tmp_path / "job", jobs.Request("align", media, (str(out),)), aligner)
        assert outcome.exit_status == 1 and "result.json cannot be written" in outcome.result["sentence"]
        assert not out.exists()


class TestStopping:
    def test_cancel_before_it_starts(self, tmp_path, media):
        job = jobs.Job.create(tmp_path / "job", jobs.Request("align", media))
        job.cancel()
        outcome = run_align(tmp_path / "job", job.request(), driver.slow)
        assert outcome.exit_status == 130
        assert not job.cancelled()

    def test_cancel_file_while_it_runs(self, tmp_path, media):
        job = jobs.Job.create(tmp_path / "job", jobs.Request("align", media))
        timer = threading.Timer(0.3, job.cancel)
        timer.start()
        began = time.monotonic()
        assert run_align(tmp_path / "job", job.request(), driver.slow).exit_status == 130
        assert time.monotonic() - began < 2

    def test_nobody_wants_it_any_more_before_the_outputs(self, tmp_path, media):
        """Stopped after the solve: no output appears."""
        over = threading.Event()

        def aligner(*args):
            over.set()
            return driver.made(media["clip"], media["ref"])

        out = tmp_path / "out.csv"
        outcome = run_align(tmp_path / "job", jobs.Request("align", media, (str(out),)), aligner, wanted=lambda: not over.is_set())
        assert outcome.exit_status == 130 and not out.exists()


class TestRequests:
    @pytest.mark.parametrize(
        ("request_", "status", "says"),
        [
            (jobs.Request("alogn", {}), 2, "'alogn' is no kind of job"),
            (jobs.Request("align", {"clip": "/a"}), 2, "names no ref"),
            (jobs.Request("align", {"clip": "/a", "ref": "b.mov"}), 2, "b.mov in the request is a relative path"),
            (jobs.Request("align", {"clip": "/a\0b", "ref": "/b"}), 2, "is not the name of a file"),
            (jobs.Request("align", {"clip": "/a", "ref": "/b"}, ("out.csv",)), 2, "out.csv in the request is a relative path"),
            (jobs.Request("align", {"clip": "/a", "ref": "/b", "other": "/c"}), 2, "knows no input 'other'"),
            (jobs.Request("align", {"clip": "/a", "ref": "/b"}, (), {"qualty": "draft"}), 2, "'qualty' is not a setting"),
            (jobs.Request("align", {"clip": "/a", "ref": "/b"}, (), {"quality": "best"}), 2, "choose one of draft"),
            (jobs.Request("align", {"clip": "/a", "ref": "/b"}, (), {"quality": 3}), 2, "write a text"),
            (jobs.Request("align", {"clip": "/a", "ref": "/b"}, (), {"anchor": "1=2"}), 2, "write a list"),
        ],
        ids=lambda value: value.kind if isinstance(value, jobs.Request) else None,
    )
    def test_refused(self, tmp_path, request_, status, says):
        outcome = run_align(tmp_path / "job", request_)
        assert outcome.exit_status == status
        assert says in outcome.result["sentence"]

    def test_settings_arrive(self, tmp_path, media):
        seen = []

        def aligner(clip, ref, settings, progress):
            seen.append((clip, ref, settings))
            return driver.made(clip, ref)

        request = jobs.Request("align", media, (), {"quality": "draft", "anchor": ["1=2", "01:00:00:00=3"], "clip_rate": "23.976"})
        assert run_align(tmp_path / "job", request, aligner).exit_status == 0
        clip, ref, settings = seen[0]
        assert (clip, ref) == (media["clip"], media["ref"])
        assert (settings.quality, settings.anchor, settings.clip_rate) == ("draft", ("1=2", "01:00:00:00=3"), "23.976")


class TestProgress:
    def test_never_back_and_not_too_often(self, tmp_path, media):
        def aligner(clip, ref, settings, progress: Progress):
            for step in range(5000):
                progress.at(step / 5000, "reading")
            progress.at(0.2, "another part")
            return driver.made(clip, ref)

        heard: list[jobs.Message] = []
        run_align(tmp_path / "job", jobs.Request("align", media), aligner, listen=heard.append)
        done = [message.done for message in heard if isinstance(message, jobs.Progress)]
        assert done == sorted(done)
        assert len(done) < 100

    def test_from_many_threads(self, tmp_path, media):
        def aligner(clip, ref, settings, progress: Progress):
            threads = [threading.Thread(target=lambda: [progress.at(n / 500, str(n)) for n in range(500)]) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return driver.made(clip, ref)

        assert run_align(tmp_path / "job", jobs.Request("align", media), aligner).exit_status == 0
        told = [jobs.from_line(line) for line in (tmp_path / "job" / "events.jsonl").read_text().splitlines()]
        assert isinstance(told[0], jobs.Started) and isinstance(told[-1], jobs.Done)
        done = [message.done for message in told if isinstance(message, jobs.Progress)]
        assert len(done) == len(told) - 2 and len(done) > 1 and done == sorted(done)


class Holds:
    """Stands for a Verification."""

    def __init__(self, holds: bool) -> None:
        self.holds = holds

    def lines(self) -> list[str]:
        return ["all claims hold" if self.holds else "1 of 3 claims does not hold", "run 1: seen 50 of 50"]

    def to_json(self) -> dict:
        return {"holds": self.holds}


class TestVerify:
    @pytest.fixture
    def aligned(self, tmp_path, media):
        path = tmp_path / "out.json"
        path.write_text(json.dumps(driver.made(media["clip"], media["ref"]).to_json()))
        return str(path)

    @pytest.mark.parametrize("holds", [True, False])
    def test_exit_status_says_whether_the_claims_hold(self, tmp_path, aligned, holds):
        seen: list[Alignment] = []

        def verifier(alignment, progress):
            seen.append(alignment)
            return Holds(holds)

        job = jobs.Job.create(tmp_path / "job", jobs.Request("verify", {"aligned": aligned}))
        outcome = run(job.folder, kinds={"verify": functools.partial(verify.work, verifier=verifier)})
        assert outcome.exit_status == (0 if holds else 1)
        assert outcome.result["figures"] == {"holds": holds} and outcome.result["lines"] == ["run 1: seen 50 of 50"]
        assert seen[0].matched == 50
        assert jobs.Tail(job.events_path).read()[-1] == jobs.Done(outcome.result["sentence"], (), outcome.exit_status)

    def test_media_outside_its_folder_is_named(self, tmp_path, media):
        away = tmp_path / "away"
        away.mkdir()
        (away / "out.json").write_text(json.dumps(driver.made(media["clip"], media["ref"]).to_json()))
        notes = []
        desk = Desk(jobs.Request("verify", {"aligned": str(away / "out.json")}), Progress(), notes.append)
        verify.work(desk, verifier=lambda alignment, progress: Holds(True))
        assert notes == [f"the clip is read from {media['clip']}", f"the ref is read from {media['ref']}"]

    def test_a_path_that_cannot_be_one(self, tmp_path):
        """A NUL in a path: the alignment itself is refused, whatever is asked of it."""
        (tmp_path / "in.json").write_text(json.dumps(driver.made("/a\0b", "/a\0b").to_json()))
        for kind, outputs in (("verify", ()), ("convert", (str(tmp_path / "out.csv"),))):
            request = jobs.Request(kind, {"aligned": str(tmp_path / "in.json")}, outputs)
            outcome = run(jobs.Job.create(tmp_path / kind, request).folder)
            assert (outcome.exit_status, outcome.result["error"]["code"]) == (1, "format")

    @pytest.mark.parametrize("path", ["http://127.0.0.1:9/a.mov", "", "/dev/zero", "/nowhere/a.mov"])
    def test_media_that_is_no_file(self, tmp_path, path):
        """A hostile timeline: refused in one line by whoever opens it, and converted without being opened."""
        (tmp_path / "in.json").write_text(json.dumps(driver.made(path, path).to_json()))
        job = jobs.Job.create(tmp_path / "job", jobs.Request("verify", {"aligned": str(tmp_path / "in.json")}))
        outcome = run(job.folder)
        assert (outcome.exit_status, outcome.result["error"]["code"]) == (1, "media")
        request = jobs.Request("convert", {"aligned": str(tmp_path / "in.json")}, (str(tmp_path / "out.csv"),))
        assert run(jobs.Job.create(tmp_path / "job2", request).folder).exit_status == 0

    @pytest.mark.parametrize(
        ("name", "text", "status", "says"),
        [
            ("none.json", None, 1, "cannot be read: No such file"),
            ("a.json", "{", 1, "is not JSON"),
            ("a.json", "{}", 1, "not an alignment"),
            ("a.json", "[" * 100_000, 1, "nests too deeply"),
            ("a.json", '{"genlock_alignment": 99}', 1, "this genlock reads 1"),
            ("a.edl", "TITLE: X", 2, "cannot be read back"),
            ("a", "", 2, "cannot be read back"),
        ],
    )
    def test_what_is_no_alignment(self, tmp_path, name, text, status, says):
        if text is not None:
            (tmp_path / name).write_text(text)
        job = jobs.Job.create(tmp_path / "job", jobs.Request("verify", {"aligned": str(tmp_path / name)}))
        outcome = run(job.folder)
        assert outcome.exit_status == status
        assert says in outcome.result["sentence"] and "\n" not in outcome.result["sentence"]


class TestConvert:
    @pytest.fixture
    def aligned(self, tmp_path, media):
        path = tmp_path / "in.json"
        path.write_text(json.dumps(driver.made(media["clip"], media["ref"]).to_json()))
        return str(path)

    def work(self, aligned: str, *outputs: str) -> Answer:
        return convert.work(Desk(jobs.Request("convert", {"aligned": aligned}, outputs), Progress(), lambda text: None))

    def test_to_a_table(self, tmp_path, aligned):
        answer = self.work(aligned, str(tmp_path / "out.csv"))
        assert [file.path for file in answer.files] == [str(tmp_path / "out.csv")]
        assert answer.files[0].body.count(b"\n") == 98

    def test_neither_the_input_nor_the_footage_is_overwritten(self, tmp_path, aligned):
        with pytest.raises(GenlockError, match="is also an input"):
            self.work(aligned, aligned)

    def test_a_suffix_that_is_not_known(self, tmp_path, aligned):
        with pytest.raises(GenlockError, match=r"known are \.otio"):
            self.work(aligned, str(tmp_path / "out.xyz"))

    def test_damaged(self, tmp_path):
        (tmp_path / "in.json").write_text('{"genlock_alignment": 1, "clip": 3}')
        with pytest.raises(FormatError):
            self.work(str(tmp_path / "in.json"), str(tmp_path / "out.csv"))
