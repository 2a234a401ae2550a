"""Commands in cages, one after the other: everything is loaded once, and each command is a fork of that.

As a program it reads lines of JSON, {"root": FOLDER, "words": [...], "made": [...]}, and answers each with one: how it ended. The tests
of hostile files hold real commands to their promises that way, in some hundredths of a second each.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from genlock.bench.fuzz import cage, judge

WALL_S = 10.0
_COMMANDS = "align convert conform composite inpaint models render retime run stmap verify".split()
_ROOMS = (
    "core.align core.report.page core.inpaint.steps core.media.plates.stills core.render.session hosts.worker.run hosts.web.project_state "
    "otio_adapters.formats otio_adapters.conform core.media.ocio models.store models.safetensors"
).split()  # fmt: skip


def folders(root: Path) -> None:
    """What a command finds around it: inputs, outputs, a home, places for temporary files, cache and models."""
    for name in ("in", "out", "home", "tmp", "cwd", "cache", "models"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "keep.txt").write_text("nobody writes here")


def ready() -> None:
    """Leave the network, and load once what every command loads. Call before anything starts a thread."""
    if not cage.leave_the_network():
        print("the system gives no bare network: what C libraries try to reach is not seen here", file=sys.stderr)
    from genlock.hosts.worker.memory import keep_memory

    keep_memory()
    for name in (*(f"genlock.hosts.cli.{name}" for name in _COMMANDS), *(f"genlock.hosts.worker.{name}" for name in _COMMANDS if name != "run")):
        importlib.import_module(name)
    for name in (*(f"genlock.{name}" for name in _ROOMS), "genlock.bench.fuzz.hosts", "OpenImageIO", "opentimelineio", "cv2", "torch"):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def watched(words: list[str], root: Path, made: Sequence[str]) -> judge.End:
    """Run one command in its cage and wait for its end, not longer than WALL_S."""
    tries, has_kb, standing = cage.network_tries(), _resident_kb(), judge.outputs(root)
    began = time.monotonic()
    pid = os.fork()
    if not pid:
        try:
            cage.run(words, root, made, WALL_S)
        except BaseException as error:
            os.write(2, f"genlock: {type(error).__name__}: {error}\nTraceback\n".encode("utf-8", "replace"))
            os._exit(1)
    door = os.pidfd_open(pid)
    late = not select.select([door], [], [], WALL_S)[0]
    if late and (queue := os.getloadavg()[0] / (os.cpu_count() or 1)) > 1.5:  # others want the machine: processor time is limited all the same
        late = not select.select([door], [], [], 4 * queue * WALL_S)[0]
    if late:
        os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    os.close(door)
    grown_kb, wall_s = used.ru_maxrss - has_kb, time.monotonic() - began
    return judge.End(os.waitstatus_to_exitcode(status), late, grown_kb, wall_s, cage.network_tries() - tries, standing)


def _resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 10


def main() -> int:
    """Answer line by line, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    ready()
    for line in sys.stdin:
        asked = json.loads(line)
        root, made = Path(asked["root"]), tuple(asked["made"])
        before = judge.snapshot(root, made)
        end = watched(asked["words"], root, made)
        kind, why = judge.verdict(end, root, before, made)
        told = {"kind": kind, "why": why, "status": end.status, "wall_s": end.wall_s, "grown_mb": end.grown_kb >> 10}
        said = {name: (root / f"{name}.txt").read_text(errors="backslashreplace") for name in ("stdout", "stderr")}
        answers.write(json.dumps({**told, **said}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
