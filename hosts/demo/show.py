"""The demo: make a pair whose truth is known, align it as anybody would, and hold the answer against the truth."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.alignment import Alignment
from ...core.errors import OutputError
from ...core.leftovers import new_folder
from .. import jobs
from . import cutting, looks, placing
from .judge import Score, judge
from .scene import reel
from .twin import Coding, Side, Twin

OUTPUTS = ("out.otio", "out.edl", "out.json", "report.html")
EXACT = 1.0
SPACE_PX = 0.5
"""Farther off than this, the demo has failed."""


def pair() -> Twin:
    """A film at 23.976, and another edit of it: a shot cut short, foreign frames in between, PAL speed, cropped, smaller,
    regraded, softer, with a logo."""
    film = reel(11, (60, 54, 48, 66), rate=Fraction(24000, 1001))
    return Twin(
        name="demo",
        source=film,
        foreign=reel(12, (40,)),
        ref=Side(coding=Coding(crf=18)),
        clip=Side(
            time=(cutting.cut(84, 114), cutting.insert(132, 20), cutting.trim(8, 210), cutting.retag(Fraction(25))),
            space=(placing.crop(48, 20, 560, 316), placing.scale(0.75)),
            look=(looks.grade((0.9, 1.0, 1.12), (8, 2, -4)), looks.gamma(1.12), looks.blur(0.7), looks.logo()),
            coding=Coding(crf=26),
        ),
    )


def show(out_dir: Path, say: Callable[[str], None]) -> int:
    """Make the pair, align it, say how right the answer is; returns the exit status: 1 where it is wrong.

    Writes clip.mp4, ref.mp4, truth.json and OUTPUTS into a folder, made where it is missing.
    Raises OutputError where that cannot be written.
    """
    try:
        truth = _made(out_dir)
    except OSError as error:
        raise OutputError(f"{out_dir} cannot be written: {error.strerror or error}", "name another folder with --out") from error
    say(f"made: {out_dir / 'ref.mp4'}, {truth['ref_frames']} frames at 23.976, {_size(truth['ref_size'])}")
    say(f"made: {out_dir / 'clip.mp4'}, {truth['clip_frames']} frames at 25, {_size(truth['clip_size'])}: another edit, cropped, regraded, softer")
    say(f"running: genlock align {out_dir / 'clip.mp4'} {out_dir / 'ref.mp4'} " + " ".join(f"-o {out_dir / name}" for name in OUTPUTS))
    result = _align(out_dir)
    say(result["sentence"])
    if result["exit_status"]:
        return int(result["exit_status"])
    score = _score(truth, Alignment.load(out_dir / "out.json"))
    _say_score(score, say)
    say(f"report: {out_dir / 'report.html'}")
    fine = score.exact >= EXACT and score.space_px is not None and score.space_px <= SPACE_PX
    return 0 if fine else 1


def _made(out_dir: Path) -> dict[str, Any]:
    """The pair and its truth in the folder: written beside and renamed, so that half a film is never taken for one."""
    out_dir.mkdir(parents=True, exist_ok=True)
    beside = Path(new_folder(".demo-", str(out_dir)))
    try:
        truth = pair().write(beside)
        for path in beside.iterdir():
            os.replace(path, out_dir / path.name)
        return truth
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _align(out_dir: Path) -> dict[str, Any]:
    """The job, as the command line would run it; its result.json."""
    from ..worker.run import run

    here = out_dir.resolve()
    request = jobs.Request(
        "align", {"clip": str(here / "clip.mp4"), "ref": str(here / "ref.mp4")}, tuple(str(here / name) for name in OUTPUTS), {"cache": "off"}
    )
    with tempfile.TemporaryDirectory(prefix="genlock-demo-") as scratch:
        job = jobs.Job.create(str(Path(scratch) / "job"), request)
        return run(job.folder).result


def _score(truth: dict[str, Any], alignment: Alignment) -> Score:
    def matrix_at(frame: int) -> NDArray[np.float64] | None:
        matrix = alignment.matrix_at(frame)
        return None if matrix is None else np.array(matrix).reshape(3, 3)

    return judge(truth, alignment.clip_frames(), matrix_at)


def _say_score(score: Score, say: Callable[[str], None]) -> None:
    place = "no place was told" if score.space_px is None else f"{score.space_px:.2f} px off on average"
    say(f"against the known truth: {score.right} of {score.frames} ref frames right; place: {place}")


def _size(size_wh: Any) -> str:
    return f"{size_wh[0]}x{size_wh[1]}"
