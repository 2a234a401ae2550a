"""The job "batch": a table of pairs in, each pair's outputs, a page and a summary out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ...core.errors import GenlockError, OutputError, UsageError, cannot_write
from ...core.threads import cores
from ...core.threads import told as threads_told
from ..worker.desk import Answer, Desk
from ..worker.documents import check_suffixes
from ..worker.inputs import roles
from ..worker.locks import hold
from ..worker.options import align_settings
from ..worker.outputs import File, check_places
from ..worker.shares import Share, span
from ..worker.units import told
from .page import to_html
from .pairs import read_pairs
from .pool import run_all
from .rows import Row, counts, row_of, sentence, to_csv
from .shelf import Shelf, answered, ended_before, failed, key_of, prepare, result_of, shelf_of

SUFFIXES = (".otio", ".html")
_PATIENCE_S = 1.5


def work(desk: Desk) -> Answer:
    """Align every pair of a table, `jobs` at a time, into a folder.

    Pairs that an earlier run answered are left as they are. Raises UsageError for a table or a request that is wrong,
    OutputError for a folder that cannot be written, Cancelled.
    """
    table, folder, most, whole = _laid_out(desk)
    _make(folder)
    check_places([os.path.join(folder, name) for name in ("index.html", "summary.csv")], [table, *_inputs(whole)])
    if desk.merge:
        _require_all(whole)
    shelves = whole if desk.share is None else whole[slice(*span(len(whole), desk.share))]
    results: dict[str, dict[str, Any]] = {}
    again: set[str] = set()
    to_run = _to_run(shelves, results, again, desk)
    if again and not desk.merge:
        desk.note(f"{len(again)} of {len(shelves)} pairs were done before and are left as they are")
    with _Held(results) as held:
        run_all(held.prepared(to_run), most, desk.progress.part(0.02, 0.96), held.ended, len(to_run))
    rows = [row_of(shelf, results[shelf.pair.name], shelf.pair.name in again) for shelf in shelves]
    return _answer(rows, folder, table, desk.share)


@dataclass(frozen=True)
class Pairs:
    """The pairs of a batch as its units."""

    shelves: list[Shelf]

    @property
    def units(self) -> int:
        return len(self.shelves)

    def missing(self, work: str) -> list[int]:
        """Those that nobody has answered yet. A pair that failed has its answer."""
        return [n for n, shelf in enumerate(self.shelves) if ended_before(shelf, key_of(shelf)) is None]


    def forget(self, work: str, first: int, end: int) -> None:
        """Nothing: each pair's job looks after its own files."""


def cut(desk: Desk) -> Pairs:
    """The pairs of the job as units. Raises as work() does for a wrong request."""
    return Pairs(_laid_out(desk)[-1])


def _laid_out(desk: Desk) -> tuple[str, str, int, list[Shelf]]:
    """The table, the folder, how many pairs run side by side, and where each lies."""
    (table,) = roles(desk.request, "pairs")
    folder, suffixes, most, common = _asked(desk)
    return table, folder, most, [shelf_of(pair, folder, suffixes) for pair in read_pairs(table, common)]


def _require_all(shelves: list[Shelf]) -> None:
    """Raises OutputError, naming the first, where pairs have no answer yet."""
    missing = Pairs(shelves).missing("")
    if missing:
        name = shelves[missing[0]].pair.name
        what = f"pair {told(missing)} of {len(shelves)} has" if len(missing) == 1 else f"pairs {told(missing)} of {len(shelves)} have"
        raise OutputError(
            f"{what} no answer yet, {name}{' first' if len(missing) > 1 else ''}",
            f"genlock run JOB --piece {missing[0] + 1}/{len(shelves)} makes {'it' if len(missing) == 1 else 'the first'}, genlock run JOB all of it",
        )


