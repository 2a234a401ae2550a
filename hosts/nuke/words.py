"""What the node says of an answer and of a failure. No nuke here."""

from __future__ import annotations

from typing import Any

_WIDE = 24


def progress_line(done: float, what: str) -> str:
    """A bar in text: there is no other one that leaves Nuke's window free."""
    full = int(max(0.0, min(1.0, done)) * _WIDE)
    return f"[{'|' * full}{'.' * (_WIDE - full)}] {done:.0%} {what}"


def found_line(figures: dict[str, Any]) -> str:
    """Verdict and confidence of an answer, in one line.

    The confidence is that of the run that is least sure, since one wrong run is enough to spoil a comp.
    """
    counts = [f"{figures[name]} {name}" for name in ("exact", "ambiguous", "unmatched") if figures.get(name)]
    sure = [run["confidence"] for run in figures.get("runs", ()) if run.get("verdict") != "unmatched"]
    text = f"frames of ref: {', '.join(counts)}"
    return f"{text}; least confidence {min(sure):.0%}" if sure else text
