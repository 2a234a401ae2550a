"""Who is run again, who is not, who hangs: the crew's rules, with workers that do as a script says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from genlock.core.errors import Cancelled
from genlock.core.progress import Progress
from genlock.hosts import jobs
from genlock.hosts.worker.pool import crew
from genlock.hosts.worker.pool.task import Ended, Task
from genlock.hosts.worker.pool.together import shares_of

HANGS = "hangs"


@dataclass
class Scripted:
    """Workers of which each try of a task ends as its script says: "" well, HANGS not at all, a text lost, an error told."""

    script: dict[str, list[object]]
    width: int = 2
    begun: list[str] = field(default_factory=list)
    busy: list[Task] = field(default_factory=list)
    killed: dict[str, str] = field(default_factory=dict)
    stopped: int = 0

    def room(self) -> int:
        return self.width - len(self.busy)

    def start(self, task: Task) -> None:
        assert task not in self.busy and len(self.busy) < self.width and not self.stopped
        self.busy.append(task)
        self.begun.append(task.name)

    def poll(self) -> list[Ended]:
        ended = []
        for task in list(self.busy):
            how = self.script.get(task.name, [""])[0]
            if how == HANGS and task.name not in self.killed:
                continue
            self.busy.remove(task)
            if len(self.script.get(task.name, [""])) > 1:
                self.script[task.name].pop(0)
            lost = self.killed.pop(task.name, "") or (how if isinstance(how, str) else "")
            ended.append(Ended(task, str(lost), 1 if isinstance(how, dict) else 0, how if isinstance(how, dict) else None))
        return ended

    def stirred(self, task: Task) -> bool:
        return False

    def kill(self, task: Task, why: str) -> None:
        assert task in self.busy
        self.killed[task.name] = why

    def stop(self) -> None:
        self.stopped += 1
        self.busy.clear()


def tasks(folder: Path, names: str) -> list[Task]:
    return [Task(str(folder / name), name=name) for name in names]


def ran(folder: Path, workers: Scripted, names: str = "abc", progress: Progress | None = None, **rules: float) -> dict[str, Ended]:
    """How each task ended for good."""
    ended: dict[str, Ended] = {}
    told = progress or Progress()
    crew.run_tasks(
        tasks(folder, names), workers, told, lambda end: ended.update({end.task.name: end}), len(names), str,
        crew.Rules(**{"patience_s": 0.15, **rules}),  # type: ignore[arg-type]
    )
    assert workers.stopped == 1 and not workers.busy
    return ended


def test_what_was_lost_is_run_again_and_the_others_once(tmp_path):
    workers = Scripted({"b": ["ended by signal 9", ""]})
    ended = ran(tmp_path, workers)
    assert sorted(workers.begun) == ["a", "b", "b", "c"] and not ended["b"].lost


def test_two_more_tries_and_then_it_is_told_with_what_it_said_last(tmp_path):
    (tmp_path / "b").mkdir()
    workers = Scripted({"b": ["ended by signal 9"]})
    plain = workers.start

    def start(task: Task) -> None:
        plain(task)
        with open(task.record.events_path, "a") if task.name == "b" else open("/dev/null", "w") as events:
            events.write(jobs.to_line(jobs.Progress(0.4, "making pictures")) + "\n")

    workers.start = start  # type: ignore[method-assign]
    ended = ran(tmp_path, workers)
    assert workers.begun.count("b") == 3 and ended["b"].lost == "ended by signal 9, at 40% (making pictures)"


def test_who_hangs_is_ended_and_its_task_run_again(tmp_path):
    workers = Scripted({"a": [HANGS, ""]})
    ended = ran(tmp_path, workers)
    assert workers.begun.count("a") == 2 and not ended["a"].lost


def test_who_always_hangs_is_told(tmp_path):
    ended = ran(tmp_path, Scripted({"a": [HANGS]}), retries=1)
    assert "gave no sign of life for" in ended["a"].lost


@pytest.mark.parametrize(("code", "tries"), [("output", 1), ("media", 1), ("usage", 1), ("fault", 3), ("memory", 3)])
def test_what_would_happen_again_is_not_tried_again(tmp_path, code, tries):
    error = {"code": code, "what": "no room", "next_step": "free some"}
    workers = Scripted({"c": [error]})
    ended = ran(tmp_path, workers)
    assert workers.begun.count("c") == tries and ended["c"].error == error


def test_cancelled_ends_them_all(tmp_path):
    workers = Scripted({"a": [HANGS], "b": [HANGS]})
    looks = iter(range(6))
    with pytest.raises(Cancelled):
        ran(tmp_path, workers, progress=Progress(wanted=lambda: next(looks, None) is not None), patience_s=60)
    assert workers.stopped == 1 and not workers.busy and "c" not in workers.begun


def test_a_pause_of_the_crew_itself_is_nobodys_fault(tmp_path, monkeypatch):
    """A laptop that slept an hour: the clock has jumped, and nobody hangs."""
    jumps = iter([0.0] * 3 + [3600.0] * 2)
    times = {"now": 0.0}

    def now() -> float:
        times["now"] += 0.05 + next(jumps, 0.0)
        return times["now"]

    monkeypatch.setattr(crew, "time", SimpleNamespace(monotonic=now, sleep=lambda s: None))
    workers = Scripted({"a": [HANGS, ""]})
    ran(tmp_path, workers, "a", patience_s=10.0)
    assert times["now"] > 7200 and workers.begun == ["a", "a"]
    assert times["now"] < 7200 + 20, "it is ended after ten seconds of its own stillness"


def test_progress_is_the_sum_of_all_by_their_weight(tmp_path):
    told: list[float] = []
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "events.jsonl").write_text("")
    workers = Scripted({"a": [HANGS]})
    plain = workers.stirred

    def stirred(task: Task) -> bool:
        with open(task.record.events_path, "a") as events:
            events.write(jobs.to_line(jobs.Progress(0.5, "")) + "\n")
        if len(told) > 4:
            workers.script["a"] = [""]
        return plain(task)

    workers.stirred = stirred  # type: ignore[method-assign]
    light, heavy = Task(str(tmp_path / "b"), name="b", weight=1.0), Task(str(tmp_path / "a"), name="a", weight=3.0)
    (tmp_path / "b").mkdir()
    crew.run_tasks([light, heavy], workers, Progress(lambda done, what: told.append(done)), lambda end: None, 4.0, str)
    assert told[0] == pytest.approx((1 + 1.5) / 4) and told[-1] == 1.0 and told == sorted(told)


def test_more_shares_than_workers_and_no_more_than_units():
    assert shares_of(100, 4) == 24 and shares_of(5, 4) == 5 and shares_of(1, 8) == 1
