"""The embedded fill of every frame: the background is found in the neighbouring ones. Its report says what to expect."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..project import Project
from .bench import Bench
from .step import Step


def _wanted(project: Project) -> bool:
    return project.config.inpaint.backend == "classic"


def _given(project: Project) -> Any:
    return project.config.fill.to_json()


def _run(bench: Bench) -> None:
    from ..fill import fill_shot

    project = bench.project
    frames = project.frames()
    suffix = ".exr" if frames.dtype.kind == "f" else ".png"

    def out(number: int, picture: np.ndarray) -> None:
        bench.save_picture(f"fill/{number:06d}{suffix}", picture)

    settings = project.config.fill
    report = fill_shot(frames.__getitem__, project.mask, out, project.span, project.facts["cuts"], settings, bench.progress)
    bench.save_json("fill/report.json", report.to_json())
    for shot in report.shots:
        if not shot.masked_px:
            continue
        which = f"frame {shot.first} is" if shot.first == shot.last else f"frames {shot.first} to {shot.last} are"
        expected = f"about {shot.expected_db:.0f} dB inside the mask" if shot.expected_db is not None else "untested"
        bench.tell(f"{which} filled by {shot.method}; by the self-test, {expected}")
        if shot.unseen_px:
            share = 100 * shot.unseen_px / shot.masked_px
            bench.tell(f"{share:.0f} % of what is masked there is seen in no frame, and was made up from around it")


STEP = Step("fill", "filling from neighbouring frames", ("extract", "mask"), _run, given=_given, wanted=_wanted, share=6.0)
