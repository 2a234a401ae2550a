"""Which process is which, and whether it is still there."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress


def alive(pid: int) -> bool:
    """Whether a process of this number is there; one that has ended and that its parent has not asked about yet is not."""
    if os.name == "nt":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return _stat(pid)[:1] not in ([b"Z"], [b"X"])


def _alive_on_windows(pid: int) -> bool:
    """os.kill would end the process there."""
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (not known to type checkers on other systems)
    handle = kernel.OpenProcess(0x1000, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return not known or code.value == 259


def began(pid: int) -> str:
    """When a process began, in the system's own count: a number is given to another process after a while. "" where that is not told."""
    fields = _stat(pid)
    return fields[19].decode() if len(fields) > 19 else ""


def ticks(pid: int) -> int | None:
    """Processor time that a process has used, in the system's own count; None where that is not told."""
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if len(fields) > 12 else None


def peak_bytes() -> int:
    """The most memory that this process has taken; 0 where the system does not tell.

    getrusage() alone would count what the process held that this one was started from, on Linux.
    """
    with suppress(OSError), open("/proc/self/status", encoding="ascii", errors="replace") as file:
        found = re.search(r"^VmHWM:\s*(\d+) kB", file.read(), re.MULTILINE)
        if found:
            return int(found[1]) << 10
    if os.name == "nt":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _stat(pid: int) -> list[bytes]:
    """What Linux tells of a process, from its state on."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
