"""Many pairs by one command: the table is read strictly, pairs do not disturb one another, and what is done stays done."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from genlock.core.errors import OutputError, UsageError
from genlock.hosts.batch.pairs import Pair, read_pairs
from genlock.hosts.batch.rows import Row, sentence, to_csv
from genlock.hosts.batch.shelf import prepare, shelf_of
from genlock.hosts.demo.twin import Side
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.shares import Share, missing, run_merge, run_share, units
from genlock.tests.footage import write_pair

Call = Callable[..., "subprocess.CompletedProcess[str]"]


def table(folder: Path, text: str) -> str:
    path = folder / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


class TestTable:
    def test_paths_are_relative_to_the_table(self, tmp_path: Path) -> None:
        text = "clip,ref,out,quality,anchor\nin/a.mp4,b.mp4,first,,\n/x/c.mp4,d.mp4,,draft,1=2 3=4\n"
        one, two = read_pairs(table(tmp_path, text), {"quality": "final"})
        assert (one.clip, one.ref, one.name) == (str(tmp_path / "in/a.mp4"), str(tmp_path / "b.mp4"), "first")
        assert dict(one.settings) == {"quality": "final"}
        assert (two.clip, two.name, two.line) == ("/x/c.mp4", "c", 3)
        assert dict(two.settings) == {"quality": "draft", "anchor": ["1=2", "3=4"]}

    def test_semicolons_and_a_byte_order_mark(self, tmp_path: Path) -> None:
        (pair,) = read_pairs(table(tmp_path, "\ufeffClip;Ref\n\n\"a;b.mp4\";c.mp4\n"), {})
        assert pair.clip == str(tmp_path / "a;b.mp4") and pair.line == 3

    def test_equal_names_get_their_line(self, tmp_path: Path) -> None:
        pairs = read_pairs(table(tmp_path, "clip,ref\na/x.mp4,r\nb/x.mov,r\nindex.mp4,r\n"), {})
        assert [pair.name for pair in pairs] == ["x", "x-3", "index-4"]

    def test_every_bad_line_is_told_with_its_number(self, tmp_path: Path) -> None:
        text = "clip,ref,out,quality\n,b,,\na,b,../up,\na,b,one,slow\na,b,ONE,\na,b,one,\na,b\n"
        with pytest.raises(UsageError) as wrong:
            read_pairs(table(tmp_path, text), {})
        told = str(wrong.value)
        assert "line 2: no clip" in told and "line 3: out is '../up'" in told and "line 4: quality is 'slow'" in told
        assert "line 6: out is 'one', as in line 4" in told and "line 7: 2 fields under 4 columns" in told

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is empty"),
            ("clip,ref\n", "names no pair"),
            ("a.mp4,b.mp4\n", "column 'a.mp4'"),
            ("clip,out\na,b\n", "no column 'ref'"),
            ("clip,ref,clip\na,b,c\n", "two columns 'clip'"),
            ('clip,ref\n"a,b\n', "line 2"),
            ("clip,ref\na\0,b\n", "is no text"),
        ],
    )
    def test_what_is_no_table_is_refused(self, tmp_path: Path, text: str, says: str) -> None:
        with pytest.raises(UsageError, match=says):
            read_pairs(table(tmp_path, text), {})


def row(state: str, name: str = "a") -> Row:
    return Row(2, name, "/c", "/r", state, "=said", 9, 8, 8, 0, 0.9, 1.0, 1.0, False, ("a.otio",), "jobs/a/log.txt")


def test_the_sentence_counts() -> None:
    assert sentence([row("done"), row("done")]) == "All 2 pairs are aligned."
    assert sentence([row("done"), row("failed"), row("not the same footage")]) == "Of 3 pairs, 1 aligned, 1 not of the same footage, 1 failed."


def test_no_cell_is_a_formula() -> None:
    (line,) = csv.DictReader(to_csv([row("done", "@x")]).splitlines())
    assert line["name"] == "'@x" and line["sentence"] == "'=said" and line["matched"] == "8"


def test_a_pair_that_was_killed_while_it_was_laid_out_is_laid_out_again(tmp_path: Path) -> None:
    """At whatever step: half of a request, a job that was being put aside; but a person's own folder is refused."""
    shelf = shelf_of(Pair(2, "one", "c.mp4", "r.mp4", {}), str(tmp_path), [".otio"])
    folder = Path(shelf.job.folder)
    folder.mkdir(parents=True)
    (folder / ".request.json.999999999-00000000.part").write_text('{"gen')
    prepare(shelf, "k")
    assert shelf.job.request() == shelf.request
    dead = subprocess.run([sys.executable, "-c", f"from genlock.core.leftovers import name_beside; print(name_beside({str(folder)!r}, 'old'))"],
                          capture_output=True, text=True, check=True).stdout.strip()
    folder.rename(dead)
    prepare(shelf, "k")
    assert shelf.job.request() == shelf.request and os.listdir(folder.parent) == ["one"]
    prepare(shelf, "k")
    assert sorted(os.listdir(folder)) == ["key", "request.json"]
    (folder / "request.json").unlink()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds no job"):
        prepare(shelf, "k")
    assert (folder / "mine.txt").read_text() == "mine"


