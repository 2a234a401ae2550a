"""Frames in any order out of one file, with bounded memory: what repeats is held, what runs backwards is read in windows."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, tee
from typing import Generic, TypeVar

from ..media.plates import Plate, Plates

_T = TypeVar("_T")
RECENT = 3
"""Frames shown last that are held: a film on twos, a pulldown, a frame that comes back."""
WINDOW_BYTES = 192 << 20
"""Of the frames that are held to be shown backwards."""
WINDOW = (2, 48)
"""Frames: more than a few seeks' worth helps nobody."""


@dataclass(frozen=True)
class Leg:
    """Frames that are read in file order and shown in another one."""

    read: tuple[int, ...]
    """To be decoded, ascending; what is held already is not named."""
    show: tuple[int, ...]
    gone: tuple[int, ...]
    """Let go of afterwards."""


def in_order(plates: Plates, numbers: Iterable[int], window: int = 0) -> Generator[Plate, None, None]:
    """One plate for each number, in the order given, repeats and steps back allowed.

    window   frames held at once where the order runs backwards; 0: as many as fit into WINDOW_BYTES
    Raises what Plates.at() raises.
    """
    reading, showing = tee(legs(numbers, window or window_for(plates)))
    decoded = plates.at(chain.from_iterable(leg.read for leg in reading))
    held: dict[int, Plate] = {}
    for leg in showing:
        for number in leg.read:
            held[number] = next(decoded)
        for number in leg.show:
            yield held[number]
        for number in leg.gone:
            del held[number]


def window_for(plates: Plates) -> int:
    """How many frames may be held to be shown backwards."""
    info = plates.info
    frame_bytes = info.width * info.height * 3 * (info.bits + 7) // 8
    return min(max(WINDOW_BYTES // max(1, frame_bytes), WINDOW[0]), WINDOW[1])


def legs(numbers: Iterable[int], window: int) -> Iterator[Leg]:
    """The order as legs: one frame each where it runs forwards, up to `window` frames where it runs backwards."""
    recent: OrderedDict[int, None] = OrderedDict()
    for show in _backwards(numbers, window):
        read = tuple(sorted(set(show) - recent.keys()))
        for number in show:
            recent[number] = None
            recent.move_to_end(number)
        gone = tuple(recent.popitem(last=False)[0] for _ in range(len(recent) - RECENT))
        yield Leg(read, show, gone)


def _backwards(numbers: Iterable[int], window: int) -> Iterator[tuple[int, ...]]:
    """The order cut into stretches that do not rise, short ones: of a rising order, one number each."""
    run: list[int] = []
    for number in numbers:
        falls = run and number <= run[-1] and run[-1] - number <= window and run[0] - number < 4 * window
        if run and not (falls and len(set(run)) < window):
            yield tuple(run)
            run = []
        run.append(number)
        if len(run) >= 4 * window:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


class Ahead(Generic[_T]):
    """Runs an iterator in a thread of its own, a few items ahead. Whoever opens it closes it; that waits for the thread."""

    def __init__(self, items: Iterator[_T], depth: int = 3) -> None:
        self._items = items
        self._out: queue.Queue[tuple[str, object]] = queue.Queue(depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __iter__(self) -> Ahead[_T]:
        return self

    def __next__(self) -> _T:
        what, item = self._out.get()
        if what == "item":
            return item  # type: ignore[return-value]
        self._out.put((what, item))
        raise StopIteration if what == "end" else item  # type: ignore[misc]

    def close(self) -> None:
        """Let the thread end after the item it is at."""
        self._stop.set()
        while self._thread.is_alive():
            with suppress(queue.Empty):
                self._out.get_nowait()
            self._thread.join(0.02)

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._give("item", item):
                    break
            self._give("end", None)
        except BaseException as error:
            self._give("error", error)

    def _give(self, what: str, item: object) -> bool:
        while not self._stop.is_set():
            try:
                self._out.put((what, item), timeout=0.05)
                return True
            except queue.Full:
                continue
        return False
