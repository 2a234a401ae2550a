"""The engine, on steps that are counted: what is skipped, what runs again, and where a killed run goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genlock.core.errors import Cancelled, GenlockError, UsageError
from genlock.core.inpaint.project import Project, create_project
from genlock.core.inpaint.steps import Plan, Step, run_project, standing
from genlock.core.inpaint.steps.bench import Bench
from genlock.core.progress import Progress

from .made_shots import write_shot


@pytest.fixture
def project(tmp_path: Path) -> Project:
    video, mask = write_shot(tmp_path / "s", 1, size_wh=(16, 16))
    return create_project(tmp_path / "s" / "p", str(video), str(mask))


class Counted:
    """Two steps: `one` writes three files of its setting, `two` adds up what they hold."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.setting = 5
        self.fail_at = -1

    def one(self, bench: Bench) -> None:
        for n in range(3):
            rel = f"fill/{n}.bin"
            if bench.has(rel):
                assert bench.facts(rel) == n
                continue
            if n == self.fail_at:
                raise RuntimeError("the lights went out")
            bench.save_bytes(rel, bytes([self.setting, n]), facts=n)
            self.made.append(rel)

    def two(self, bench: Bench) -> None:
        self.made.append("sum")
        bench.save_json("comp/sum.json", sum(sum(bench.project.path(f"fill/{n}.bin").read_bytes()) for n in range(3)))

    def steps(self, version: int = 1, with_two: bool = True) -> list[Step]:
        one = Step("one", "counting", (), self.one, version, lambda project: self.setting)
        return [one, Step("two", "adding", ("one",), self.two, wanted=lambda project: with_two)]


def files(project: Project) -> dict[str, bytes]:
    return {str(p.relative_to(project.root)): p.read_bytes() for d in ("fill", "comp") for p in project.path(d).rglob("*") if p.is_file()}


ALL = ["fill/0.bin", "fill/1.bin", "fill/2.bin", "sum"]


def test_what_is_done_is_not_done_again(project: Project) -> None:
    work = Counted()
    assert run_project(project, work.steps()).ran == ["one", "two"]
    assert run_project(project, work.steps()).skipped == ["one", "two"]
    assert work.made == ALL
    assert [row["state"] for row in standing(project, work.steps())["steps"]] == ["done", "done"]


def test_the_book_of_a_step_that_was_killed_at_its_very_end_goes(project: Project) -> None:
    work = Counted()
    run_project(project, work.steps())
    book = project.path("state", "doing", "one.jsonl")
    book.write_text('{"key": "k"}\n')
    assert run_project(project, work.steps()).skipped == ["one", "two"] and not book.exists()


def test_a_changed_setting_a_changed_version_and_a_damaged_file(project: Project) -> None:
    work = Counted()
    run_project(project, work.steps())
    work.setting = 6
    assert [row["state"] for row in standing(project, work.steps())["steps"]] == ["stale", "stale"]
    assert run_project(project, work.steps()).ran == ["one", "two"]
    work.made.clear()
    run_project(project, work.steps(version=2))
    assert work.made == ALL[:3], "the same files came out, so what is made of them still holds"
    project.path("fill/1.bin").write_bytes(b"no")
    work.made.clear()
    run_project(project, work.steps(version=2))
    assert work.made == ALL[:3]
    project.path("comp/sum.json").unlink()
    assert run_project(project, work.steps(version=2)).ran == ["two"]


def test_a_touched_file_is_looked_into(project: Project) -> None:
    work = Counted()
    run_project(project, work.steps())
    os.utime(project.path("fill/1.bin"), (1, 1))
    assert run_project(project, work.steps()).ran == []


def test_from_and_only(project: Project) -> None:
    work = Counted()
    with pytest.raises(UsageError, match="needs one"):
        run_project(project, work.steps(), plan=Plan(only="two"))
    run_project(project, work.steps())
    assert run_project(project, work.steps(), plan=Plan(begin="two")).ran == ["two"]
    assert run_project(project, work.steps(), plan=Plan(begin="one")).ran == ["one", "two"]
    assert run_project(project, work.steps(), plan=Plan(only="one")).ran == ["one"]
    with pytest.raises(UsageError, match="steps are one, two"):
        run_project(project, work.steps(), plan=Plan(only="three"))
    with pytest.raises(UsageError, match="leave out"):
        run_project(project, work.steps(), plan=Plan("one", "two"))


def test_from_is_remembered_when_the_run_ends_early(project: Project) -> None:
    """What comes after is made anew by the next run, though what it is made from came out the same."""
    work = Counted()
    run_project(project, work.steps())
    work.made.clear()
    work.fail_at = 2
    with pytest.raises(RuntimeError):
        run_project(project, work.steps(), plan=Plan(begin="one"))
    work.fail_at = -1
    assert run_project(project, work.steps()).ran == ["one", "two"]
    assert work.made == ALL
    book = project.path("state", "steps.json")
    book.write_text(json.dumps({"two": json.loads(book.read_text())["two"]}))
    with pytest.raises(UsageError, match="needs one"):
        run_project(project, work.steps(), plan=Plan(only="two"))
    assert standing(project, work.steps())["steps"][1]["state"] == "stale", "a run that cannot begin forgets nothing"


