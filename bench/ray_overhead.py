"""How much longer a job takes on Ray than in the local pool, with as many workers, on this machine.

    python bench/ray_overhead.py                    a render of 3000 pictures at 640x360, two workers, three times in turns
    python bench/ray_overhead.py --frames 600 --times 1

The cluster stands before the job begins, as a farm's does; what starting it takes is told apart. The parts of a run are read off the job's
events. CPU seconds are those of all processes, Ray's own too; they say more than the wall where other work goes on beside.
The floor is a ratio of 1.1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from genlock.bench.cost import film
from genlock.bench.tools import START
from genlock.hosts import jobs
from genlock.tests.hosts.ray.clusters import TOKEN, Node, below, short_folder

SIZE = (640, 360)
WORKERS = 2
_CALLS = 200
_PARTS = {"joining the cluster": "join", "making pictures": "make", "finishing": "merge", "writing": "merge"}


@contextmanager
def cluster(cpus: int) -> Iterator[tuple[str, int, float]]:
    """A cluster of one node on loopback: its address, the process that leads it, the seconds it took to stand."""
    os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=TOKEN)
    with short_folder() as folder:
        began = time.perf_counter()
        node = Node(folder, cpus, GENLOCK_CACHE=os.environ["GENLOCK_CACHE"]).wait()
        try:
            yield node.address, node.process.pid, time.perf_counter() - began
        finally:
            node.end()


class Meter:
    """Processor time of some processes and all that they start, looked at often: what has ended in between is counted up to the last look."""

    def __init__(self, *roots: int) -> None:
        self._roots, self._found = roots, dict[int, float]()
        self.look()
        self._before = sum(self._found.values())

    def look(self) -> None:
        for number in {each for root in self._roots for each in (root, *below(root))}:
            with suppress(OSError, ValueError, IndexError):
                words = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
                self._found[number] = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def seconds(self) -> float:
        return sum(self._found.values()) - self._before


def one_run(folder: Path, aligned: Path, words: Sequence[str], head: int = 0) -> dict[str, float]:
    """Seconds of one run of the job, as a whole and by its parts, and of all processors; head: the process whose cluster it uses."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    job = jobs.Job.create(str(folder / "job"), jobs.Request("render", {"aligned": str(aligned)}, (str(folder / "out.mov"),), {}))
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", START, "run", job.folder, "--quiet", *words])
    marks: dict[str, float] = {}
    tail, meter = jobs.Tail(job.events_path), Meter(process.pid, *([head] if head else []))
    while process.poll() is None:
        for message in tail.read():
            if isinstance(message, jobs.Progress) and message.what in _PARTS and (message.done > 0 or message.what != "making pictures"):
                marks.setdefault(_PARTS[message.what], time.perf_counter() - began)
        meter.look()
        time.sleep(0.05)
    wall = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"genlock run {' '.join(words)} ended with status {process.returncode}")
    make, merge = marks.get("make", 0.0), marks.get("merge", wall)
    taken = {"wall": wall, "to the first picture": make, "pictures": merge - make, "joining them": wall - merge}
    return {**taken, "CPU, all processes": meter.seconds}


def dispatch_s() -> float:
    """Seconds from a question to an actor to its answer, on a cluster of this process's own."""
    from genlock.hosts.ray import hand
    from genlock.hosts.ray.address import parse
    from genlock.hosts.ray.cluster import joined

    with joined(parse("local"), 1) as (ray, _):
        ray.cloudpickle.register_pickle_by_value(hand)
        actor: Any = ray.remote(hand.Hand).remote(1, False)
        ray.get(actor.beat.remote())
        began = time.perf_counter()
        for _ in range(_CALLS):
            ray.get(actor.beat.remote())
        return (time.perf_counter() - began) / _CALLS


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="genlock-ray-bench-") as name:
        folder = Path(name)
        os.environ["GENLOCK_CACHE"] = str(folder / "cache")
        for side, crf in (("ref", 21), ("clip", 28)):
            film(folder / f"{side}.mp4", SIZE, args.frames, "libx264", crf=crf)
        aligned = folder / "a.json"
        subprocess.run([sys.executable, "-c", START, "align", folder / "clip.mp4", folder / "ref.mp4", "-o", aligned, "--quiet"], check=True)
        with cluster(WORKERS) as (address, head, stood_s):
            print(f"a cluster of {WORKERS} CPUs stands after {stood_s:.1f} s, which is no part of what follows")
            runs: dict[str, list[dict[str, float]]] = {"pool": [], "ray": []}
            for _ in range(args.times):
                runs["pool"].append(one_run(folder / "pool", aligned, ["--workers", str(WORKERS)]))
                runs["ray"].append(one_run(folder / "ray", aligned, ["--on", address, "--workers", str(WORKERS)], head))
                same = (folder / "pool" / "out.mov").read_bytes() == (folder / "ray" / "out.mov").read_bytes()
                print("the same bits" if same else "NOT the same bits", flush=True)
    middle = {way: {part: statistics.median(run[part] for run in of) for part in of[0]} for way, of in runs.items()}
    print(f"\n{'s':22} {'pool':>8} {'Ray':>8} {'Ray/pool':>9}")
    for part in middle["pool"]:
        pool, ray = middle["pool"][part], middle["ray"][part]
        print(f"{part:22} {pool:8.2f} {ray:8.2f} {ray / pool if pool else float('nan'):9.2f}")
    print(f"{'a share, there and back':22} {'':8} {dispatch_s():8.4f}")
    return 0 if middle["ray"]["wall"] <= 1.1 * middle["pool"]["wall"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
