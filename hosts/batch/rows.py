"""How each pair went: a row for the page, the table and programs."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .shelf import Shelf

STATES = ("done", "not the same footage", "failed")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are wide forms, which Excel takes too where its language has them."""


@dataclass(frozen=True)
class Row:
    """One pair."""

    line: int
    name: str
    clip: str
    ref: str
    state: str
    """One of STATES."""
    sentence: str
    ref_frames: int | None
    matched: int | None
    exact: int | None
    ambiguous: int | None
    score: float | None
    """Of the run with the lowest one."""
    confidence: float | None
    """Of the run with the lowest one."""
    seconds: float
    before: bool
    """Answered by an earlier run."""
    outputs: tuple[str, ...]
    """Names in the batch's folder."""
    log: str
    """Of the job, from the batch's folder on."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "outputs": list(self.outputs)}


def row_of(shelf: Shelf, result: dict[str, Any], before: bool) -> Row:
    """A pair's row, from its result. Tolerates figures that are not there."""
    figures = result.get("figures") or {}
    found = [run for run in figures.get("runs", []) if run.get("verdict") != "unmatched"]
    status = result.get("exit_status")
    folder = os.path.dirname(os.path.dirname(shelf.job.folder))
    return Row(
        line=shelf.pair.line,
        name=shelf.pair.name,
        clip=shelf.pair.clip,
        ref=shelf.pair.ref,
        state=STATES[0] if status == 0 else STATES[1] if status == 3 else STATES[2],
        sentence=str(result.get("sentence", "")),
        ref_frames=figures.get("ref_frames"),
        matched=figures.get("matched"),
        exact=figures.get("exact"),
        ambiguous=figures.get("ambiguous"),
        score=min((run.get("score", 0.0) for run in found), default=None),
        confidence=min((run.get("confidence", 0.0) for run in found), default=None),
        seconds=float(result.get("seconds", 0.0)),
        before=before,
        outputs=tuple(os.path.relpath(path, folder) for path in result.get("outputs", [])),
        log=os.path.relpath(shelf.job.log_path, folder),
    )


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """How many pairs are in each state."""
    return {state: sum(row.state == state for row in rows) for state in STATES}


def sentence(rows: Sequence[Row]) -> str:
    """How the batch went, in one sentence."""
    count = counts(rows)
    if count["done"] == len(rows):
        return "The one pair is aligned." if len(rows) == 1 else f"All {len(rows)} pairs are aligned."
    parts = [f"{count['done']} aligned"]
    if count["not the same footage"]:
        parts.append(f"{count['not the same footage']} not of the same footage")
    if count["failed"]:
        parts.append(f"{count['failed']} failed")
    return f"Of {len(rows)} {'pair' if len(rows) == 1 else 'pairs'}, {', '.join(parts)}."


def to_csv(rows: Sequence[Row]) -> str:
    """One line a pair under a line of names, as RFC 4180 has it. A text that a spreadsheet would take for a formula gets a ' before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = [name for name in Row.__dataclass_fields__ if name != "outputs"]
    writer.writerow([*names, "outputs"])
    for row in rows:
        body = row.to_json()
        writer.writerow([_cell(body[name]) for name in names] + [_cell(" ".join(row.outputs))])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
