"""A publish beside a host's own work. Standard library only, Python 3.9 syntax; pyblish is imported once the work begins.

A plug-in waits for genlock's process, and the window of a host must not. So pyblish runs in a thread, and everything that is heard of it
or touches the host waits for poll(), which the host calls from its timer: the function that puts the result into the host, too.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..jobs import JobError
from .problems import Problem

if TYPE_CHECKING:
    from .publish import Published, Row

_NAMES = {"nuke": "Nuke", "blender": "Blender", "resolve": "Resolve"}


@dataclass(frozen=True)
class Order:
    """What is to be published, and how."""

    host: str
    pair: Mapping[str, Any]
    """As context.data["genlock.pairs"] holds it."""
    worker: Callable[[], Sequence[str]]
    """Finds genlock, and says how it is called; may take its time, and raise JobError."""
    repair: bool = False
    only_check: bool = False
    modules: str = ""
    """A folder that this host's Python looks into: where a person would put pyblish. Empty: the one that holds genlock's own package."""


class Aside:
    """One publish. start() it, then poll() a few times a second from the host's own thread until it is `over`."""

    def __init__(self, order: Order, integrate: Callable[[dict[str, Any]], None], wake: Callable[[], None] = lambda: None) -> None:
        """integrate   puts a result into the host; called by poll(), may raise Problem, or anything
        wake        called in the other thread whenever poll() has something to do, for hosts without a timer
        """
        self.order = order
        self.over = False
        self.rows: list[Row] = []
        """Of each plug-in that has ended."""
        self.done, self.what = 0.0, "starting"
        """How far the plug-in is that runs now."""
        self.published: Published | None = None
        """How it went, once it is over; None where it never began."""
        self.failed = ""
        """Why it ended early; a line each where checks have failed."""
        self._integrate, self._wake = integrate, wake
        self._waiting: queue.Queue[Callable[[], None]] = queue.Queue()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._work, name=f"genlock publish in {self.order.host}", daemon=True).start()

    def poll(self) -> bool:
        """Hear what is new, and do what has to be done in this thread; True once it is over."""
        while not self.over:
            try:
                self._waiting.get_nowait()()
            except queue.Empty:
                break
        return self.over

    def stop(self, wait_s: float = 0.0) -> None:
        """End it at the next step, and the worker with it; what was not published by then is not.

        wait_s   how long to wait for that; a thread that a host's end cuts off leaves its worker alone
        """
        self._stopped.set()
        until = time.monotonic() + wait_s
        while time.monotonic() < until and not self.poll():
            time.sleep(0.02)

    @property
    def folders(self) -> list[str]:
        """Where versions were published."""
        instances = self.published.instances if self.published is not None else []
        return [str(data["published"]) for data in instances if data.get("published")]

    def _work(self) -> None:
        done: Published | None = None
        failed = ""
        try:
            _require_pyblish(self.order)
            from .publish import publish

            progress = _Progress(self)
            command, pairs = list(self.order.worker()), [dict(self.order.pair)]
            data = {"genlock.pairs": pairs, "genlock.command": command, "genlock.progress": progress, "genlock.integrate": self._hand_over}
            done = publish(data, self.order.host, self.order.repair, self.order.only_check, self._tell)
            failed = "stopped" if any(row.code == "cancelled" for row in done.failures) else "\n".join(row.said for row in done.failures)
        except (Problem, JobError) as problem:
            failed = str(problem)
        except Exception as error:
            failed = f"publishing has a fault: {type(error).__name__}: {error}; please report it"
        self._later(lambda: self._end(done, failed))

    def _end(self, done: Published | None, failed: str) -> None:
        self.published, self.failed, self.over = done, failed, True

    def _tell(self, row: Row) -> None:
        def heard() -> None:
            self.rows.append(row)
            self.done, self.what = 0.0, ""

        self._later(heard)

    def _hand_over(self, data: dict[str, Any]) -> None:
        """Have the host's own thread put the result in, and wait until it has; raises what it raises."""
        ended: queue.Queue[BaseException | None] = queue.Queue()

        def call() -> None:
            try:
                self._integrate(data)
            except BaseException as error:
                ended.put(error)
            else:
                ended.put(None)

        self._later(call)
        error = ended.get()
        if error is not None:
            raise error

    def _later(self, call: Callable[[], None]) -> None:
        self._waiting.put(call)
        self._wake()


class _Progress:
    """Heard by working.carry_out(), in the other thread."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside

    def __call__(self, done: float, what: str) -> None:
        aside = self._aside

        def heard() -> None:
            aside.done, aside.what = done, what

        aside._later(heard)

    def turn(self) -> None:
        if self._aside._stopped.is_set():
            raise Problem("publish", "was stopped", "publish again", "cancelled")


def _require_pyblish(order: Order) -> None:
    """Raises Problem with the command that brings it."""
    try:
        import pyblish.api  # noqa: F401
    except ImportError as error:
        home = order.modules or os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))
        name = _NAMES.get(order.host, order.host)
        mend = f'get it with: python -m pip install --target "{home}" pyblish-base, and start {name} again'
        raise Problem("pyblish", f"is not in the Python of {name} ({error})", mend) from error


def lines(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """What a panel shows of the plug-ins that have ended, as (state, text): each failure with which, why and what to do; then the rest."""
    wrong = [row for row in rows if row.state == "failed" and row.code != "cancelled"]
    failed = [("failed", f"{row.label}: {line}") for row in wrong for line in row.said.splitlines()]
    mended = [("repaired", f"{row.label}: repaired") for row in rows if row.state == "repaired"]
    well = ", ".join(row.label for row in rows if row.state == "ok" and row.stage == "validate")
    return [*failed, *mended, *([("ok", f"well: {well}")] if well else [])]
