"""How much memory is free, for this process and whatever it starts: what the system says, and what a container's limit leaves."""

from __future__ import annotations

import os
from collections.abc import Iterator

_NONE = 1 << 60
"""A limit of this size is none: that is how the first version of cgroups writes it."""


def free_bytes(proc: str = "/proc", groups: str = "/sys/fs/cgroup") -> int | None:
    """Bytes that can be used before the system has to swap or kill; None where it does not tell.

    proc, groups  where Linux tells it; another place for tests
    """
    found = [left for left in (_of_system(proc), *_of_groups(proc, groups)) if left is not None]
    return min(found) if found else None


def _of_system(proc: str) -> int | None:
    text = _read(os.path.join(proc, "meminfo"))
    for line in text.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if proc == "/proc" else None
    except (AttributeError, ValueError, OSError):
        return None


def _of_groups(proc: str, groups: str) -> Iterator[int | None]:
    """What the limit of each group leaves that this process is in, from its own up. What is only cached counts as free."""
    for line in _read(os.path.join(proc, "self", "cgroup")).splitlines():
        _, kinds, path = line.split(":", 2)
        second = kinds == ""
        if not second and "memory" not in kinds.split(","):
            continue
        root = groups if second else os.path.join(groups, "memory")
        names = ("memory.max", "memory.current", "inactive_file") if second else (
            "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
        )  # fmt: skip
        parts = [part for part in path.split("/") if part and part != ".."]
        for count in range(len(parts), -1, -1):
            yield _left(os.path.join(root, *parts[:count]), *names)


def _left(folder: str, limit_name: str, used_name: str, cached_name: str) -> int | None:
    limit, used = (_read(os.path.join(folder, name)).strip() for name in (limit_name, used_name))
    if not limit.isdigit() or not used.isdigit() or int(limit) >= _NONE:
        return None
    cached = 0
    for line in _read(os.path.join(folder, "memory.stat")).splitlines():
        name, _, value = line.partition(" ")
        if name == cached_name and value.isdigit():
            cached = int(value)
    return max(0, int(limit) - int(used) + cached)


def _read(path: str) -> str:
    """A small file of the system; "" where it is not there."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
