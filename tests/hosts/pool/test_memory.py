"""How many processes memory holds: what the system and a container say, and a pool that keeps to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from genlock.hosts.worker.pool import local
from genlock.hosts.worker.pool.memory import free_bytes
from genlock.hosts.worker.pool.places import Place, gpus, places
from genlock.hosts.worker.pool.task import Ended, Task

MIB = 1 << 20


def system(folder: Path, available_mib: int, group: str, **files: str) -> tuple[str, str]:
    """Files as Linux has them: /proc and /sys/fs/cgroup."""
    (folder / "proc" / "self").mkdir(parents=True)
    (folder / "proc" / "meminfo").write_text(f"MemTotal: 64000000 kB\nMemFree: 1 kB\nMemAvailable: {available_mib * 1024} kB\n")
    (folder / "proc" / "self" / "cgroup").write_text(group)
    for name, text in files.items():
        place = folder / "groups" / name.replace("__", "/").replace("_DOT_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return str(folder / "proc"), str(folder / "groups")


def test_what_the_system_says(tmp_path):
    assert free_bytes(*system(tmp_path, 3000, "0::/\n")) == 3000 * MIB


def test_the_limit_of_a_container_counts_what_is_only_cached_as_free(tmp_path):
    files = {
        "box__memory_DOT_max": f"{2000 * MIB}\n", "box__memory_DOT_current": f"{1500 * MIB}\n",
        "box__memory_DOT_stat": f"anon 5\ninactive_file {700 * MIB}\n",
    }  # fmt: skip
    assert free_bytes(*system(tmp_path, 9000, "0::/box/inner\n", **files)) == 1200 * MIB


def test_no_limit_is_none(tmp_path):
    files = {"box__memory_DOT_max": "max\n", "box__memory_DOT_current": "5\n"}
    assert free_bytes(*system(tmp_path, 9000, "0::/box\n", **files)) == 9000 * MIB


def test_the_first_version_of_groups(tmp_path):
    files = {
        "memory__box__memory_DOT_limit_in_bytes": f"{800 * MIB}\n", "memory__box__memory_DOT_usage_in_bytes": f"{300 * MIB}\n",
        "memory__memory_DOT_limit_in_bytes": "9223372036854771712\n", "memory__memory_DOT_usage_in_bytes": "5\n",
    }  # fmt: skip
    assert free_bytes(*system(tmp_path, 9000, "7:cpu,cpuacct:/box\n5:memory:/box\n", **files)) == 500 * MIB


def test_nothing_is_known_where_nothing_is_told(tmp_path):
    assert free_bytes(str(tmp_path), str(tmp_path)) is None


def test_threads_are_shared_out_and_gpus_go_round(monkeypatch):
    monkeypatch.setenv("GENLOCK_THREADS", "7")
    assert [place.threads for place in places(3)] == [3, 2, 2]
    assert [place.threads for place in places(9)] == [1] * 9
    assert [place.gpu for place in places(3, ("0", "2"))] == ["0", "2", "0"]
    assert places(2, ("4",))[1].environment() == {"GENLOCK_THREADS": "3", "CUDA_VISIBLE_DEVICES": "4"}


@pytest.mark.parametrize(("said", "found"), [("", ()), ("-1", ()), ("0,2", ("0", "2")), ("1,-1,2", ("1",)), ("GPU-a3", ("GPU-a3",))])
def test_gpus_are_those_that_cuda_may_see(monkeypatch, said, found):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", said)
    assert gpus() == found


class Still:
    """A worker of which only the memory matters."""

    def __init__(self, place: Place) -> None:
        self.peak_bytes = 0
        self.place, self.task, self.alive, self.killed_by_system, self.process = place, None, True, False, None
        self.end: Ended | None = None

    def give(self, task: Task) -> None:
        self.task = task

    def ended(self) -> Ended | None:
        if self.end is not None:
            self.task = None
        end, self.end = self.end, None
        return end


@pytest.fixture
def pool(monkeypatch):
    """A pool for eight, with so much free memory: pool(free_mib, need_mib)."""
    monkeypatch.setattr(local, "Worker", Still)
    monkeypatch.setattr(local, "_ASK_S", 0.0)
    monkeypatch.setattr(local, "end", lambda processes: None)
    monkeypatch.setattr(Still, "forget", lambda self: None, raising=False)
    notes: list[str] = []

    def made(free_mib: list[int], need_mib: int) -> tuple[local.LocalWorkers, list[str]]:
        return local.LocalWorkers(places(8), need_mib * MIB, notes.append, lambda: free_mib[0] * MIB), notes

    return made


def filled(workers: local.LocalWorkers) -> int:
    """How many are at work, once all have begun that may."""
    for n in range(8):
        if workers.room():
            workers.start(Task(f"/{n}"))
    return len(workers._workers)


def test_no_more_processes_than_memory_holds(pool):
    workers, notes = pool([1000], 300)
    assert filled(workers) == 3 and "memory holds no more of 300 MiB each" in notes[0] and len(notes) == 1


def test_the_first_one_is_begun_whatever_is_free(pool):
    assert filled(pool([10], 300)[0]) == 1


def test_one_that_takes_more_than_was_thought_leaves_room_for_fewer(pool):
    free = [1600]
    workers, _ = pool(free, 300)
    workers.start(Task("/first"))
    workers._workers[0].peak_bytes = 700 * MIB
    free[0] = 900
    assert filled(workers) == 2, "700 MiB for the second of the 900 that are left; none for a third"


def test_one_that_the_system_killed_is_not_replaced(pool):
    workers, notes = pool([100_000], 1)
    assert filled(workers) == 8
    first = workers._workers[0]
    first.alive, first.killed_by_system, first.end = False, True, Ended(first.task, "was ended by signal 9")
    assert [end.lost for end in workers.poll()] == ["was ended by signal 9"]
    assert workers.width == 7 and workers.room() == 0 and "7 at a time from now on" in notes[-1]