class TestCommand:
    def test_a_bad_pair_does_not_end_the_others_and_is_all_that_runs_again(self, genlock: Call, folder: Path) -> None:
        truth = write_pair(folder, Side(), lengths=(14, 12))
        pairs = table(folder, "clip,ref,out,quality\nclip.mp4,ref.mp4,good,draft\nmissing.mp4,ref.mp4,bad,\n")
        run = genlock("align", "--batch", pairs, "-o", "out", "--as", ".otio", "--as", "html", "--jobs", 2, "--json")
        assert run.returncode == 1, run.stderr
        rows = {one["name"]: one for one in json.loads(run.stdout)["figures"]["rows"]}
        assert rows["good"]["matched"] == truth["ref_frames"] and rows["bad"]["state"] == "failed" and "missing.mp4" in rows["bad"]["sentence"]
        assert {path.name for path in (folder / "out").iterdir()} == {"good.otio", "good.html", "index.html", "summary.csv", "jobs"}
        page = (folder / "out" / "index.html").read_text(encoding="utf-8")
        assert 'href="good.html"' in page and "Of 2 pairs, 1 aligned, 1 failed." in page
        before = os.stat(folder / "out" / "good.otio").st_mtime_ns
        (folder / "missing.mp4").write_bytes((folder / "clip.mp4").read_bytes())
        again = genlock("align", "--batch", pairs, "-o", "out", "--as", ".otio", "--as", "html", "--json")
        assert again.returncode == 0, again.stderr
        rows = {one["name"]: one for one in json.loads(again.stdout)["figures"]["rows"]}
        assert rows["good"]["before"] and not rows["bad"]["before"] and rows["bad"]["state"] == "done"
        assert os.stat(folder / "out" / "good.otio").st_mtime_ns == before

    def test_shares_of_a_batch_make_their_pairs_and_joining_writes_the_page(self, genlock: Call, folder: Path, tmp_path: Path) -> None:
        write_pair(folder, Side(), lengths=(14,))
        pairs = table(folder, f"clip,ref,out,quality\n{folder}/clip.mp4,{folder}/ref.mp4,good,draft\n{folder}/missing.mp4,{folder}/ref.mp4,bad,\n")
        out = folder / "out"
        job = Job.create(tmp_path / "job", Request("batch", {"pairs": pairs}, (str(out),), {"as": [".csv"], "jobs": 1})).folder
        assert (units(job), missing(job)) == (2, [0, 1])
        made = genlock("run", job, "--piece", "2/2")
        assert made.returncode == 0 and "share 2/2 stands: Of 1 pair" in made.stdout, made.stderr + made.stdout
        assert sorted(path.name for path in out.iterdir()) == ["jobs"] and missing(job) == [0]
        refused = genlock("run", job, "--merge")
        assert refused.returncode == 1 and "pair 1 of 2 has no answer yet, good; genlock run JOB --piece 1/2 makes it" in refused.stderr
        assert run_share(job, Share(1, 2)).exit_status == 0 and missing(job) == []
        before = os.stat(out / "good.csv").st_mtime_ns
        joined = run_merge(job)
        assert joined.exit_status == 1 and joined.result["sentence"] == "Of 2 pairs, 1 aligned, 1 failed."
        assert [row["state"] for row in joined.result["figures"]["rows"]] == ["done", "failed"]
        assert os.stat(out / "good.csv").st_mtime_ns == before
        assert {path.name for path in out.iterdir()} == {"good.csv", "index.html", "summary.csv", "jobs"}
        assert {path.name for path in (out / "jobs").iterdir()} == {"good", "bad"}

    def test_a_changed_request_is_run_anew(self, genlock: Call, folder: Path) -> None:
        write_pair(folder, Side(), lengths=(14,))
        pairs = table(folder, "clip,ref,quality\nclip.mp4,ref.mp4,draft\n")
        words = ("align", "--batch", pairs, "-o", "out", "--as", ".csv", "--json")
        assert genlock(*words).returncode == 0
        assert json.loads(genlock(*words).stdout)["figures"]["rows"][0]["before"]
        table(folder, "clip,ref,quality,range\nclip.mp4,ref.mp4,draft,0-9\n")
        assert not json.loads(genlock(*words).stdout)["figures"]["rows"][0]["before"]

    def test_stopping_ends_every_process(self, folder: Path, tmp_path: Path) -> None:
        """Nothing is left of the pairs under way, nor a page that tells of half a batch."""
        write_pair(folder, Side(), lengths=(40, 40))
        pairs = table(folder, "clip,ref\n" + "clip.mp4,ref.mp4\n" * 6)
        env = {**os.environ, "GENLOCK_CACHE": "", "TMPDIR": str(tmp_path)}
        command = [sys.executable, "-m", "genlock", "align", "--batch", pairs, "-o", "out", "--jobs", "2", "--cache", "off"]
        batch = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        begun = folder / "out" / "jobs" / "clip" / "events.jsonl"
        until = time.monotonic() + 30
        while not (begun.exists() and "started" in begun.read_text()) and time.monotonic() < until:
            time.sleep(0.02)
        numbers = [json.loads(line)["process"] for line in begun.read_text().splitlines() if '"started"' in line]
        batch.send_signal(signal.SIGTERM)
        _, said = batch.communicate(timeout=20)
        assert batch.returncode == 130 and "stopped" in said
        for number in numbers:
            with pytest.raises(ProcessLookupError):
                os.kill(number, 0)
        assert not (folder / "out" / "index.html").exists()

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("--batch", "pairs.csv"), "name it with -o"),
            (("clip.mp4", "--batch", "pairs.csv", "-o", "out"), "beside --batch"),
            (("clip.mp4", "ref.mp4", "--jobs", "2"), "go with --batch"),
            (("clip.mp4",), "missing: REF"),
            (("--batch", "pairs.csv", "-o", "out", "--jobs", "none"), "not a number"),
            (("--batch", "pairs.csv", "-o", "out", "--as", ".psd"), ".psd"),
        ],
    )
    def test_wrong_usage(self, genlock: Call, folder: Path, words: tuple[str, ...], says: str) -> None:
        table(folder, "clip,ref\nclip.mp4,ref.mp4\n")
        run = genlock("align", *words)
        assert run.returncode == 2 and says in run.stderr and len(run.stderr.splitlines()) == 1
        assert not (folder / "out").exists()
