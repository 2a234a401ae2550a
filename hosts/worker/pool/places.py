"""Where workers work: how many cores, and which GPU, each of them is told to use."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from ....core import threads

_GPUS = "CUDA_VISIBLE_DEVICES"
_ASK_S = 10


@dataclass(frozen=True)
class Place:
    """What one worker may use."""

    threads: int
    gpu: str = ""
    """As CUDA counts or names them; "" where none is kept for it alone."""

    def environment(self) -> dict[str, str]:
        """Variables that tell it."""
        return {threads.NAME: str(self.threads), **({_GPUS: self.gpu} if self.gpu else {})}


def places(workers: int, gpus: Sequence[str] = ()) -> tuple[Place, ...]:
    """For so many workers: the threads that this process may have are shared out, the GPUs go round."""
    each, more = divmod(max(threads.limit(), workers), workers)
    return tuple(Place(each + (n < more), gpus[n % len(gpus)] if gpus else "") for n in range(workers))


def gpus() -> tuple[str, ...]:
    """The GPUs of this machine that CUDA may use, without loading it: one word each."""
    said = os.environ.get(_GPUS)
    if said is not None:
        words = [word.strip() for word in said.split(",")]
        return tuple(words[: words.index("-1")] if "-1" in words else filter(None, words))
    try:
        return tuple(str(n) for n in range(len(os.listdir("/proc/driver/nvidia/gpus"))))
    except OSError:
        return _asked()


def _asked() -> tuple[str, ...]:
    """Where the system has no list of its own: as NVIDIA's tool counts."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        told = subprocess.run([tool, "-L"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ASK_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(str(n) for n, _ in enumerate(line for line in told.splitlines() if line.startswith("GPU ")))
