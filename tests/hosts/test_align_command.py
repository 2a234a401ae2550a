"""genlock align, with aligners that behave as told: exit status, what is said where, and what is written."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def lines(text: str) -> list[str]:
    return text.splitlines()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


ALIGN = ("align", "clip.mp4", "ref.mp4")


class TestAnswer:
    def test_says_the_verdict_and_writes_the_table(self, fake, folder):
        done = fake("good", *ALIGN, "-o", "out.csv")
        assert done.returncode == 0
        assert "50 of the ref's 97 frames" in lines(done.stdout)[0]
        assert f"written: {folder / 'out.csv'}" in lines(done.stdout)
        assert done.stderr == ""
        rows = list(csv.DictReader((folder / "out.csv").open(newline="")))
        assert [row["clip_frame"] for row in rows] == [""] * 7 + [str(n) for n in range(50)] + [""] * 40

    def test_json_is_one_object_and_nothing_else(self, fake, folder):
        done = fake("good", *ALIGN, "-o", "out.csv", "--json")
        body = json.loads(done.stdout)
        assert body["exit_status"] == 0 and body["error"] is None
        assert body["outputs"] == [str(folder / "out.csv")]
        assert body["figures"]["matched"] == 50 and body["figures"]["unmatched"] == 47
        run = body["figures"]["runs"][1]
        assert (run["ref_first"], run["ref_last"], run["clip_first"], run["clip_last"]) == (7, 56, 0, 49)
        assert done.stderr == ""

    def test_quiet_says_nothing(self, fake):
        done = fake("good", *ALIGN, "-o", "out.csv", "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_without_outputs_the_answer_is_all(self, fake, folder):
        done = fake("good", *ALIGN)
        assert done.returncode == 0
        assert "-o" in done.stderr
        assert names(folder) == {"clip.mp4", "ref.mp4"}

    def test_noise_of_libraries_goes_to_the_log(self, fake, folder):
        done = fake("noisy", *ALIGN, "-o", "out.csv", "--json", "--job", "job")
        json.loads(done.stdout)
        assert done.stderr == ""
        log = (folder / "job" / "log.txt").read_text()
        assert "noise on stdout" in log and "noise on stderr" in log and "noise from Python" in log

    def test_nothing_temporary_stays(self, fake, tmp_path):
        fake("good", *ALIGN, "-o", "out.csv")
        assert list((tmp_path / "scratch").iterdir()) == []

    def test_names_with_spaces_and_other_alphabets(self, fake, folder):
        name = "Schnitt 3 ½ 映像 é.csv"
        done = fake("good", *ALIGN, "-o", name, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert done.returncode == 0, done.stderr
        assert (folder / name).exists()

    @pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux alone")
    def test_a_name_that_is_no_text(self, fake, folder):
        os.rename(folder / "clip.mp4", os.fsencode(folder) + b"/cl\xffip.mp4")
        name = os.fsdecode(b"o\xfeut.csv")
        done = fake("good", "align", os.fsdecode(b"cl\xffip.mp4"), "ref.mp4", "-o", name, "-o", "report.html")
        assert (done.returncode, done.stderr) == (0, "")
        assert b"o\xfeut.csv" in os.listdir(os.fsencode(folder))

    def test_control_characters_in_names_do_not_reach_the_terminal(self, fake, folder):
        done = fake("good", *ALIGN, "-o", "a\x1b[31m\nb.csv")
        assert done.returncode == 0
        assert "\x1b" not in done.stdout and "\\x1b[31m\\nb.csv" in done.stdout


class TestRefusal:
    def test_not_the_same_footage_is_three_and_writes_nothing_but_the_report(self, fake, folder):
        (folder / "out.csv").write_text("older")
        done = fake("different", *ALIGN, "-o", "out.csv")
        assert done.returncode == 3
        assert lines(done.stderr) == ["genlock: the two do not show the same footage; check that these are the right files"]
        assert done.stdout == ""
        assert (folder / "out.csv").read_text() == "older"

    def test_the_report_is_written_all_the_same(self, fake, folder):
        (folder / "out.otio").write_text("older")
        done = fake("different", *ALIGN, "-o", "out.otio", "-o", "report.html", "--json")
        assert done.returncode == 3
        body = json.loads(done.stdout)
        assert body["outputs"] == [str(folder / "report.html")] and body["error"]["code"] == "not-same-footage"
        assert body["figures"]["matched"] == 0
        assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
        assert (folder / "out.otio").read_text() == "older"

    @pytest.mark.parametrize(
        ("manner", "says"),
        [
            ("unreadable", "has no picture; name a file with video"),
            ("faulty", "genlock has a fault: ZeroDivisionError: division by zero"),
            ("hungry", "not enough memory"),
        ],
    )
    def test_failures_are_one_line_and_one(self, fake, folder, manner, says):
        (folder / "out.csv").write_text("older")
        done = fake(manner, *ALIGN, "-o", "out.csv")
        assert done.returncode == 1
        assert len(lines(done.stderr)) == 1 and says in done.stderr
        assert done.stdout == ""
        assert names(folder) == {"clip.mp4", "ref.mp4", "out.csv"}
        assert (folder / "out.csv").read_text() == "older"

    def test_failure_as_json(self, fake):
        done = fake("unreadable", *ALIGN, "-o", "out.csv", "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["error"]["code"] == "media"

    def test_debug_shows_the_traceback(self, fake):
        done = fake("faulty", *ALIGN, GENLOCK_DEBUG="1")
        assert done.returncode == 1
        assert "Traceback" in done.stderr and "driver.py" in done.stderr


class TestOutputsAtTheDoor:
    """What cannot be written is refused before any work; the aligner would take half a minute."""

    @pytest.mark.parametrize(
        ("output", "status", "says"),
        [
            ("out.mov", 2, "known are .otio .otioz .edl .json .nk .fcpxml .xml .mlt .vpy .html .csv"),
            ("out.xyz", 2, "known are"),
            ("out", 2, "without a suffix"),
            ("nowhere/out.csv", 1, "there is no folder"),
            ("clip.mp4/out.csv", 1, "is not a folder"),
            ("folder.csv", 1, "is a folder"),
            ("x" * 300 + ".csv", 1, "give it a shorter name"),
        ],
    )
    def test_refused(self, fake, folder, output, status, says):
        (folder / "folder.csv").mkdir()
        done = fake("good", *ALIGN, "-o", "fine.csv", "-o", output)
        assert done.returncode == status
        assert len(lines(done.stderr)) == 1 and says in done.stderr
        assert done.stdout == ""
        assert names(folder) == {"clip.mp4", "ref.mp4", "folder.csv"}

    def test_an_input_is_not_overwritten(self, fake, folder):
        (folder / "clip.csv").write_bytes(b"footage under an odd name")
        os.link(folder / "clip.csv", folder / "link.csv")
        for name in ("clip.csv", "./clip.csv", "link.csv"):
            done = fake("deaf", "align", "clip.csv", "ref.mp4", "-o", name)
            assert done.returncode == 1 and "is also an input" in done.stderr
        assert (folder / "clip.csv").read_bytes() == b"footage under an odd name"

    def test_named_twice(self, fake):
        done = fake("deaf", *ALIGN, "-o", "out.csv", "-o", "./out.csv")
        assert done.returncode == 1 and "named twice" in done.stderr

    def test_a_folder_that_cannot_be_written(self, fake, folder):
        if os.geteuid() == 0:
            pytest.skip("the superuser may write everywhere; run the tests as another user")
        (folder / "closed").mkdir(mode=0o500)
        done = fake("deaf", *ALIGN, "-o", "closed/out.csv")
        assert done.returncode == 1 and "cannot be written" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_no_room_for_an_output(folder, tmp_path):
    """With a limit of 1 KiB a file, as a full disk would: the small outputs fit, the table does not."""
    (folder / "a.csv").write_text("older")
    driver = Path(__file__).with_name("driver.py")
    command = f"ulimit -f 1; {sys.executable} -B {driver} good align clip.mp4 ref.mp4 -o a.csv -o b.csv"
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert lines(done.stderr) == [
        f"genlock: {folder / 'a.csv'} cannot be written: File too large; the limit on file size is too low for it; raise it, or name another folder"
    ]
    assert names(folder) == {"clip.mp4", "ref.mp4", "a.csv"}
    assert (folder / "a.csv").read_text() == "older"


class TestStreams:
    def test_a_closed_pipe_is_quiet(self, fake, folder, tmp_path):
        driver = Path(__file__).with_name("driver.py")
        command = f"{sys.executable} {driver} good align clip.mp4 ref.mp4 -o out.csv --json | true; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert (folder / "out.csv").exists()

    def test_a_closed_pipe_keeps_the_exit_status(self, folder):
        """Nobody ever reads: the pipe's other end is closed before the command writes."""
        driver = Path(__file__).with_name("driver.py")
        read, write = os.pipe()
        os.close(read)
        words = [sys.executable, str(driver), "different", "align", "clip.mp4", "ref.mp4", "--json"]
        done = subprocess.run(words, cwd=folder, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
        os.close(write)
        assert done.returncode == 3
        assert lines(done.stderr) == ["genlock: the two do not show the same footage; check that these are the right files"]

    def test_closed_streams(self, folder):
        driver = Path(__file__).with_name("driver.py")
        command = f"{sys.executable} {driver} good align clip.mp4 ref.mp4 -o out.csv >&- 2>&-"
        done = subprocess.run(["bash", "-c", command], cwd=folder, timeout=60)
        assert done.returncode == 0
        assert (folder / "out.csv").exists()

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
    def test_an_answer_that_cannot_be_written(self, folder):
        driver = Path(__file__).with_name("driver.py")
        command = f"{sys.executable} {driver} good align clip.mp4 ref.mp4 -o out.csv >/dev/full"
        done = subprocess.run(["bash", "-c", command], cwd=folder, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 1
        assert lines(done.stderr) == ["genlock: the answer cannot be written to stdout: No space left on device"]