def _asked(desk: Desk) -> tuple[str, tuple[str, ...], int, dict[str, Any]]:
    """Folder, suffixes, processes, and the settings of all pairs."""
    if len(desk.request.outputs) != 1:
        raise UsageError("a batch writes into one folder", "name it with -o")
    settings = dict(desk.request.settings)
    suffixes, most = settings.pop("as", []), settings.pop("jobs", 0)
    if not isinstance(suffixes, list) or not all(isinstance(suffix, str) for suffix in suffixes):
        raise UsageError(f"as is {suffixes!r}", "write a list of suffixes")
    if not isinstance(most, int) or isinstance(most, bool) or not 0 <= most <= 1024:
        raise UsageError(f"jobs is {most!r}", "write how many pairs run side by side, 1 to 1024")
    dotted = tuple(dict.fromkeys(s if s.startswith(".") else f".{s}" for s in suffixes)) or SUFFIXES
    check_suffixes([f"pair{suffix}" for suffix in dotted])
    align_settings(settings)
    one = desk.share is not None and threads_told() is not None  # other shares have the other cores
    return desk.request.outputs[0], dotted, most or (1 if one else cores()), settings


def _make(folder: str) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise OutputError(f"{folder} is a file, and a batch writes into a folder", "name a folder with -o")
    try:
        os.makedirs(os.path.join(folder, "jobs"), exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _inputs(shelves: list[Shelf]) -> list[str]:
    return [path for shelf in shelves for path in (shelf.pair.clip, shelf.pair.ref)]


def _to_run(shelves: list[Shelf], results: dict[str, dict[str, Any]], again: set[str], desk: Desk) -> list[Shelf]:
    """The pairs that still have to be run; answers of an earlier run go into results."""
    out = []
    for n, shelf in enumerate(shelves):
        desk.progress.at(0.02 * n / len(shelves), "reading what is there")
        before = ended_before(shelf, key_of(shelf)) if desk.merge else answered(shelf, key_of(shelf))
        if before is None:
            out.append(shelf)
            continue
        results[shelf.pair.name] = before
        again.add(shelf.pair.name)
        _forget_lock(shelf.lock_path)
    return out


def _forget_lock(path: str) -> None:
    """Of a batch that was killed when it had just made the pair; nobody holds it."""
    lock = hold(path) if os.path.exists(path) else None
    if lock is not None:
        with suppress(OSError):
            os.unlink(path)
        lock.close()


class _Held:
    """Pairs under way, each locked: its folder is laid out anew, which no two processes may do at once."""

    def __init__(self, results: dict[str, dict[str, Any]]) -> None:
        self._results = results
        self._locks: dict[str, Any] = {}

    def __enter__(self) -> _Held:
        return self

    def __exit__(self, *error: object) -> None:
        for path in list(self._locks):
            self._let_go(path)

    def prepared(self, shelves: list[Shelf]) -> Iterator[Shelf]:
        """Each as it is about to be run; one that cannot be has its result at once."""
        for shelf in shelves:
            name = shelf.pair.name
            lock = _held(shelf.lock_path)
            if lock is None:
                self._results[name] = failed("another process makes this pair at the moment; run the batch again once it has ended", "job")
                continue
            self._locks[shelf.lock_path] = lock
            try:
                prepare(shelf, key_of(shelf))
            except GenlockError as error:
                self._results[name] = failed(str(error), error.code, error)
                self._let_go(shelf.lock_path)
                continue
            yield replace(shelf, lock=lock)

    def ended(self, shelf: Shelf) -> None:
        self._results[shelf.pair.name] = result_of(shelf)
        self._let_go(shelf.lock_path)

    def _let_go(self, path: str) -> None:
        if os.name == "nt":
            self._locks[path].close()
        with suppress(OSError):
            os.unlink(path)
        self._locks.pop(path).close()


def _held(path: str) -> Any:
    """The lock, waited for a moment: what is left of a batch that was killed ends within one."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        lock = hold(path)
        if lock is not None or time.monotonic() > until:
            return lock
        time.sleep(0.05)


def _answer(rows: list[Row], folder: str, table: str, share: Share | None) -> Answer:
    count = counts(rows)
    if share is not None:
        return Answer(f"share {share} stands: {sentence(rows)}", figures={"share": str(share), "pairs": len(rows), **count})
    status = 1 if count["failed"] else 3 if count["not the same footage"] else 0
    files = (
        File(os.path.join(folder, "index.html"), to_html(rows, table).encode("utf-8", "replace")),
        File(os.path.join(folder, "summary.csv"), to_csv(rows).encode("utf-8", "replace")),
    )
    lines = tuple(f"line {row.line}, {row.name}: {row.state}: {row.sentence}" for row in rows)
    figures = {"pairs": len(rows), **count, "rows": [row.to_json() for row in rows]}
    return Answer(sentence(rows), lines, figures, files, exit_status=status)
