"""One case, in a process of its own: little memory, little time, small files, no network, no programs, and a record of what it reached for.

Linux alone. The child runs the very function behind the command `genlock`, on descriptors of its own.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

MEMORY = 2500 << 20
"""Address space over what the parent has."""
FILE = 256 << 20
CPU_S = 10
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty", "os.spawn", "pty.spawn")
_NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
_CHANGES = dict.fromkeys(("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime"), 1)
_CHANGES |= dict.fromkeys(("os.rename", "os.link", "os.symlink"), 2)
"""How many of the first arguments are paths that are changed."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEW_NET, _NEW_USER = 0x40000000, 0x10000000


def leave_the_network() -> bool:
    """Put this process where no network is; False where the system does not let it. Call before anything starts threads."""
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(_NEW_NET) == 0 or libc.unshare(_NEW_USER | _NEW_NET) == 0


def network_tries() -> int:
    """How often anything here has tried to reach out, C libraries included: what the kernel of a bare network counts."""
    told = Path("/proc/self/net/snmp").read_text().splitlines()
    count = 0
    for names, values in zip(told[::2], told[1::2], strict=True):
        row = dict(zip(names.split()[1:], map(int, values.split()[1:]), strict=True))
        count += sum(row.get(name, 0) for name in ("ActiveOpens", "OutDatagrams", "OutNoRoutes", "OutRequests"))
    return count


def run(words: Sequence[str], root: Path, made: Sequence[str], wall_s: float) -> NoReturn:
    """Be the command: words of its line, in the folder of the case. Ends the process with its exit status."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        handle = os.open(root / f"{name}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    os.dup2(os.pipe()[0], 0)  # a terminal at which nobody types
    sys.stdout = open(1, "w", closefd=False, encoding="utf-8")
    sys.stderr = open(2, "w", closefd=False, encoding="utf-8")
    stacks = open(root / "stacks.txt", "w")
    faulthandler.dump_traceback_later(wall_s * 0.9, file=stacks)
    faulthandler.enable(stacks)
    faulthandler.register(signal.SIGXCPU, stacks, chain=True)
    os.chdir(root / "cwd")
    tempfile.tempdir = None
    os.environ.update(HOME=str(root / "home"), TMPDIR=str(root / "tmp"), GENLOCK_CACHE=str(root / "cache"), GENLOCK_MODELS=str(root / "models"))
    os.environ.update(XDG_CACHE_HOME=str(root / "home/.cache"), XDG_DATA_HOME=str(root / "home/.local"), OCIO=str(root / "in/config.ocio"))
    if not (root / "in/config.ocio").exists():
        del os.environ["OCIO"]
    _limit()
    sys.addaudithook(_Hook(root, made))
    status = _main(list(words))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def _main(words: list[str]) -> int:
    if words[0] == "host":
        from .hosts import main as host

        return host(words[1])
    from genlock.hosts.cli import main

    return main(words)


def _limit() -> None:
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, most in ((resource.RLIMIT_AS, has + MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def _within(full: str, place: str) -> bool:
    """Whether a path is a place, lies in it, or stands beside it, hidden and marked, on its way to become it (core/leftovers.py)."""
    folder, name = os.path.split(place)
    beside = full.startswith(os.path.join(folder, f".{name}.")) and full[len(folder) + 1 :].split(os.sep)[0].endswith(".part")
    return full == place or full.startswith(place + os.sep) or beside


class _Hook:
    """Python's audit events: programs and network are refused and told, writing outside of the named folders is told."""

    def __init__(self, root: Path, made: Sequence[str]) -> None:
        self.told = os.open(root / "reached.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.allowed = tuple(f"{root / name}" for name in (*made, "tmp", "stacks.txt"))

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & _WRITES):
                self._path(event, path, -1)
        elif event in _CHANGES:
            for path in args[: _CHANGES[event]]:
                self._path(event, path, next((arg for arg in args[1:] if isinstance(arg, int) and arg > 2), -1))
        elif event.startswith(_PROGRAMS) or event in _NETWORK:
            self._tell(f"{event} {args!r:.200}")
            raise PermissionError(f"{event} in the cage")

    def _path(self, event: str, path: Any, folder: int) -> None:
        if isinstance(path, int) or path is None:
            return
        if not isinstance(path, str | bytes):
            path = os.fspath(path)
        name = os.fsdecode(path)
        if not name:
            return
        if folder >= 0 and not os.path.isabs(name):
            name = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name)
        full = os.path.abspath(name)
        if full != os.devnull and not any(_within(full, one) for one in self.allowed):
            self._tell(f"{event} {full!r:.300}")

    def _tell(self, text: str) -> None:
        os.write(self.told, text.encode("utf-8", "backslashreplace") + b"\n")
