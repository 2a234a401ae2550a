"""Faults put into a program from outside, at a chosen system call: it fails with an errno, or the program is killed before it happens.

The program is not changed and not preloaded with anything: FFmpeg's reads fail as Python's do. The kernel stops the program at the calls
that are named and asks us (seccomp's user notification, Linux 5.5; no privileges are needed). Children are asked for too.
docs: man 2 seccomp_unotify.
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

_MACHINES = {"x86_64": 0, "aarch64": 1}
_AUDIT = (0xC000003E, 0xC00000B7)
_NUMBERS = {
    "read": (0, 63), "pread64": (17, 67), "readv": (19, 65), "write": (1, 64), "pwrite64": (18, 68), "writev": (20, 66), "openat": (257, 56),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "unlink": (87, None),
    "unlinkat": (263, 35), "rmdir": (84, None), "mkdir": (83, None), "mkdirat": (258, 34), "fsync": (74, 82), "ftruncate": (77, 46),
    "sendfile": (40, 71), "copy_file_range": (326, 285), "seccomp": (317, 277),
}  # fmt: skip
_BY_FD = {"read", "pread64", "readv", "write", "pwrite64", "writev", "fsync", "ftruncate", "sendfile", "copy_file_range"}
_AT = {"openat", "renameat", "renameat2", "linkat", "unlinkat", "mkdirat"}
"""Their first path is the second argument."""
CHANGES = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "fsync", "ftruncate", "write")
"""Calls around which a file is half there."""
READS = ("read", "pread64", "readv")
WRITES = ("write", "pwrite64", "writev", "sendfile", "copy_file_range")
_RECV, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1


@dataclass(frozen=True)
class Call:
    """A system call that is about to happen."""

    name: str
    path: str
    """The file it is about: of an open one, by its descriptor; of two, the first."""
    process: int
    """Of the thread that calls."""


Judge = Callable[[Call], "int | None"]
"""What becomes of a call: None lets it happen, a number is the errno that it fails with. It may kill, too."""


def number_of(name: str) -> int | None:
    """Of a call on this machine; None where it has none."""
    return _NUMBERS[name][_MACHINES[platform.machine()]]


def available() -> bool:
    """Whether this system lets a program be watched so."""
    global _available
    if _available is None:
        _available = sys.platform == "linux" and platform.machine() in _MACHINES and _tried()
    return _available


_available: bool | None = None


def _tried() -> bool:
    try:
        with Watched([sys.executable, "-I", "-S", "-c", "import os; os.mkdir('/')"], ("mkdir", "mkdirat"), lambda call: 5) as watched:
            return b"Errno 5" in watched.process.communicate(timeout=20)[1]
    except (OSError, subprocess.SubprocessError):
        return False


@dataclass
class Watched:
    """A program under watch, begun at once. As a context manager: at its end the program is over."""

    command: Sequence[str]
    calls: Sequence[str]
    judge: Judge
    env: dict[str, str] | None = None
    cwd: str | None = None
    within: str = ""
    """Only calls about files below this folder are judged."""
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        words = [sys.executable, "-I", "-S", __file__, str(theirs.fileno()), ",".join(self.calls), *self.command]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(words, env=self.env, cwd=self.cwd, pass_fds=(theirs.fileno(),), start_new_session=True, **pipes)
        theirs.close()
        with ours:
            ours.settimeout(20)
            _, got, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
        if not got:
            self.process.communicate()
            raise OSError("this system does not let a program be watched")
        self._listener = array.array("i", got[0][2][:4])[0]
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.process.communicate()
        self._thread.join(20)
        os.close(self._listener)

    def kill(self) -> None:
        """The program and its children, hard."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _answer(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        while True:
            found = poll.poll(1000)
            if found and found[0][1] & select.POLLHUP and not found[0][1] & select.POLLIN:
                return
            if not found:
                continue
            asked = bytearray(80)
            try:
                fcntl.ioctl(self._listener, _RECV, asked)
            except OSError:  # whoever called is gone
                continue
            number, thread = struct.unpack_from("=QI", asked)
            with suppress(OSError):
                verdict = self._judged(thread, struct.unpack_from("=i4xQ6Q", asked, 16))
                answer = struct.pack("=QqiI", number, 0, -verdict if verdict else 0, 0 if verdict else _CONTINUE)
                fcntl.ioctl(self._listener, _SEND, bytearray(answer))

    def _judged(self, thread: int, data: tuple[int, ...]) -> int | None:
        name = next(name for name in self.calls if number_of(name) == data[0])
        path = self._path(name, thread, data[2:])
        if self.within and not path.startswith(self.within):
            return None
        return self.judge(Call(name, path, thread))

    def _path(self, name: str, thread: int, args: tuple[int, ...]) -> str:
        try:
            if name in _BY_FD:
                return os.readlink(f"/proc/{thread}/fd/{args[0]}")
            with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
                memory.seek(args[1 if name in _AT else 0])
                text = os.fsdecode(memory.read(4096).split(b"\0")[0])
            return os.path.join(os.readlink(f"/proc/{thread}/cwd"), text)
        except OSError:
            return ""


def _watch_me(calls: Sequence[int]) -> int:
    """Have the kernel ask for these calls from now on; returns the descriptor on which it asks."""
    machine = _MACHINES[platform.machine()]
    steps = [(0x20, 0, 0, 4), (0x15, 0, len(calls) + 1, _AUDIT[machine]), (0x20, 0, 0, 0)]
    steps += [(0x15, len(calls) - n, 0, number) for n, number in enumerate(calls)]
    steps += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x7FC00000)]
    body = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(steps), ctypes.addressof(body))
    if libc.prctl(38, 1, 0, 0, 0):
        return -1
    return int(libc.syscall(_NUMBERS["seccomp"][machine], 1, 8, ctypes.byref(program)))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as out:
        numbers = [number for number in map(number_of, sys.argv[2].split(",")) if number is not None]
        listener = _watch_me(numbers)
        if listener < 0:
            sys.exit(1)
        out.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
        os.close(listener)
    os.execvp(sys.argv[3], sys.argv[3:])
