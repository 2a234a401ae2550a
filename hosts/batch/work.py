"""The job "batch": a table of pairs in, each pair's outputs, a page and a summary out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ...core.errors import GenlockError, OutputError, UsageError, cannot_write
from ..worker.desk import Answer, Desk
from ..worker.documents import check_suffixes
from ..worker.inputs import roles
from ..worker.options import align_settings
from ..worker.outputs import File, check_places
from .page import to_html
from .pairs import Pair, read_pairs
from .pool import cores, run_all
from .rows import Row, counts, row_of, sentence, to_csv
from .shelf import Shelf, answered, failed, key_of, prepare, result_of, shelf_of

SUFFIXES = (".otio", ".html")


def work(desk: Desk) -> Answer:
    """Align every pair of a table, `jobs` at a time, into a folder.

    Pairs that an earlier run answered are left as they are. Raises UsageError for a table or a request that is wrong,
    OutputError for a folder that cannot be written, Cancelled.
    """
    (table,) = roles(desk.request, "pairs")
    folder, suffixes, most, common = _asked(desk)
    pairs = read_pairs(table, common)
    _make(folder)
    check_places([os.path.join(folder, name) for name in ("index.html", "summary.csv")], [table, *_inputs(pairs)])
    shelves = [shelf_of(pair, folder, suffixes) for pair in pairs]
    results: dict[str, dict[str, Any]] = {}
    again: set[str] = set()
    open_shelves = list(_open(shelves, results, again, desk))
    if again:
        desk.note(f"{len(again)} of {len(shelves)} pairs were done before and are left as they are")

    def ended(shelf: Shelf) -> None:
        results[shelf.pair.name] = result_of(shelf)

    run_all(open_shelves, most, desk.progress.part(0.02, 0.96), ended, len(open_shelves))
    rows = [row_of(shelf, results[shelf.pair.name], shelf.pair.name in again) for shelf in shelves]
    return _answer(rows, folder, table)


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
    return desk.request.outputs[0], dotted, most or cores(), settings


def _make(folder: str) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise OutputError(f"{folder} is a file, and a batch writes into a folder", "name a folder with -o")
    try:
        os.makedirs(os.path.join(folder, "jobs"), exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _inputs(pairs: tuple[Pair, ...]) -> list[str]:
    return [path for pair in pairs for path in (pair.clip, pair.ref)]


def _open(shelves: list[Shelf], results: dict[str, dict[str, Any]], again: set[str], desk: Desk) -> Iterator[Shelf]:
    """The pairs that still have to be run, laid out; answers of an earlier run go into results."""
    for n, shelf in enumerate(shelves):
        desk.progress.at(0.02 * n / len(shelves), "reading what is there")
        key = key_of(shelf)
        before = answered(shelf, key)
        if before is not None:
            results[shelf.pair.name] = before
            again.add(shelf.pair.name)
            continue
        try:
            prepare(shelf, key)
        except GenlockError as error:
            results[shelf.pair.name] = failed(str(error), error.code, error)
            continue
        yield shelf


def _answer(rows: list[Row], folder: str, table: str) -> Answer:
    count = counts(rows)
    status = 1 if count["failed"] else 3 if count["not the same footage"] else 0
    files = (
        File(os.path.join(folder, "index.html"), to_html(rows, table).encode("utf-8", "replace")),
        File(os.path.join(folder, "summary.csv"), to_csv(rows).encode("utf-8", "replace")),
    )
    lines = tuple(f"line {row.line}, {row.name}: {row.state}: {row.sentence}" for row in rows)
    figures = {"pairs": len(rows), **count, "rows": [row.to_json() for row in rows]}
    return Answer(sentence(rows), lines, figures, files, exit_status=status)
