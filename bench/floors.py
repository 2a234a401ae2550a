"""Hold the figures of a bench run against floors; exit 1 and say which fell.

    python floors.py CASES.json [LONG.json LONG_DIR]

CASES.json and LONG.json are what the scorer of the real-footage bench writes with --json: a list of rows with case,
exact (0 to 1), space_px, over_decode (wall time over the time to decode both files), exit. LONG_DIR holds 2/ and 10/,
each with an out.otio.measured.json by measure.py.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]
SPACE_WORST_PX = {"audio_offset": 1.5}
"""Allowed instead of the usual worst; this case is a quarter the size, blurred, and full of grain."""
GROWTH = 1.15
"""Peak memory of ten minutes over that of two."""


@dataclass(frozen=True)
class Floor:
    """One figure and its bound."""

    name: str
    value: float
    bound: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """A figure that is no number never holds."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        return f"{'ok  ' if self.holds else 'FELL'}  {self.name:44s} {self.value:9.3f}  {'>=' if self.at_least else '<='} {self.bound:g}"


def of_cases(rows: list[Row]) -> Iterator[Floor]:
    """Floors of the short pairs."""
    yield Floor("pairs", len(rows), 1, at_least=True)
    yield Floor("mean exact", statistics.fmean(row["exact"] for row in rows) if rows else float("nan"), 0.97, at_least=True)
    for row in rows:
        yield Floor(f"{row['case']}: exact", row["exact"], 0.90, at_least=True)
        if row["case"] == "unrelated":
            yield Floor("unrelated: exit status is 3", float(row["exit"] == 3), 1, at_least=True)
        if "space_px" in row:
            yield Floor(f"{row['case']}: space px", row["space_px"], SPACE_WORST_PX.get(row["case"], 0.6))
    yield Floor("median space px", _median(rows, "space_px"), 0.15)
    yield Floor("median x decode", _median(rows, "over_decode"), 4)


def of_long(rows: list[Row], peaks_mb: dict[str, float]) -> Iterator[Floor]:
    """Floors of the pairs of two and ten minutes; peaks_mb by the pair's name."""
    ten = next((row for row in rows if row["case"] == "10"), {})
    missing = float("nan")
    yield Floor("10 minutes: exact", ten.get("exact", missing), 0.98, at_least=True)
    yield Floor("10 minutes: x decode", ten.get("over_decode", missing), 2)
    yield Floor("10 minutes: peak MB", peaks_mb.get("10", missing), 1000)
    yield Floor("10 minutes: peak over that of 2 minutes", peaks_mb.get("10", missing) / peaks_mb.get("2", missing), GROWTH)


def _median(rows: list[Row], name: str) -> float:
    values = [row[name] for row in rows if name in row]
    return statistics.median(values) if values else float("nan")


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 3):
        print(__doc__, file=sys.stderr)
        return 2
    floors = list(of_cases(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))))
    if len(arguments) == 3:
        peaks = {path.parent.name: json.loads(path.read_text(encoding="utf-8"))["peak_mb"] for path in Path(arguments[2]).glob("*/*.measured.json")}
        floors += of_long(json.loads(Path(arguments[1]).read_text(encoding="utf-8")), peaks)
    for floor in floors:
        print(floor)
    fell = [floor.name for floor in floors if not floor.holds]
    print(f"{len(floors) - len(fell)} of {len(floors)} floors hold" + (f"; fell: {', '.join(fell)}" if fell else ""))
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