def test_files_that_are_not_made_any_more_go_away(project: Project) -> None:
    names = ["a", "b"]

    def run(bench: Bench) -> None:
        for name in names:
            bench.save_bytes(f"fill/{name}", b"x")

    step = Step("one", "", (), run, given=lambda project: list(names))
    run_project(project, [step])
    names.remove("a")
    run_project(project, [step])
    assert sorted(files(project)) == ["fill/b"]


def test_a_step_that_fails_goes_on_where_it_was(project: Project) -> None:
    work = Counted()
    work.fail_at = 2
    with pytest.raises(RuntimeError):
        run_project(project, work.steps())
    work.fail_at = -1
    work.made.clear()
    run_project(project, work.steps())
    assert work.made == ALL[2:]
    log = [json.loads(line) for line in project.path("log", "run.jsonl").read_text().splitlines()]
    assert [line["event"] for line in log if line["step"] == "run"] == ["began", "failed", "began", "ended"]


def test_with_another_setting_it_begins_anew(project: Project) -> None:
    work = Counted()
    work.fail_at = 2
    with pytest.raises(RuntimeError):
        run_project(project, work.steps())
    work.fail_at, work.setting = -1, 9
    run_project(project, work.steps())
    assert files(project)["fill/0.bin"] == bytes([9, 0])


def test_a_torn_book_is_read_as_far_as_it_goes(project: Project) -> None:
    work = Counted()
    work.fail_at = 2
    with pytest.raises(RuntimeError):
        run_project(project, work.steps())
    book = project.path("state", "doing", "one.jsonl")
    book.write_bytes(book.read_bytes()[:-9])
    work.fail_at = -1
    work.made.clear()
    run_project(project, work.steps())
    assert work.made == ALL[1:]


def test_it_stops_when_nobody_wants_it(project: Project) -> None:
    with pytest.raises(Cancelled):
        run_project(project, Counted().steps(), progress=Progress(wanted=lambda: False))
    assert not project.path("state", "lock").exists()


def test_two_runs_do_not_meet(project: Project) -> None:
    with project.locked(), pytest.raises(GenlockError, match="in use by process"):
        run_project(project, Counted().steps())


_KILLED = """
import os, sys
from genlock.core.inpaint.project import open_project
from genlock.core.inpaint.steps import Step, run_project

for calls in map(int, sys.argv[2:]):
    if not (child := os.fork()):
        left = calls
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
else:
    sys.exit()

def spend(real):
    def call(*args, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return real(*args, **more)
    return call

os.replace, os.fsync, os.unlink = spend(os.replace), spend(os.fsync), spend(os.unlink)

def one(bench):
    for n in range(3):
        if not bench.has(f"fill/{n}.bin"):
            bench.save_bytes(f"fill/{n}.bin", bytes([7, n]) * 1000)

def two(bench):
    bench.save_json("comp/sum.json", sum(sum(bench.project.path(f"fill/{n}.bin").read_bytes()) for n in range(3)))

run_project(open_project(sys.argv[1]), [Step("one", "", (), one), Step("two", "", ("one",), two)])
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are killed in forks")
def test_killed_anywhere_it_ends_the_same(project: Project, tmp_path: Path) -> None:
    """Killed outright at many of its steps to the disk, one after the other, each run going on where the last one was stopped."""
    calls = [1, 2, 3, 5, 4, 6, 2, 7, 9, 5, 8, 6, 10**6]
    command = [sys.executable, "-c", _KILLED, str(project.root), *map(str, calls)]
    ended = [int(line) for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()]
    assert set(ended) == {-9, 0} and ended.count(-9) >= 10 and ended[-1] == 0
    expected: dict[str, bytes] = {f"fill/{n}.bin": bytes([7, n]) * 1000 for n in range(3)}
    expected["comp/sum.json"] = f"{sum(1000 * (7 + n) for n in range(3))}\n".encode()
    assert files(project) == expected
    state: dict[str, Any] = json.loads(project.path("state", "steps.json").read_text())
    assert set(state) == {"one", "two"}
    assert not [path for path in project.root.rglob("*") if path.name.startswith(".") or path.name == "lock"]


@pytest.mark.parametrize("how", ["up", "root"])
def test_a_state_from_somebody_else_deletes_nothing_outside_the_project(project: Project, how: str) -> None:
    """Files of an earlier result go away when a step makes others; what the state names is not taken on trust."""
    precious = project.root.parent / "precious.txt"
    precious.write_text("years of work")
    counted = Counted()
    run_project(project, counted.steps())
    state = project.path("state", "files", "one.json")
    body = json.loads(state.read_text())
    body["../precious.txt" if how == "up" else str(precious)] = body["fill/0.bin"]
    state.write_text(json.dumps(body))
    counted.setting = 6
    with pytest.raises(UsageError, match="outside the project"):
        run_project(project, counted.steps())
    assert precious.read_text() == "years of work"


def test_a_film_is_not_named_out_of_the_project(project: Project) -> None:
    for name in ("../../x.mkv", "a/../../x.mkv"):
        with pytest.raises(UsageError, match=r"outside the project.*correct name below \[output\]"):
            project.path(f"out/{name}")
    assert project.path("out/a..b/x.mkv") == project.root / "out" / "a..b" / "x.mkv"
