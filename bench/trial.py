"""One tool on one pair: what it answered, how right that is, what it cost."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from genlock.bench.sampling import Keys, matrix_at, played
from genlock.bench.tools import Tool
from genlock.hosts.demo.judge import judge

MEASURE = Path(__file__).with_name("measure.py")
NOT_THE_SAME = 3


@dataclass(frozen=True)
class Trial:
    """A row of the table."""

    pair: str
    tool: str
    exit: int
    exact: float
    worst: float
    space_px: float | None
    wall_s: float
    cpu_s: float
    over_decode: float
    peak_mb: float
    said: str = ""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return asdict(self)


def decode_s(*paths: Path) -> float:
    """Seconds to decode the pictures of some files once, with all cores: no aligner that looks can be faster."""
    began = time.perf_counter()
    for path in paths:
        with av.open(str(path)) as box:
            box.streams.video[0].thread_type = "AUTO"
            for _ in box.decode(video=0):
                pass
    return time.perf_counter() - began


def truth_of(folder: Path) -> dict[str, Any]:
    """The truth of a pair. Pairs of other makers may leave out what the files are called, and that no frame shows elsewhere too."""
    body = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {"clip": "clip.mp4", "ref": "ref.mp4", "also": [[] for _ in range(body["ref_frames"])], **body}


def trial(tool: Tool, folder: Path, base_s: float) -> Trial:
    """Run a tool on the pair in a folder; base_s is what decoding it takes."""
    truth = truth_of(folder)
    with tempfile.TemporaryDirectory(prefix="genlock-trial-") as scratch:
        out, figures = Path(scratch) / "out.otio", Path(scratch) / "figures.json"
        argv = tool.argv(folder / truth["clip"], folder / truth["ref"], out)
        command = [sys.executable, str(MEASURE), "--to", str(figures), *argv]
        run = subprocess.run(command, capture_output=True, text=True, env=tool.environment(Path(scratch) / "cache"), check=False)
        cost = json.loads(figures.read_text(encoding="utf-8"))
        frames, keys = _answer(out, int(cost["exit"]), truth)
    score = judge(truth, frames, _matrices(keys)) if frames is not None else None
    return Trial(
        pair=truth["name"],
        tool=tool.name,
        exit=int(cost["exit"]),
        exact=score.exact if score else 0.0,
        worst=score.worst if score else float("nan"),
        space_px=score.space_px if score else None,
        wall_s=cost["wall_s"],
        cpu_s=cost["cpu_s"],
        over_decode=cost["wall_s"] / base_s,
        peak_mb=cost["peak_mb"],
        said="" if cost["exit"] == 0 else _last_line(run.stderr),
    )


def _last_line(text: str) -> str:
    """What was said last; the lines before are progress."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _answer(out: Path, status: int, truth: dict[str, Any]) -> tuple[list[int | None] | None, list[Keys]]:
    """(None, []) where the tool gave none. Saying that the two are not the same footage is an answer: nothing plays."""
    if out.exists():
        return played(out, truth)
    if status == NOT_THE_SAME:
        return [None] * truth["ref_frames"], [[]] * truth["ref_frames"]
    return None, []


def _matrices(keys: list[Keys]) -> Callable[[int], NDArray[np.float64] | None]:
    return lambda frame: matrix_at(keys[frame], frame)
