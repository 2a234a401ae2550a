"""A job on a real cluster of two nodes: Ctrl-C, a full disk on one node, a node that loses its power; a model that is loaded once an actor."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from genlock.hosts.jobs import Job
from genlock.tests.faults.syscalls import Call, available
from genlock.tests.hosts.ray.clusters import Node, holds, short_folder, standing, until
from genlock.tests.hosts.ray.made import UNIT, begun, ended, footage, here, job, outputs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
_WATCH = """
import os, sys
loads = []
def look(event, args):
    if event == "open" and str(args[0]).endswith("flownet.pkl"):
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_name != "open_runner":
            frame = frame.f_back
        if frame is not None and not any(frame is each for each in loads):
            loads.append(frame)
            with open({0!r}, "a") as out:
                out.write(f"{{os.getpid()}}\\n")
sys.addaudithook(look)
"""
"""Loaded by every Python of a node as it starts: each call that loads weights is told once, with the process's number."""


class Cluster:
    """Two nodes. The disk of the second is full while `full` is set."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """stack: takes the nodes down."""
        self.folder, self.full = folder, False
        self.loads = folder / "loads.txt"
        (folder / "sitecustomize.py").write_text(_WATCH.format(str(self.loads)))
        judge = self._judged if available() else None
        self.head = standing(lambda: Node(folder, PYTHONPATH=str(folder)))
        stack.callback(self.head.end)
        self.second = standing(lambda: Node(folder, head=self.head.address, judge=judge, PYTHONPATH=str(folder)))
        stack.callback(self.second.end)
        self.address = self.head.address

    def _judged(self, call: Call) -> int | None:
        return errno.ENOSPC if self.full and "/work/pieces/" in call.path else None

    def hands(self) -> list[int]:
        return [*self.head.hands(), *self.second.hands()]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with short_folder() as folder, ExitStack() as stack:
        yield Cluster(folder, stack)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """The alignment, and the pictures that one process makes of it."""
    folder = tmp_path_factory.mktemp("truth")
    laid = footage(folder)
    return laid, here(job(folder / "here", "render", {"aligned": str(laid)}, "out.%04d.png"), folder)


class Pause:
    """Stops every hand in the middle of its first share, so that what happens next happens in the middle of both."""

    def __init__(self, cluster: Cluster, made: Job) -> None:
        self._cluster, self._folder = cluster, Path(made.folder)
        self._stopped: set[int] = set()

    def second_is_held(self) -> bool:
        for number in set(self._cluster.hands()) - self._stopped:
            if holds(number, self._folder):
                os.kill(number, signal.SIGSTOP)
                self._stopped.add(number)
            if number in self._stopped and not holds(number, self._folder):  # it had just ended
                self._stopped.remove(number)
                os.kill(number, signal.SIGCONT)
        return not self._stopped.isdisjoint(self._cluster.second.hands())

    def over(self) -> None:
        for number in self._stopped:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)


def test_a_model_is_loaded_once_an_actor(cluster: Cluster, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from genlock.models.rife.shape import RifeShape
    from genlock.tests.models.rife.variants import made_weights

    footage(tmp_path, 76)
    weights = tmp_path / "flownet.pkl"
    torch.save({f"module.{name}": values for name, values in made_weights(RifeShape((16, 16, 16, 16), 6)).items()}, weights)
    settings = {"fps": "30", "model": str(weights), "device": "cpu"}
    inputs = {"footage": str(tmp_path / "clip.mkv")}
    expected = here(job(tmp_path / "here", "retime", inputs, "out.%04d.png", settings), cluster.folder)
    status, said = ended(begun(job(tmp_path / "ray", "retime", inputs, "out.%04d.png", settings), cluster.address, cluster.folder))
    assert status == 0, said
    assert outputs(tmp_path / "ray") == expected
    loads = Counter(cluster.loads.read_text().split())
    assert 1 <= len(loads) <= 2 and set(loads.values()) == {1}, loads
    assert len(list(tmp_path.glob("ray/out.*"))) / UNIT > 3, "four shares: more than actors"


def test_stopped_then_a_full_disk_then_a_node_without_power(cluster: Cluster, truth: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """One job, run until it is done: what stands is gone on from, and the end is as if nothing had happened."""
    made = job(tmp_path / "ray", "render", {"aligned": str(truth[0])}, "out.%04d.png")

    running = begun(made, cluster.address, cluster.folder)
    assert until(lambda: any(holds(number, Path(made.folder)) for number in cluster.hands()))
    running.send_signal(signal.SIGINT)
    status, said = ended(running)
    assert (status, said.strip()) == (130, "genlock: stopped")
    assert until(lambda: not cluster.hands(), 30), "actors are left on the cluster"
    assert not outputs(tmp_path / "ray")

    if available():
        cluster.full = True
        status, said = ended(begun(made, cluster.address, cluster.folder))
        cluster.full = False
        assert status == 1 and "No space left on device" in said and said.count("\n") == 1, said
        assert "(127.0.0.1)" in said, "the node is not named"
        assert not outputs(tmp_path / "ray")

    running = begun(made, cluster.address, cluster.folder)
    pause = Pause(cluster, made)
    assert until(pause.second_is_held)
    cluster.second.kill()
    pause.over()
    status, said = ended(running)
    assert status == 0, said
    assert outputs(tmp_path / "ray") == truth[1]
    assert "is gone, and another is asked for" in Path(made.log_path).read_text()
    assert sorted(os.listdir(made.folder)) == ["events.jsonl", "log.txt", "request.json", "result.json"]
