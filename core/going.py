"""How far an alignment is, by the time that its parts take: reading may be a tenth of it or nearly all, and nobody knows beforehand.

While files are read, what is left of reading follows from how fast it goes, and what comes after it from how many frames there are: a
figure measured once for a usual machine, times how long others keep us from this one's cores. So done = elapsed / (reading in all + what comes
after), which is what makes "time left = elapsed * (1 - done) / done" right. It never goes back.
"""

from __future__ import annotations

import glob
import time
from collections.abc import Callable, Sequence

from . import threads

AFTER_S = 1e-4
"""Seconds that solving takes for a frame of either file, measured on pairs of 10 to 120 minutes."""
PIXEL_S, BYTE_S, FRAME_S = 0.8e-9, 24e-9, 1e-4
"""What reading costs about for a pixel, a byte of the file, and a frame: of two files, by how much one is the slower."""
LEAST_S = 0.5
MOST_HELD_UP = 20.0
_LOOK_S = 1.0
"""Seconds between looks at how much we are held up."""


class Going:
    """Where the reading of some files stands.

    sizes  (frames, pixels a frame, bytes) of each, as far as is known
    """

    def __init__(
        self, sizes: Sequence[tuple[int, int, int]], clock: Callable[[], float] = time.monotonic, held_up: Callable[[], float] | None = None
    ) -> None:
        self._clock, self._held_up = clock, held_up or held_up_from_now()
        self._began = self._looked = clock()
        self._longer = 1.0
        self._frames = sum(frames for frames, _, _ in sizes)
        self._weight = [max(1, frames) * (pixels * PIXEL_S + FRAME_S) + size * BYTE_S for frames, pixels, size in sizes]
        self._from: list[float | None] = [None for _ in sizes]
        """Where each began: 0, or what an earlier run had read."""
        self._done = [0.0 for _ in sizes]
        self._most = 0.0

    def read(self, which: int, done: float) -> None:
        """How much of one file has been read. Said first where it begins; of one that was found read already, only finished() is said."""
        if self._from[which] is None:
            self._from[which] = done
        self._done[which] = done

    def finished(self, which: int) -> None:
        """One file is read."""
        self._from[which] = 1.0 if self._from[which] is None else self._from[which]
        self._done[which] = 1.0

    def now(self) -> float:
        """0 to 1: how much of the whole alignment is done."""
        elapsed = self._clock() - self._began
        share = self._share()
        if share > 0 and elapsed > 0:
            self._most = max(self._most, 1 / (1 / share + self._after_s(elapsed) / elapsed))
        return self._most

    def words(self, names: Sequence[str]) -> str:
        """What is being done."""
        left = [name for name, done in zip(names, self._done, strict=True) if done < 1]
        kept = max((start for start in self._from if start is not None and start < 1), default=0.0)
        what = f"reading the {left[0]}" if len(left) == 1 < len(names) else "reading"
        return f"{what}, of which {kept:.0%} was read before" if kept else what

    def _share(self) -> float:
        """Of what has to be read, how much is; 1 where nothing has to be."""
        begun = [0.0 if start is None else start for start in self._from]
        due = sum(weight * (1 - start) for weight, start in zip(self._weight, begun, strict=True))
        had = sum(weight * (done - start) for weight, done, start in zip(self._weight, self._done, begun, strict=True))
        return min(1.0, had / due) if due > 0 else 1.0

    def _after_s(self, elapsed: float) -> float:
        """Seconds that come after reading. Where other programs keep us from the cores now, they will then; a slow disk will not."""
        if self._began + elapsed >= self._looked + _LOOK_S:
            self._looked, self._longer = self._began + elapsed, min(MOST_HELD_UP, max(1.0, self._held_up()))
        return (LEAST_S + AFTER_S * self._frames) * self._longer


def held_up_from_now() -> Callable[[], float]:
    """Tells how many times longer this process takes from now on because others have the cores.

    The lesser of two figures, for neither is enough: threads wait for a core behind one another as well, and cores stand idle for a
    slow disk too. 1 where the system does not tell how long threads waited (all but Linux).
    """
    began_s, used_s, cores = time.monotonic(), time.process_time(), min(2, threads.cores())

    def now() -> float:
        used = time.process_time() - used_s
        return max(1.0, min(_queued(), cores * (time.monotonic() - began_s) / max(used, 1e-3)))

    return now


def _queued() -> float:
    """Time that this process's threads ran or waited for a core, over the time that they ran."""
    ran = waited = 0
    for path in glob.glob("/proc/self/task/*/schedstat"):
        try:
            with open(path, encoding="ascii") as file:
                numbers = file.read().split()
            ran, waited = ran + int(numbers[0]), waited + int(numbers[1])
        except (OSError, ValueError, IndexError):
            continue
    return (ran + waited) / ran if ran else 1.0
