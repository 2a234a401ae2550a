"""Run a command; write how long it took and how much memory it held at most, as JSON.

    python measure.py --to FILE COMMAND [ARGUMENT ...]

wall_s, cpu_s (user and system), peak_mb (largest resident set of the command's process, in units of 1e6 bytes), exit.
The exit status is the command's. Standard library only: a child begins with its parent's memory counted as its
own, so the parent has to be small.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def measured(command: list[str]) -> dict[str, float]:
    """Run a command to its end."""
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "wall_s": round(time.perf_counter() - began, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_mb": round(usage.ru_maxrss * unit / 1e6, 1),
        "exit": os.waitstatus_to_exitcode(status),
    }


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[0] != "--to":
        print(__doc__, file=sys.stderr)
        return 2
    found = measured(arguments[2:])
    Path(arguments[1]).write_text(json.dumps(found), encoding="utf-8")
    return int(found["exit"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
